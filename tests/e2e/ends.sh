#!/bin/sh
# Two captures of one session, from both ends, joined: against the truth. ends.sh PROGRAM
set -u
cd "$(dirname "$0")/../.." || exit 2
program=$(realpath "${1:-./wireladder}")
here=$PWD
. tests/e2e/lib.sh
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2

# session NAME MAKE FIND: captures made so are joined, and what is found is that.
session()
{
	name=$1
	# shellcheck disable=SC2086 # words are meant
	check "$name-made" /usr/bin/python3 "$here/tests/e2e/ends.py" . $2
	want "$name" 0 '' "$program" read --ends client.pcap server.pcap -o ends.jsonl
	# shellcheck disable=SC2086
	check "$name-is-the-truth" /usr/bin/python3 "$here/tests/e2e/ends_check.py" truth.json ends.jsonl $3
	check "$name-fits-the-schema" /usr/bin/python3 "$here/tests/support/validate.py" ends.jsonl
}

session plain '' 'shift=0 skew=0'
session shifted-and-skewed 'shift=1.5 skew=50' 'shift=1.5 skew=50'
session slow-clock 'shift=-7200 skew=-80 seconds=300 count=300' 'shift=-7200 skew=-80'
session lossy 'shift=1.5 skew=50 drop=3,7,20 twice=5' 'shift=1.5 skew=50 lost=3 copies=1'
session rewritten 'shift=1.5 rewrite=1 drop=9' 'lost=1'
session cut-short 'shift=1.5 snaplen=96 rewrite=1 drop=9' 'lost=1'
session missed-by-the-receivers-capture 'shift=1.5 missed_there=4,5 drop=9' 'lost=1 unknown=2'
check missed-is-noted sh -c 'test "$(grep -c "\"code\":\"capture-loss\"" ends.jsonl)" = 2'
session missed-by-the-senders-capture 'shift=1.5 unsent=4,5 drop=9' 'lost=1 estimated=2'

# What a sender's hardware cuts has one record with the time of its last piece, and none is lost.
check offload-made /usr/bin/python3 "$here/tests/e2e/ends.py" . shift=1.5 offload=1
want offload 0 '' "$program" read --ends client.pcap server.pcap -o ends.jsonl
check offload-loses-nothing sh -c '! grep -q "\"lost\":true\|t_estimated" ends.jsonl &&
	test "$(grep -c "\"len\":200,.*\"arrives\"" ends.jsonl)" = 20'

# One way only: the clocks cannot be compared, and it says so.
check one-way-made /usr/bin/python3 "$here/tests/e2e/ends.py" . oneway=1 drop=3
want one-way 0 '' "$program" read --ends client.pcap server.pcap -o ends.jsonl
check one-way-says-so grep -q '"level":"warning","code":"clocks".*all packets go one way' ends.jsonl
check one-way-is-joined sh -c 'test "$(grep -c "\"lost\":true" ends.jsonl)" = 1'

# The other way round is the same, seen from the server.
check turned-made /usr/bin/python3 "$here/tests/e2e/ends.py" . shift=1.5 drop=3
want turned 0 '' "$program" read --ends server.pcap client.pcap -o ends.jsonl
check turned-names-its-taps sh -c 'head -n 1 ends.jsonl |
	grep -q "\"id\":0,\"name\":\"server\".*\"id\":1,\"name\":\"client\""'
check turned-loses-one sh -c 'test "$(grep -c "\"lost\":true" ends.jsonl)" = 1'

# --- options
want given-offset 0 '' "$program" read --ends client.pcap server.pcap --clock-offset -1.5 -o ends.jsonl
check given-offset-is-taken grep -q '"offset":{"ns":-1500000000,"ppm":0.000' ends.jsonl
check given-offset-is-the-truth sh -c 'test "$(grep -c "\"lost\":true" ends.jsonl)" = 1'
check skewed-made /usr/bin/python3 "$here/tests/e2e/ends.py" . shift=1.5 skew=50 drop=3
want given-drift 0 '' "$program" read --ends client.pcap server.pcap --clock-offset -1.5001,-50 -o ends.jsonl
check given-drift-is-taken grep -q '"offset":{"ns":-1500[0-9]*,"ppm":-50.000,' ends.jsonl
check given-drift-is-the-truth sh -c 'test "$(grep -c "\"lost\":true" ends.jsonl)" = 1'
check turned-again-made /usr/bin/python3 "$here/tests/e2e/ends.py" . shift=1.5 drop=3
want given-offset-again 0 '' "$program" read --ends client.pcap server.pcap --clock-offset -1.5 -o ends.jsonl
mkfifo pipe
want pipe-cannot-be-read-twice 1 'say --clock-offset' "$program" read --ends client.pcap pipe
want pipe-with-offset 0 '' sh -c "cat server.pcap >pipe & '$program' read --ends client.pcap pipe \
	--clock-offset -1.5 -o pipe.jsonl"
