#!/bin/sh
# Packets per second of `read --format summary`, beside a libpcap loop that does nothing, in pairs:
# the machine may be busy, the ratio holds. BENCH_PACKETS (1000000) of bulk transfer, or a capture
# of your own, BENCH_FILE; BENCH_PAIRS (5).
set -eu
cd "$(dirname "$0")/../.."
packets=${BENCH_PACKETS:-1000000} pairs=${BENCH_PAIRS:-5}
capture=${BENCH_FILE:-build/bench/bulk-$packets.pcap}
mkdir -p build/bench
[ -n "${BENCH_FILE:-}" ] || [ -s "$capture" ] ||
	/usr/bin/python3 tests/bench/bulk.py "$packets" "$capture"
${CC:-cc} -O2 -o build/bench/null tests/bench/null.c -lpcap
packets=$(build/bench/null "$capture") || { echo "bench: cannot read $capture" >&2; exit 1; }
/usr/bin/python3 - "$capture" "$packets" "$pairs" <<'PY'
import resource, shutil, statistics, subprocess, sys
capture, packets, pairs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
program = "build/bench/wireladder"
commands = {
    "null libpcap loop": ["build/bench/null", capture],
    "read --format summary": [program, "read", capture, "--format", "summary", "-o", "-"],
    "read -o x.jsonl": [program, "read", capture, "-o", "build/bench/x.jsonl"],
}
def spent():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
def cpu(command):
    before = spent()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return spent() - before
times = {name: [] for name in commands}
for _ in range(pairs + 1):
    # Where the program lies in memory is worth a twentieth: a new copy for each pair.
    shutil.copy("wireladder", program)
    for name, command in commands.items():
        times[name].append(cpu(command))
times = {name: seconds[1:] for name, seconds in times.items()} # the first one warms up
floor = times["null libpcap loop"]
for name, seconds in times.items():
    ratio = statistics.median(own / base for own, base in zip(seconds, floor))
    ns = statistics.median(seconds) / packets * 1e9
    print(f"{name:24} {ns:8.0f} ns/packet {packets / statistics.median(seconds):12.0f} packets/s"
          f" {ratio:8.2f} x the null loop")
PY
