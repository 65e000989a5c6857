#!/bin/sh
# What compilers and checkers say: clang with the same warnings as errors, format, cppcheck,
# shellcheck, the viewer's types. Prints "lint: N passed, M failed".
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

sources=$(git ls-files 'src/*.c' 'tests/*.c')
try clang make --no-print-directory VARIANT=clang CC=clang programs tests
# shellcheck disable=SC2086 # words are meant
try cppcheck cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr -Iinclude \
	--enable=warning,portability --suppress=missingIncludeSystem \
	--suppress=normalCheckLevelMaxBranches --suppress=unknownMacro src
# shellcheck disable=SC2046
try shellcheck shellcheck -s sh $(git ls-files '*.sh')
try shellcheck-ci shellcheck .ci/run
try whitespace sh -c '! git grep -nIE "[ 	]+$" -- src include tests web "*.md" Makefile'
try columns sh -c '! git ls-files "src/*.[ch]" "include/*.h" "tests/*.[ch]" |
	xargs expand -t 8 2>/dev/null | awk "length(\$0) > 130 {print; bad = 1} END {exit !bad}"'
try no-banned-calls sh -c '! git grep -nE "\\b(strcpy|strcat|sprintf|strtok|atoi|gets|alloca)\\(" -- src'
echo "lint: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
