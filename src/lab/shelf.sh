#!/bin/sh
# Writes the assembly that puts the shelf of lessons into the program: a table of struct
# shelf_lesson, in the order of captures/lessons/SHELF, and the files. shelf.sh >build/shelf.S
# .dc.a is a word as wide as an address, which pointers and sizes are alike.
set -eu
cd "$(dirname "$0")/../.."
names=$(sed 's/#.*//' captures/lessons/SHELF)
for file in captures/lessons/*.json; do
	name=$(basename "$file" .json)
	# shellcheck disable=SC2086 # words are meant
	printf '%s\n' $names | grep -qx "$name" || {
		echo "$file: not named in captures/lessons/SHELF" >&2
		exit 1
	}
done
echo '	.section .data.rel.ro,"aw",%progbits
	.balign 16
	.global shelf_lessons, shelf_lessons_count
shelf_lessons:'
i=0
for name in $names; do
	echo "	.dc.a name_$i, text_$i, end_$i - text_$i"
	i=$((i + 1))
done
echo "shelf_lessons_count:
	.dc.a $i
	.section .rodata"
i=0
for name in $names; do
	echo "name_$i:
	.asciz \"$name\"
text_$i:
	.incbin \"captures/lessons/$name.json\"
end_$i:
	.byte 0"
	i=$((i + 1))
done
for end in client server; do
	echo "	.global shipped_$end, shipped_${end}_end
shipped_$end:
	.incbin \"captures/lessons/fast-retransmit/$end.pcap.gz\"
shipped_${end}_end:
	.byte 0"
done
echo '	.section .note.GNU-stack,"",%progbits'
