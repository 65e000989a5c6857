#!/usr/bin/python3
"""Checks timelines (.jsonl, .json, .html) against src/out/timeline.schema.json and its rules.

  validate.py FILE…     0: all are right; 1: the differences are printed; 2: could not run

Beyond the schema: JSON without liberties (no key twice, no NaN, no raw '<', valid UTF-8), meta
first and summary last, conversations announced before they are used, verdicts in the glossary, and
for pages the blocks' numbers, lengths and checksums. Needs Debian's python3-jsonschema.
"""
import base64
import gzip
import json
import pathlib
import re
import sys
import zlib

try:
    import jsonschema
except ImportError:
    sys.exit("validate.py: python3-jsonschema is missing; install it, or run /usr/bin/python3")

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "src/out/timeline.schema.json"
SHOWN = 20              # differences printed of one file
DOCUMENT_START, DOCUMENT_END = b'{"wireladder":1,"records":[', b"]}"
BLOCK = re.compile(
    rb'<script type="application/x-wireladder\+gzip" data-block="(\d+)" data-length="(\d+)" '
    rb'data-crc32="([0-9a-f]{8})">([A-Za-z0-9+/=]*)</script>')
END = re.compile(
    rb'<script type="application/x-wireladder-end" data-blocks="(\d+)" data-records="(\d+)">'
    rb'</script>')


class Wrong(Exception):
    """The file is no timeline at all."""


def strict(value):
    """For json.loads, which alone would take NaN and a key that stands twice in one object."""
    if isinstance(value, str):
        raise ValueError(f"{value} is not JSON")
    if len(dict(value)) < len(value):
        raise ValueError("a key stands twice in one object")
    return dict(value)


def strict_json(text):
    return json.loads(text.decode("utf-8"), object_pairs_hook=strict, parse_constant=strict)


def whole_lines(data):
    lines = data.split(b"\n")
    if lines.pop():
        raise Wrong("the last line is not ended")
    return lines


def document_lines(data):
    strict_json(data)
    lines = whole_lines(data)
    if lines[0] != DOCUMENT_START or lines[-1] != DOCUMENT_END:
        raise Wrong("the document does not begin or end as it should")
    inner = lines[1:-1]
    if not all(line.endswith(b",") for line in inner[:-1]) or inner[-1].endswith(b","):
        raise Wrong("records are not ended by commas")
    return [line.rstrip(b",") for line in inner]


def page_lines(data):
    lines = []
    for place, match in enumerate(BLOCK.finditer(data), 1):
        number, length, checksum, text = match.groups()
        zipped = base64.b64decode(text, validate=True)
        raw = gzip.decompress(zipped)
        if int(number) != place or int(length) != len(raw) or len(raw) > 16 << 20:
            raise Wrong(f"block {place}: number {number!r}, length {length!r}, has {len(raw)}")
        if int(checksum, 16) != zlib.crc32(raw):
            raise Wrong(f"block {place}: wrong checksum")
        if zipped[4:8] != bytes(4) or zipped[9] != 255:
            raise Wrong(f"block {place}: its gzip header depends on time or system")
        lines += whole_lines(raw)
    ends = END.findall(data)
    blocks = len(BLOCK.findall(data))
    if ends != [(str(blocks).encode(), str(len(lines)).encode())]:
        raise Wrong(f"end elements {ends}, but {blocks} blocks and {len(lines)} records")
    return lines


READERS = {".jsonl": whole_lines, ".json": document_lines, ".html": page_lines}


class Timeline:
    """One file's records in order, and what was wrong with them."""

    def __init__(self, validator):
        self.validator, self.problems = validator, []
        self.kinds, self.conversations, self.glossary = [], set(), {}

    def problem(self, line, text):
        self.problems.append(f"record {line}: {text}")

    def take(self, number, line):
        if b"<" in line:
            self.problem(number, "'<' is not escaped")
        try:
            record = strict_json(line)
        except (ValueError, RecursionError) as error:
            self.problem(number, error)
            return
        for error in self.validator.iter_errors(record):
            where = "/".join(str(step) for step in error.absolute_path)
            self.problem(number, f"{where or 'record'}: {error.message[:300]}")
        if isinstance(record, dict):
            self.take_record(number, record)

    def take_record(self, number, record):
        kind, conv = record.get("k"), record.get("conv")
        self.kinds.append(kind)
        if kind == "meta":
            self.glossary = record.get("glossary", {})
        if kind == "conversation":
            if conv in self.conversations:
                self.problem(number, f"conversation {conv} stands twice")
            self.conversations.add(conv)
        elif kind != "closed" and conv is not None and conv not in self.conversations:
            self.problem(number, f"conversation {conv} was not announced")
        for verdict in record.get("verdicts", ()):
            name = verdict if isinstance(verdict, str) else verdict.get("id")
            if name not in self.glossary:
                self.problem(number, f"{name} is not in the glossary")

    def finish(self):
        for kind, place in (("meta", 0), ("summary", -1)):
            if not self.kinds or self.kinds[place] != kind or self.kinds.count(kind) != 1:
                self.problem("order", f"{kind} is not there once in its place")


def check(path, validator):
    timeline = Timeline(validator)
    try:
        if path.suffix not in READERS:
            raise Wrong(f"ends in none of {' '.join(READERS)}")
        for number, line in enumerate(READERS[path.suffix](path.read_bytes()), 1):
            timeline.take(number, line)
        timeline.finish()
    except (Wrong, ValueError, OSError, EOFError, zlib.error) as error:
        timeline.problem("file", error)
    return timeline


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator, failed = jsonschema.Draft202012Validator(schema), 0
    for path in map(pathlib.Path, sys.argv[1:]):
        timeline = check(path, validator)
        failed += bool(timeline.problems)
        print(f"{'FAIL' if timeline.problems else 'ok  '} {path}: {len(timeline.kinds)} records")
        for text in timeline.problems[:SHOWN]:
            print(f"     {text}")
        if len(timeline.problems) > SHOWN:
            print(f"     and {len(timeline.problems) - SHOWN} more")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
