#!/bin/sh
# What a socket call costs under `run`, beside the same untraced and under strace (where it is
# installed): 10,000 pairs of send and recv, and 1,000 connections, timed by the program that makes
# them. strace as people call it, and with a filter like ours, which stops at fewer calls. In turns,
# since the machine may be busy; the medians of the ratios hold. BENCH_PAIRS (5).
set -eu
cd "$(dirname "$0")/../.."
mkdir -p build/bench
${CC:-cc} -O2 -D_GNU_SOURCE -o build/bench/trace tests/bench/trace.c
echo "load $(cut -d ' ' -f 1-3 /proc/loadavg)"
/usr/bin/python3 - "${BENCH_PAIRS:-5}" <<'PY'
import shutil, statistics, subprocess, sys
rounds = int(sys.argv[1])
run = ["./wireladder", "run", "-q", "-o", "build/bench/trace.jsonl"]
ways = {"untraced": [], "run --no-kernel": run + ["--no-kernel", "--"], "run": run + ["--"]}
straces = ["strace -f -e trace=network", "strace -f --seccomp-bpf -e trace=network,close"]
if shutil.which("strace"):
    ways.update((way, [*way.split(), "-o", "/dev/null"]) for way in straces)
else:
    straces = []
print(f"{'median ns per call, beside:':70} untraced", *("  strace", "  filter")[:len(straces)])
for load in (["send", "10000"], ["connect", "1000"]):
    costs = {way: [] for way in ways}
    for _ in range(rounds + 1):
        for way, before in ways.items():
            out = subprocess.run(before + ["build/bench/trace"] + load, check=True,
                                 capture_output=True, text=True).stdout
            costs[way].append(float(out))
    costs = {way: ns[1:] for way, ns in costs.items()} # the first one warms up
    def ratio(way, base):
        return statistics.median(own / other for own, other in zip(costs[way], costs[base]))
    for way, ns in costs.items():
        times = (f"{ratio(way, base):8.2f}" for base in ("untraced", *straces))
        print(f"{' '.join(load):13} {way:47} {statistics.median(ns):8.0f}", *times)
PY
