#!/usr/bin/python3
"""Holds what `read --ends` made of a session against the truth that ends.py wrote.

  ends_check.py TRUTH TIMELINE [KEY=VALUE…]

Every departure has its record, in order; what arrived does so at its time and what did not is lost,
within the uncertainty that meta states. KEY: shift (s) and skew (ppm) to be found, lost, copies,
unknown, estimated: how many records say that (default 0)."""
import json
import sys

truth = json.load(open(sys.argv[1]))
lines = [json.loads(line) for line in open(sys.argv[2])]
given = dict(word.split("=", 1) for word in sys.argv[3:])
meta, packets = lines[0], [line for line in lines if line["k"] == "tcp"]
offset = meta["vantages"][1]["offset"]
bound = offset["uncertainty_ns"]
start = int(meta["start_ns"]) - 1_700_000_000 * 10**9


def count(key):
    return sum(key in packet for packet in packets)


unknown = sum("arrives" not in packet and "lost" not in packet for packet in packets)
found = {"lost": count("lost"), "copies": count("copy_of"), "estimated": count("t_estimated"), "unknown": unknown}
wanted = {key: int(given.get(key, 0)) for key in found}
assert found == wanted, (found, wanted)

if "shift" in given:
    shift, skew = float(given["shift"]) * 1e9, float(given["skew"])
    assert abs(offset["ns"] + shift) <= bound, offset
    assert abs(offset["ppm"] + skew) <= 3, offset
assert 0 < bound < 20e6, offset

by_departure = sorted(truth, key=lambda packet: packet["t"])
own = [packet for packet in packets if "copy_of" not in packet]
assert [packet["n"] for packet in packets] == list(range(1, len(packets) + 1)), "n counts"
assert len(own) == len(by_departure), (len(own), len(by_departure))
for packet, true in zip(own, by_departure):
    # n and frames agree about who sent it, and the clock at the sender's tap is that tap's own
    assert (packet["from"] == "client") == bool(true["forth"]), packet
    assert abs(packet["t"] + start - true["t"]) <= bound, (packet, true)
    assert ("lost" in packet) <= (not true["arrives"]), (packet, true)
    if "arrives" in packet:
        assert abs(packet["arrives"] + start - true["arrives"][0]) <= bound, (packet, true)
for packet in packets:
    if "copy_of" in packet:
        original = packets[packet["copy_of"] - 1]
        assert packet["seq"] == original["seq"] and packet["t"] == original["t"], packet
        assert packet["arrives"] > original["arrives"], packet

states = [line for line in lines if line["k"] == "state"]
assert [state["state"] for state in states if state["who"] == "server"][-1] == "CLOSED", states
assert all(a["t"] <= b["t"] for a, b in zip(states, states[1:])), states
closed = next(line for line in lines if line["k"] == "closed")
assert closed["vantage"]["place"] == "both" and closed.get("lost", 0) == wanted["lost"], closed
