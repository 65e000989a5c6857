#!/usr/bin/python3
"""Checks lessons against src/lab/lesson.schema.json. Needs Debian's python3-jsonschema.

  validate_lessons.py FILE…   0: all fit; 1: the differences are printed; 2: could not run

And the schema itself: it must refuse each of these files with a key more in any object but the
settings of hosts, whose keys are the kernel's.
"""
import copy
import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is missing; install it, or run /usr/bin/python3")
    sys.exit(2)

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "src/lab/lesson.schema.json"


def objects(value, path=()):
    """The paths of all objects with keys of ours."""
    if isinstance(value, dict) and path[:1] + path[2:] != ("hosts",):
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, (dict, list)):
            yield from objects(item, path + (key,))


def with_a_key_more(lesson, path):
    changed = copy.deepcopy(lesson)
    at = changed
    for key in path:
        at = at[key]
    at["unknown"] = 1
    return changed


def main(files):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator, failed, objects_seen = jsonschema.Draft202012Validator(schema), 0, 0
    for file in files:
        lesson = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
        for error in validator.iter_errors(lesson):
            failed += 1
            print(f"{file}: at {'/'.join(map(str, error.absolute_path))}: {error.message}")
        for path in objects(lesson):
            objects_seen += 1
            if validator.is_valid(with_a_key_more(lesson, path)):
                failed += 1
                print(f"{file}: at {'/'.join(map(str, path))}: an unknown key is let pass")
    print(f"{len(files)} lessons, {objects_seen} objects, {failed} differences")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
