#!/bin/sh
# The echo pair against other people's programs: netcat, the textbook's Python programs, ten
# thousand clients. echo.sh PROGRAM; prints ok, not ok or skip for each test.
exec /usr/bin/python3 "$(dirname "$0")/echo.py" "$@"
