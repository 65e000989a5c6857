#!/bin/sh
# Programs that know nothing of us, with their calls beside their packets: the textbook's, netcat,
# curl, static binaries (C; Rust and Go where their compilers are), pipelines; and what
# is refused. As nobody. run.sh PROGRAM
set -u
cd "$(dirname "$0")/../.." || exit 2
top=$PWD
. tests/e2e/lib.sh
trap 'rm -rf "$scratch"' EXIT
cp "${1:-./wireladder}" "$scratch/wireladder" # nobody may not see this folder
cp tests/e2e/textbook/*.py tests/e2e/run_check.py "$scratch"
chmod -R a+rX "$scratch"
chmod 755 "$scratch/wireladder"
cd "$scratch" || exit 2
: >got
chmod 666 got
python=/usr/bin/python3
run="$rootless $scratch/wireladder run"

# --- mistakes, before anything is made
want no-program 1 'a program is missing' $run
want no-program-after-and 1 'a program is missing' $run -- true --and
want lab-and-host 1 'two networks' $run --lab fin --host -- true --and true
want lab-wants-two 1 '--lab wants two programs' $run --lab fin -- true
want lab-unknown 1 'did you mean' $run --lab fim -- true --and true
want pcap-without-lab 1 '--pcap goes with --lab' $run --pcap kept -- true
want bad-rate 1 '--kernel-every' $run --kernel-every often -- true

if ! $rootless unshare -Urn true 2>/dev/null; then
	skip "run: user namespaces are refused here"
	finish run
	exit
fi

# --- statuses, streams, signals are the program's own
talks()
{
	name=$1 status=$2
	shift 2
	timeout 60 "$@" >out 2>err
	got=$?
	[ "$got" -eq "$status" ] && ok || not_ok "$name: status $got, not $status: $(head -c 400 err)"
}
for status in 0 7 42; do
	talks "status-$status" "$status" $run -q -- sh -c "exit $status"
done
talks status-of-a-signal 143 $run -q -- sh -c 'kill -TERM $$'
want missing 127 'cannot run `nowhere`' $run -- nowhere
want missing-path 127 'check its path' $run -- ./nowhere
want not-executable 126 'chmod +x' $run -- ./tcp_client.py
mkdir folder
want folder 126 'Is a directory' $run -- ./folder
want missing-server 127 'cannot run `./nowhere`' $run -o alone.json -- ./nowhere --and touch got-client
check missing-server-has-no-client test ! -e got-client -a ! -e alone.json
want missing-in-the-lab 127 'cannot run `./nowhere`' $run --lab fin -- ./nowhere --and touch got-client
check missing-in-the-lab-has-no-client test ! -e got-client
talks missing-client 127 $run -q -o server.json -- sleep 30 --and ./nowhere
check missing-client-says-so grep -q 'cannot run `./nowhere`' err
check missing-client-leaves-the-server grep -q '"argv":\["sleep","30"\]' server.json
want missing-leaves-no-file 127 nowhere $run -o none.json -- nowhere
check no-file test ! -e none.json
echo words | talks stdin-and-stdout 0 $run -q -- sh -c 'cat; echo said >&2'
check stdout-is-the-programs test "$(cat out)" = words
check stderr-has-both sh -c 'grep -qx said err && grep -q "packets in" err'
talks pipeline 0 $run -q -o - --format summary -- sh -c 'echo three | cat >&2 | wc -l >&2'
check output-to-stdout sh -c 'head -n 1 out | grep -q "\"k\":\"meta\""'
talks program-options 0 $run -q -- sh -c 'exit 0' -o nothing --lab
check program-options-are-its-own test ! -e nothing
talks last-status 5 $run -q -- sleep 30 --and sh -c 'exit 5'
$run -q -- ls -l /proc/self/fd 2>err | sed 's|.* \([0-9]* -> \)|\1|; s|/[0-9]*/|/|' >fds
$rootless ls -l /proc/self/fd 2>err | sed 's|.* \([0-9]* -> \)|\1|; s|/[0-9]*/|/|' >fds-plain
check descriptors-are-the-shells sh -c 'grep -v pipe: fds >a; grep -v pipe: fds-plain >b; cmp a b'

