#!/bin/sh
# Other people's captures against a per-packet oracle, where the set is beside the project.
# oracle.sh PROGRAM
set -u
cd "$(dirname "$0")/../.." || exit 2
judge=../shared/tools/against_oracle.py
if ! [ -e "$judge" ]; then
	echo "skip oracle: no reference captures beside the project"
	exit 0
fi
# Tunnels, fragments and the link types beyond those of README come later; until then these may
# differ in what their packets are (DECODE), never in how they are treated.
later=' encapsulation-showcase geneve ipip-tcp mpls-traceroute-ppp tcp-6in4-in-qinq tcp-fragmented-http-request tcp-rst-vlan-pppoe udp-ipv6-fragments '
out=$(/usr/bin/python3 "$judge" --wireladder "${1:-./wireladder}" --timeout 60)
passed=0 failed=0
treated=$(printf '%s\n' "$out" | awk '$1 == "TREATMENT" {wrong += $NF} END {print wrong + 0}')
if [ "$treated" -eq 0 ]; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "not ok oracle: $treated TREATMENT checks are wrong"
fi
for name in $(printf '%s\n' "$out" | sed -n 's/^FAIL \([^:]*\):.*/\1/p'); do
	case $later in
	*" $name "*) ;;
	*)
		failed=$((failed + 1))
		printf '%s\n' "$out" | grep "^FAIL $name:"
		;;
	esac
done
whole=$(printf '%s\n' "$out" | sed -n 's/^\([0-9]*\) passed, [0-9]* failed$/\1/p')
echo "oracle: $((passed + ${whole:-0})) passed, $failed failed"
[ "$failed" -eq 0 ]
