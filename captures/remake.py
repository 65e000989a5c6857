#!/usr/bin/env python3
"""Plays every lesson of the shelf once and keeps what both hosts' taps saw, with a table of it.

usage: remake.py [LESSON…]    from the top of the project, after `make`; seed 1

Captures of more than 100 KB keep 128 bytes of each packet: headers, options and a little payload.
"""
import gzip, json, pathlib, struct, subprocess, sys, tempfile

SHELF = pathlib.Path("captures/lessons")
LARGE, KEPT = 100_000, 128
NOBODY = 0          # gzip's time and name: the same bytes for the same capture


def cut(pcap):
    """The same packets, with KEPT bytes of each."""
    out, at = bytearray(pcap[:24]), 24
    struct.pack_into("<I", out, 16, KEPT)
    while at < len(pcap):
        seconds, fraction, caplen, length = struct.unpack_from("<IIII", pcap, at)
        kept = min(caplen, KEPT)
        out += struct.pack("<IIII", seconds, fraction, kept, length) + pcap[at + 16:at + 16 + kept]
        at += 16 + caplen
    return bytes(out)


def keep(folder, name):
    target = SHELF / name
    target.mkdir(exist_ok=True)
    for end in ("client", "server"):
        pcap = (pathlib.Path(folder) / f"{end}.pcap").read_bytes()
        pcap = cut(pcap) if len(pcap) > LARGE else pcap
        (target / f"{end}.pcap.gz").write_bytes(gzip.compress(pcap, 9, mtime=NOBODY))


def told(name):
    """What the two captures tell when they are joined: packets, lost, conversations."""
    lines = subprocess.run(["./wireladder", "read", "--ends", "--clock-offset", "0", SHELF / name / "client.pcap.gz",
                            SHELF / name / "server.pcap.gz", "-o", "-", "--format", "jsonl", "--no-bytes"],
                           check=True, capture_output=True, text=True).stdout.splitlines()
    records = [json.loads(line) for line in lines]
    packets = [r for r in records if r["k"] in ("tcp", "udp", "icmp", "fragment")]
    return len(packets), sum(r.get("lost", False) for r in packets), records[-1].get("conversations", 0)


def main():
    names = [line.split("#")[0].strip() for line in (SHELF / "SHELF").read_text().splitlines()]
    names = [name for name in names if name]
    for name in sys.argv[1:] or names:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["./wireladder", "lab", name, "--seed", "1", "--pcap", folder, "-q", "--format", "summary"],
                           check=True, stdout=subprocess.DEVNULL)
            keep(folder, name)
        print(name)
    rows = []
    for name in names:
        lesson = json.loads((SHELF / f"{name}.json").read_text())
        packets, lost, conversations = told(name)
        rows.append(f"| `{name}` | {lesson['title']} | {packets} | {lost} | {conversations} |\n")
    (SHELF / "CAPTURES.md").write_text(
        "# What the lessons' captures show\n\nEach lesson was played once by `captures/remake.py` (seed 1); its folder "
        "holds what the taps at both\nhosts saw. `wireladder read --ends --clock-offset 0 "
        "NAME/client.pcap.gz NAME/server.pcap.gz` joins them.\n\n"
        "| lesson | shows | packets | lost | conversations |\n|---|---|---:|---:|---:|\n" + "".join(rows))


if __name__ == "__main__":
    main()
