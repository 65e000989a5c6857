"""What must hold of every pair of programs that talked: both told, calls joined to their packets.
run_check.py TIMELINE.json"""
import json
import sys

records = json.load(open(sys.argv[1]))["records"]
calls = {r["id"]: r for r in records if r["k"] == "call"}
programs = {r["id"]: r for r in records if r["k"] == "program"}
closed = [r for r in records if r["k"] == "closed"]
assert {"server", "client"} <= {p["name"] for p in programs.values()}, programs
assert closed, "no conversation"
assert not [r for r in records if r["k"] == "note" and r["code"] in ("kernel-state", "late")], \
    [r for r in records if r["k"] == "note"]
convs = {r["conv"] for r in closed}
for conv in convs:
    mine = [c for c in calls.values() if c.get("conv") == conv]
    assert {c["from"] for c in mine} == {"client", "server"}, (conv, mine)
amended = {r["n"]: r["call"] for r in records if r["k"] == "amend" and "call" in r}
for r in records:
    if r["k"] not in ("tcp", "udp") or r["conv"] not in convs:
        continue
    made = calls.get(amended.get(r["n"], r.get("call")))
    if r["k"] == "tcp" and r["flags"] == "SYN":
        assert made and made["call"] == "connect", r
    if r.get("len", 0) > 0 and not r.get("verdicts"):
        assert made and made["from"] == r["from"], ("whose bytes?", r)
        assert made["t"] <= r["t"], (made, r)
        if r["k"] == "tcp":
            assert made["range"][0] <= r["seq"] < made["range"][1], (made, r)
assert any(c["call"].startswith("recv") or c["call"] == "read" for c in calls.values())
