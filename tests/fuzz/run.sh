#!/bin/sh
# Each fuzz target of tests/fuzz/ for FUZZ_SECONDS (60) under ASan + UBSan, starting from the project's
# own captures. Prints "fuzz: N passed, M failed"; what failed is kept in build/fuzz/.
set -u
cd "$(dirname "$0")/../.." || exit 2
seconds=${FUZZ_SECONDS:-60}
passed=0 failed=0
make --no-print-directory VARIANT=fuzz CC=clang build/fuzz/wireladder.a >/dev/null || exit 1
mkdir -p build/fuzz/run
for source in tests/fuzz/*.c; do
	name=$(basename "$source" .c)
	corpus=build/fuzz/run/$name
	mkdir -p "$corpus"
	if [ "$name" = reader ]; then
		cp captures/*.pcap* "$corpus" 2>/dev/null
		for capture in captures/*.pcap; do
			gzip -c "$capture" >"$corpus/$(basename "$capture").gz"
		done
	fi
	clang -std=c11 -D_GNU_SOURCE -Iinclude -g -O1 -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -o "build/fuzz/$name" "$source" build/fuzz/wireladder.a \
		-lpcap -lcjson -lz -lzstd || exit 1
	if (cd build/fuzz && "./$name" -max_total_time="$seconds" -timeout=1 -rss_limit_mb=512 \
		-max_len=65536 -print_final_stats=1 "run/$name" >"$name.log" 2>&1); then
		passed=$((passed + 1))
		sed -n 's/^stat::number_of_executed_units: */'"$name"': executions /p' "build/fuzz/$name.log"
	else
		failed=$((failed + 1))
		echo "not ok fuzz $name"
		tail -n 30 "build/fuzz/$name.log"
	fi
done
echo "fuzz: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
