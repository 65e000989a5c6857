#!/bin/sh
# What compilers and checkers say: clang with the same warnings as errors, cppcheck, the checker of
# shell scripts, columns, banned calls. Prints "lint: N passed, M failed".
set -u
passed=0 failed=0

# try NAME COMMAND…: silent when it passes.
try()
{
	name=$1
	shift
	if out=$("$@" 2>&1); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'not ok %s\n%s\n' "$name" "$out"
	fi
}

try clang make --no-print-directory VARIANT=clang CC=clang programs tests
# shellcheck disable=SC2086 # words are meant
try cppcheck cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr -Iinclude \
	--enable=warning,portability --suppress=missingIncludeSystem \
	--suppress=normalCheckLevelMaxBranches --suppress=unknownMacro src
# shellcheck disable=SC2046
try shellcheck shellcheck -S warning -e SC2034 -s sh $(git ls-files '*.sh')
try shellcheck-ci shellcheck -S warning .ci/run
try whitespace sh -c '! git grep -nIE "[ 	]+$" -- src include tests web "*.md" Makefile'
# Tabs are 8 wide, a character of UTF-8 is one column.
try columns sh -c 'git ls-files "src/*.[ch]" "include/*.h" | while read -r file; do
	expand -t 8 "$file" | LC_ALL=C sed "s/[\x80-\xBF]//g" |
		awk -v file="$file" "length(\$0) > 96 {print file \":\" NR \": \" \$0; bad = 1}
			END {exit bad}" || echo "too wide: $file"
done | { ! grep -a .; }'
try no-banned-calls sh -c '! git grep -nE "\\b(strcpy|strcat|sprintf|strtok|atoi|gets|alloca)\\(" -- src'
echo "lint: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