$run -q -o stopped.json -- sleep 60 2>err &
pid=$!
sleep 1
kill -TERM "$pid"
wait "$pid"
check sigterm-is-passed-on test $? -eq 143
check stopped-is-written test -s stopped.json

# Ctrl-C reaches the program once, from the terminal; we stay to tell.
cat >counts.py <<'PY'
import signal, sys, time
got = []
signal.signal(signal.SIGINT, lambda number, frame: got.append(number))
print("ready", flush=True)
while not got:
    time.sleep(0.01)
time.sleep(0.3)
sys.exit(10 + len(got))
PY
cat >terminal.py <<'PY'
import os, pty, sys
pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
while b"ready" not in seen:
    seen += os.read(master, 1000)
os.write(master, b"\x03")
try:
    while os.read(master, 1000):
        pass
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
talks ctrl-c 11 $python terminal.py $run -o interrupted.json -- $python counts.py
check ctrl-c-is-written test -s interrupted.json
talks asked-alone 11 sh -c "$run -q -o asked.json -- $python counts.py >ready & pid=\$!
	until grep -q ready ready; do sleep 0.1; done; kill -INT \$pid; wait \$pid"

# --- the textbook's programs
pair()
{
	name=$1
	shift
	echo 'hello there' | talks "$name" 0 $run -q -o "$name.json" "$@"
	check "$name-joined" $python run_check.py "$name.json"
}
pair tcp-upper -- $python tcp_upper_server.py 7001 --and $python tcp_client.py 127.0.0.1 7001
check tcp-upper-answer grep -q 'From server: HELLO THERE' out
pair tcp-threads -- $python tcp_threaded_server.py 7002 --and $python tcp_with_client.py 127.0.0.1 7002
check tcp-threads-answer grep -q "b'Hello, world'" out
pair tcp-thanks -- $python tcp_thanks_server.py 7003 --and $python tcp_client.py localhost 7003
check tcp-thanks-answer grep -q 'thank you' out
pair udp-upper -- $python udp_upper_server.py 7004 --and $python udp_client.py 127.0.0.1 7004
check udp-upper-answer grep -q 'From server: HELLO THERE' out
pair lab-upper --lab lost-ack -- $python tcp_upper_server.py 7005 --and $python tcp_client.py 10.77.0.2 7005
check lab-upper-answer grep -q 'From server: HELLO THERE' out
check lab-has-hosts $python - <<'PY'
import json
records = json.load(open("lab-upper.json"))["records"]
assert {r["host"] for r in records if r["k"] == "program"} == {"client", "server"}
assert set(records[-1]["counters"]) == {"client", "server"}, records[-1].get("counters")
PY

if /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
	for name in tcp-upper udp-upper lab-upper stopped; do
		check "schema-$name" /usr/bin/python3 "$top/tests/support/validate.py" "$name.json"
	done
else
	skip "run: no python3-jsonschema"
fi

# --- other people's
if command -v nc >/dev/null 2>&1; then
	pair netcat -- nc -l 7011 --and nc -N 127.0.0.1 7011
	check netcat-answer grep -q 'hello there' out
else
	skip "run: no netcat"
fi
if command -v curl >/dev/null 2>&1; then
	pair curl -- $python -m http.server 7012 --and curl -s -o got http://127.0.0.1:7012/run_check.py
	check curl-answer cmp got run_check.py
	pair curl-name -- $python -m http.server 7013 --and curl -s -o got http://localhost:7013/run_check.py
	talks name-outside 6 $run -- curl -s http://example.org/
	check name-outside-says-it grep -q 'this network is private' err
else
	skip "run: no curl"
fi
if echo 'int main(void) { return 0; }' | ${CC:-cc} -static -x c -o probe - 2>/dev/null; then
	${CC:-cc} -static -O1 -o static "$top/tests/trace/pair.c"
	chmod 755 static
	pair static-binary -- ./static 7021 --and $python tcp_with_client.py 127.0.0.1 7021
