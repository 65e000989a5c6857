"""Runs tests that are functions: ok, not ok or skip for each, and nothing lives longer than it.

Every process is started here and ended here, by its own handle; every wait has a bound."""
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PATIENCE_S = 60
NC = shutil.which('nc.openbsd') or shutil.which('nc')
PYTHON = '/usr/bin/python3'


TESTS = []


def test(function):
    """Marks a test; they run in the order in which they are written."""
    TESTS.append(function)
    return function


class Failed(Exception):
    """The test's claim does not hold."""


class Skipped(Exception):
    """The machine lacks what the test needs."""


def hears_interrupts():
    """A shell starts what runs in its background deaf to SIGINT, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Bench:
    """What the tests share: the program, a place for files, the processes that run."""

    def __init__(self, program):
        self.place = tempfile.mkdtemp(prefix='wireladder-echo-')
        os.chmod(self.place, 0o755)
        # A copy that every user may run, wherever the tree lies.
        self.program = shutil.copy(program, self.file('wireladder'))
        os.chmod(self.program, 0o755)
        self.running = []

    def file(self, name):
        return os.path.join(self.place, name)

    def start(self, words, **options):
        """A process in the background: its stdin is a pipe, its output goes to files."""
        number = len(self.running)
        out = open(self.file(f'{number}.out'), 'w+b')
        err = open(self.file(f'{number}.err'), 'w+b')
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=out, stderr=err,
                                   preexec_fn=hears_interrupts, **options)
        process.out_name, process.err_name = out.name, err.name
        out.close()
        err.close()
        self.running.append(process)
        return process

    def run(self, words, data=b'', **options):
        """A process until its end: (status, output, what it said on stderr)."""
        try:
            done = subprocess.run(words, input=data, capture_output=True, timeout=PATIENCE_S,
                                  check=False, **options)
        except subprocess.TimeoutExpired as late:
            raise Failed(f'hangs: {" ".join(words)}') from late
        return done.returncode, done.stdout, done.stderr.decode('utf-8', 'replace')

    def server(self, *words, **options):
        """A server of ours on a free port, once it listens."""
        process = self.start([self.program, 'server', words[0], '0', *words[1:]], **options)
        found = wait_for(lambda: re.search(r'listening on .*:(\d+)$', said(process), re.M),
                         'the server listens')
        process.port = found.group(1)
        return process

    def client(self, *words, data=b''):
        return self.run([self.program, 'client', *words], data)

    def textbook(self, name, *words):
        return [PYTHON, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'textbook',
                                     name), *words]

    def textbook_server(self, name):
        """One of the textbook's servers, once it listens. They take their port as an argument,
        so another process may be quicker: then another port is tried."""
        for _ in range(5):
            port = free_port(socket.SOCK_DGRAM if name.startswith('udp') else
                             socket.SOCK_STREAM)
            process = self.start(self.textbook(name, port))
            wait_for(lambda: written(process) or process.poll() is not None, name + ' listens')
            if process.poll() is None:
                process.port = port
                return process
        raise Failed(name + ' finds no port')

    def stop_all(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait(timeout=PATIENCE_S)
            if process.stdin:
                with contextlib.suppress(BrokenPipeError):  # what it no longer reads
                    process.stdin.close()

    def close(self):
        self.stop_all()
        shutil.rmtree(self.place)


def read(name):
    with open(name, 'rb') as file:
        return file.read()


def said(process):
    """What it wrote on stderr so far."""
    return read(process.err_name).decode('utf-8', 'replace')


def written(process):
    """What it wrote on stdout so far."""
    return read(process.out_name)


def types(process, data):
    process.stdin.write(data)
    process.stdin.flush()


def end_input(process):
    process.stdin.close()


def ends(process):
    """Its exit status, when it has come to its end by itself."""
    try:
        return process.wait(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired as late:
        raise Failed('hangs: ' + ' '.join(process.args)) from late


def wait_for(condition, what):
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        result = condition()
        if result:
            return result
        time.sleep(0.01)
    raise Failed('waited in vain: ' + what)


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(('', 0))
        return str(probe.getsockname()[1])


def listens(port, protocol):
    """Whether an IPv4 socket waits on that port: netcat does not say when it does."""
    states = {'tcp': '0A', 'udp': '07'}
    lines = read('/proc/net/' + protocol).decode().splitlines()[1:]
    return any(words[1].endswith(f':{int(port):04X}') and words[3] == states[protocol]
               for words in map(str.split, lines))


def check(condition, why):
    if not condition:
        raise Failed(why)


def check_equal(got, wanted, what='output'):
    if got != wanted:
        raise Failed(f'{what} is {got!r:.300}, not {wanted!r:.300}')


def check_fails(outcome, status, *words):
    """A failure is one sentence with these words in it, and this exit status."""
    got_status, _, sentence = outcome
    for word in words:
        check(word in sentence, f'{sentence!r} does not say {word!r}')
    check_equal(got_status, status, 'exit status')


def have_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(('::1', 0))
            return True
    except OSError:
        return False


def run_one(function, bench):
    name = function.__name__
    try:
        figures = function(bench)
        print(f'ok {name}' + (f': {figures}' if figures else ''), flush=True)
        return True
    except Skipped as why:
        # Where everything is provided for, a skipped test is a broken set-up.
        strict = bool(os.environ.get('CI'))
        print(f'{"not ok" if strict else "skip"} {name}: {why}', flush=True)
        return False if strict else None
    except (Failed, OSError, subprocess.SubprocessError) as why:
        print(f'not ok {name}: {why}', flush=True)
        return False


def run_all(room):
    """Runs every test (or those named on the command line after the program)."""
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(f'{room}: give the program to test, such as ./wireladder')
    wanted = sys.argv[2:]
    results = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for function in TESTS:
        if wanted and function.__name__ not in wanted:
            continue
        bench = Bench(sys.argv[1])
        try:
            results.append(run_one(function, bench))
        finally:
            bench.close()
    passed, failed = results.count(True), results.count(False)
    print(f'{room}: {passed} passed, {failed} failed')
    sys.exit(failed > 0)
