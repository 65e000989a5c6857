#!/bin/sh
# Packets per second of `read --format summary`, beside a libpcap loop that does nothing, in pairs:
# the machine may be busy, the ratio holds. BENCH_PACKETS (1000000), BENCH_PAIRS (5).
set -eu
cd "$(dirname "$0")/../.."
packets=${BENCH_PACKETS:-1000000} pairs=${BENCH_PAIRS:-5}
mkdir -p build/bench
[ -s "build/bench/bulk-$packets.pcap" ] ||
	/usr/bin/python3 tests/bench/bulk.py "$packets" "build/bench/bulk-$packets.pcap"
${CC:-cc} -O2 -o build/bench/null tests/bench/null.c -lpcap
/usr/bin/python3 - "$packets" "$pairs" <<'PY'
import os, statistics, subprocess, sys
packets, pairs = int(sys.argv[1]), int(sys.argv[2])
capture = f"build/bench/bulk-{packets}.pcap"
commands = {
    "null libpcap loop": ["build/bench/null", capture],
    "read --format summary": ["./wireladder", "read", capture, "--format", "summary", "-o", "-"],
    "read -o x.jsonl": ["./wireladder", "read", capture, "-o", "build/bench/x.jsonl"],
}
def cpu(command):
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return (after.children_user - before.children_user) + (after.children_system - before.children_system)
times = {name: [] for name in commands}
for name, command in commands.items():
    cpu(command)
for _ in range(pairs):
    for name, command in commands.items():
        times[name].append(cpu(command))
floor = times["null libpcap loop"]
for name, seconds in times.items():
    ratio = statistics.median(own / base for own, base in zip(seconds, floor))
    ns = statistics.median(seconds) / packets * 1e9
    print(f"{name:24} {ns:8.0f} ns/packet {packets / statistics.median(seconds):12.0f} packets/s"
          f" {ratio:8.2f} x the null loop")
PY