else
	skip "run: no static libc"
fi
if command -v rustc >/dev/null 2>&1 && rustc -O -o rust "$top/tests/trace/pair.rs" 2>/dev/null; then
	chmod 755 rust
	pair rust -- ./rust 7022 --and $python tcp_with_client.py 127.0.0.1 7022
fi
if command -v go >/dev/null 2>&1 && GOCACHE=$scratch/go-cache CGO_ENABLED=0 go build -o go \
	"$top/tests/trace/pair.go" 2>/dev/null; then
	chmod 755 go
	pair go -- ./go 7023 --and $python tcp_with_client.py 127.0.0.1 7023
fi
check nobody-has-outside-words sh -c '! grep -q "is private" err'

# --- refused
cat >refuse.py <<'PY'
import ctypes, os, struct, sys
number = {"unshare": {"x86_64": 272, "aarch64": 97}, "ptrace": {"x86_64": 101, "aarch64": 117}}
libc = ctypes.CDLL(None, use_errno=True)
code = [(0x20, 0, 0, 0), (0x15, 0, 1, number[sys.argv[1]][os.uname().machine]),
        (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7fff0000)]
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in code))
fprog = struct.pack("HxxxxxxQ", len(code), ctypes.addressof(program))
libc.prctl(38, 1, 0, 0, 0)
assert libc.prctl(22, 2, ctypes.create_string_buffer(fprog), 0, 0) == 0
os.execv(sys.argv[2], sys.argv[2:])
PY
want namespaces-refused 2 'wireladder run --host' $rootless $python refuse.py unshare $scratch/wireladder run -- true
noptrace="$rootless $python refuse.py ptrace $scratch/wireladder"
talks ptrace-refused 3 $noptrace run -o untraced.json -- sh -c 'exit 3'
check ptrace-refused-is-noted grep -q 'refuses to trace programs' untraced.json
talks ptrace-refused-demo 0 $noptrace demo -q -o untraced
check ptrace-refused-demo-is-noted grep -q 'refuses to trace programs' untraced/timeline.json
talks ptrace-refused-lab 0 $noptrace lab -q fin -o untraced-lab.json
check ptrace-refused-lab-is-noted grep -q 'refuses to trace programs' untraced-lab.json
want readonly-output 4 'No space left' $run -o /dev/full --format jsonl -- sleep 30

talks host 0 $run --host -q -o host.json -- $python -c 'import socket; s = socket.socket(); s.close()'
check host-has-calls grep -q '"call":"socket"' host.json
talks host-txt 0 $run --host -q -o host.txt -- $python -c 'import socket; socket.socket().bind(("127.0.0.1", 0))'
if grep -q 'Packets are not shown' host.txt; then
	check host-lists-calls sh -c 'sed -n "/^calls without packets:/,\$p" host.txt | grep -q "bind(3, 127.0.0.1:0) = 0  in "'
fi
check host-without-right-says-so grep -q 'Packets are not shown, only calls' host.json

# --- a socket that nobody ever reached, and what outlives the program that started it
want in-use 0 '' $scratch/wireladder lab -q port-in-use --format txt
check in-use-is-listed test "$(sed -n '/^calls without packets:/,$p' out | grep -c 'EADDRINUSE')" -eq 2
want daemon 0 '' $run -q -o daemon.json -- sh -c 'sleep 30 &'
check daemon-is-noted grep -q 'was ended with it: `sleep 30`' daemon.json
if command -v strace >/dev/null 2>&1; then
	want traced-already 0 '' strace -f -o strace.out $run -q -o traced.json -- true
	check traced-already-is-noted grep -q '`strace` (pid [0-9]*) traces these programs already' traced.json
fi

# --- nothing is left behind
check no-processes sh -c "! pgrep -f '^$scratch/wireladder' >/dev/null"
check no-temporary-files sh -c 'ls -a | grep -c "^\.wireladder\|\.part" | grep -qx 0'

cd / || exit 2
finish run
