#!/bin/sh
# The walls of the house: every #include of src/ and include/ against src/layers.txt, and the sizes
# of doors and files. walls.sh [ROOT]; prints each breach, fails if there is any.
set -eu
cd "${1:-.}"
find src include -name '*.[ch]' | sort | xargs awk '
function room_of(path, parts) {
	if (path ~ /^include\/wireladder\//) {
		sub(/^include\/wireladder\//, "", path)
		sub(/[._].*/, "", path)
		return path
	}
	split(path, parts, "/")
	return parts[2]
}
function breach(what) {
	printf "%s:%d: %s\n", FILENAME, FNR, what
	breaches++
}
BEGIN {
	while ((getline line < "src/layers.txt") > 0) {
		if (line ~ /^#/ || line !~ /:/) continue
		room = line
		sub(/:.*/, "", room)
		sub(/^[^:]*:/, "", line)
		count = split(line, words, " ")
		known[room] = 1
		for (i = 1; i <= count; i++) {
			may[room, words[i]] = 1
			if (words[i] ~ /^</) guarded[words[i]] = 1
		}
	}
}
FNR == 1 {
	here = room_of(FILENAME)
	if (!(here in known)) breach("room " here " is not in src/layers.txt")
}
/^[ \t]*#[ \t]*include/ {
	target = $0
	sub(/^[ \t]*#[ \t]*include[ \t]*/, "", target)
	sub(/[ \t]*(\/[*\/].*)?$/, "", target)
	if (target ~ /^"wireladder\//) {
		door = target
		gsub(/"/, "", door)
		there = room_of("include/" door)
		if (there != here && !((here, there) in may))
			breach(here " may not include the door of " there)
	} else if (target ~ /^".*\//) {
		breach("a path through the wall: " target)
	} else if (target in guarded && !((here, target) in may)) {
		breach(here " may not include " target)
	}
}
{ lines[FILENAME] = FNR }
END {
	for (file in lines) {
		limit = file ~ /^include/ ? 150 : 500
		if (lines[file] > limit) {
			printf "%s: %d lines, more than %d\n", file, lines[file], limit
			breaches++
		}
	}
	if (breaches) exit 1
}'