check pipe-gives-the-same sh -c 'for one in ends pipe; do grep "^{\"k\":\"tcp" $one.jsonl >$one.tcp; done
	cmp ends.tcp pipe.tcp'
want filtered 0 '' "$program" read --ends client.pcap server.pcap tcp src port 40000 -o ends.jsonl
check filter-is-for-both sh -c '! grep -q "\"from\":\"server\"" ends.jsonl'
want ladder 0 '' "$program" read --ends client.pcap server.pcap --format txt
check ladder-has-the-loss grep -q '✗' out
want one-capture-is-not-enough 1 'joins two captures' "$program" read --ends client.pcap
want three-are-too-many 1 'and 3 are named' "$program" read --ends client.pcap server.pcap server.pcap
want missing-second 1 'nothere.pcap' "$program" read --ends client.pcap nothere.pcap
want offset-without-ends 1 'for two captures' "$program" read client.pcap --clock-offset 1
want window-without-ends 1 'for two captures' "$program" read client.pcap --match-window 1
want bad-offset 1 '--clock-offset cannot be' "$program" read --ends client.pcap server.pcap --clock-offset soon
want bad-drift 1 'it takes SECS[,PPM]' "$program" read --ends client.pcap server.pcap --clock-offset 1,2000
head -c 3000 server.pcap >cut.pcap
want cut-second 3 'middle of packet' "$program" read --ends client.pcap cut.pcap -o ends.jsonl
check cut-second-is-truncated grep -q '"truncated":true' ends.jsonl
want unrelated 0 '' "$program" read --ends client.pcap "$here/captures/demo.pcap" -o ends.jsonl
check unrelated-says-so grep -q 'No packet was found in both captures' ends.jsonl
check unrelated-loses-nothing sh -c '! grep -q "\"lost\":true" ends.jsonl'
want the-same-capture-twice 1 'both hold what one tap saw' "$program" read --ends client.pcap client.pcap
check nothing-is-written-of-it test ! -s out
ln client.pcap linked.pcap
want the-same-file-by-another-name 1 'one tap' "$program" read --ends client.pcap linked.pcap
cp client.pcap copied.pcap
want the-same-packets-in-another-file 1 'one tap' "$program" read --ends client.pcap copied.pcap --clock-offset 0

# A session of a fifth of a second tells no drift; its packets do not depend on how much of it both saw.
lesson=$here/captures/lessons/fast-retransmit
want short 0 '' "$program" read --ends "$lesson/client.pcap.gz" "$lesson/server.pcap.gz" -o ends.jsonl
check short-tells-no-drift grep -q '"ppm":0.000' ends.jsonl
check short-says-so grep -q 'no drift found (if any, below 1000000 ns a second)' ends.jsonl
check cuts-contradict-nothing /usr/bin/python3 "$here/tests/e2e/ends_cut.py" "$program" "$here/captures/lessons"

# What arrives after the window changes the record, in its conversation.
check dense-made /usr/bin/python3 "$here/tests/e2e/ends.py" . count=1000 seconds=2
want narrow-window 0 '' "$program" read --ends client.pcap server.pcap --clock-offset 0 --match-window 0.0105 -o narrow.jsonl
check narrow-window-amends grep -q '^{"k":"amend","n":[0-9]*,"arrives":[0-9]*,"lost":false,"verdicts":\[\]}' narrow.jsonl
check narrow-window-lost-nothing sh -c '! sed -n "\$p" narrow.jsonl | grep -q "\"lost\":"'
check amends-fit-the-schema /usr/bin/python3 "$here/tests/support/validate.py" narrow.jsonl
want one-conversation 0 '' "$program" read --ends client.pcap server.pcap --clock-offset 0 --match-window 0.0105 --conv 1 -o one.jsonl
check amends-belong-to-conversations grep -q '^{"k":"amend"' one.jsonl

cd / || exit 2
finish ends
