#!/bin/sh
# Which lines of src/ the tests of `make check` run: the same tests with an instrumented build.
set -u
cd "$(dirname "$0")/.." || exit 2
out=build/coverage
find $out -name '*.gcda' -delete
umask 0
chmod -R a+rwX $out # those that run as nobody write their counts too
# shellcheck disable=SC2046 # words are meant
sh tests/unit.sh $(find $out/tests/unit -type f -perm -100 ! -name '*.o' ! -name '*.d' ! -name '*.g*' | sort)
sh tests/golden/run.sh $out/wireladder
for test in cli live echo; do
	sh tests/e2e/$test.sh $out/wireladder
done
gcovr --root . --filter src/ --exclude-throw-branches -s --object-directory $out $out
