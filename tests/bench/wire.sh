#!/bin/sh
# The lab in figures: time until it is ready, how late frames leave the wire, and a flood through it
# with both taps running, in which everything must add up. BENCH_LABS (50), BENCH_RATE (100000),
# BENCH_SECONDS (5). A busy machine makes them worse: the load is printed beside them.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p build/bench
make --no-print-directory all build/product/wireladder.a >/dev/null
${CC:-cc} -O2 -std=c11 -D_GNU_SOURCE -Iinclude -o build/bench/wire tests/bench/wire.c \
	build/product/wireladder.a -lpcap -lcjson -lz -lzstd
echo "load $(cut -d ' ' -f 1-3 /proc/loadavg)"
build/bench/wire setup "${BENCH_LABS:-50}"
build/bench/wire delay
build/bench/wire flood "${BENCH_RATE:-100000}" "${BENCH_SECONDS:-5}"
