#!/usr/bin/python3
"""The IPv6 twin of a lesson: the same steps over the other family, on standard output.

  twin.py LESSON.json
"""
import json
import re
import sys


def twin(value):
    if isinstance(value, dict):
        return {key: value[key] + "6" if key == "socket" else twin(value[key]) for key in value}
    if isinstance(value, list):
        return [twin(item) for item in value]
    if isinstance(value, str):
        return re.sub(r"^10\.77\.0\.(\d+)(:\d+)$", r"[fd77::\1]\2", value)
    return value


lesson = json.load(open(sys.argv[1], encoding="utf-8"))
lesson["programs"] = twin(lesson["programs"])
lesson["ipv6"] = True
json.dump(lesson, sys.stdout)
