#!/bin/sh
# Every lesson of the shelf does what its story says, and what the wire wrote down is what both
# captures show, packet by packet. As nobody, two at a time. shelf.sh PROGRAM [LESSON…]
set -u
cd "$(dirname "$0")/../.." || exit 2
top=$PWD
. tests/e2e/lib.sh
trap 'rm -rf "$scratch"' EXIT
cp "${1:-./wireladder}" "$scratch/wireladder" # nobody may not see this folder
chmod 755 "$scratch/wireladder"
shift $(($# > 0))
cd "$scratch" || exit 2

if ! $rootless unshare -Urn true 2>/dev/null; then
	skip "shelf: user namespaces are refused here"
	finish shelf
	exit
fi

cat >one.sh <<ONE
timeout 90 $rootless ./wireladder lab "\$1" -q -o "\$1.jsonl" --pcap "\$1" >"\$1.out" 2>&1 </dev/null
echo \$? >"\$1.status"
/usr/bin/python3 "$top/tests/lab/truth.py" "\$1" "\$1.jsonl" >"\$1.truth" 2>&1
echo \$? >>"\$1.status"
rm -rf "\$1.jsonl" "\$1"
ONE
# shellcheck disable=SC2046 # words are meant
[ $# -gt 0 ] || set -- $("./wireladder" lab --list | sed -n 's/^  \([^ ]*\) .*/\1/p')
[ $# -gt 0 ] || not_ok shelf-is-empty
printf '%s\n' "$@" | xargs -P 2 -n 1 sh one.sh
for lesson in "$@"; do
	{ read -r ran && read -r true; } <"$lesson.status"
	check "$lesson: status $ran" sh -c "cat '$lesson.out'; test $ran -eq 0"
	check "$lesson: the wire and the captures" sh -c "cat '$lesson.truth'; test $true -eq 0"
done

cd / || exit 2
finish shelf
