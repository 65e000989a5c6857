"""End-to-end tests of `wireladder server` and `wireladder client` (echo.sh starts them)."""
import hashlib
import os
import random
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
from harness import (NC, PATIENCE_S, Failed, Skipped, check, check_equal, check_fails,
                     end_input, ends, free_port, have_ipv6, listens, read, run_all, said, test,
                     types, wait_for, written)

BIG_BYTES = 100 * 1000 * 1000
PROMPT = b'Input lowercase sentence: '


def big_file(bench):
    """100 MB that no error could turn into each other; their digest."""
    numbers = random.Random(7)
    digest = hashlib.sha256()
    with open(bench.file('big'), 'wb') as file:
        for _ in range(100):
            block = numbers.randbytes(BIG_BYTES // 100)
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def copies_whole(bench, words):
    """Through words (a client) to an echo server and back: 100 MB, byte for byte."""
    wanted = big_file(bench)
    digest = hashlib.sha256()
    start = time.monotonic()
    with open(bench.file('big'), 'rb') as file:
        process = subprocess.Popen(words, stdin=file, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
    bench.running.append(process)
    count = 0
    for block in iter(lambda: process.stdout.read(1 << 20), b''):
        digest.update(block)
        count += len(block)
    check_equal(process.wait(timeout=PATIENCE_S), 0, 'exit status')
    check_equal(count, BIG_BYTES, 'byte count')
    check_equal(digest.hexdigest(), wanted, 'digest')
    return f'{BIG_BYTES * 2 / 1e6 / (time.monotonic() - start):.0f} MB/s both ways together'


# Our server, other people's clients.

@test
def netcat_gets_its_bytes_back_over_ipv4(bench):
    server = bench.server('tcp')
    status, output, _ = bench.run([NC, '-4', '-N', '127.0.0.1', server.port], b'hello\nworld')
    check_equal((status, output), (0, b'hello\nworld'))


@test
def netcat_gets_its_bytes_back_over_ipv6(bench):
    if not have_ipv6():
        raise Skipped('this machine has no IPv6')
    server = bench.server('tcp')
    status, output, _ = bench.run([NC, '-6', '-N', '::1', server.port], b'hello\nworld')
    check_equal((status, output), (0, b'hello\nworld'))


@test
def netcat_gets_its_datagram_back(bench):
    server = bench.server('udp')
    netcat = bench.start([NC, '-u', '127.0.0.1', server.port])
    types(netcat, b'hello\n')
    wait_for(lambda: written(netcat) == b'hello\n', 'the echo')


@test
def netcat_gets_100_mb_back(bench):
    server = bench.server('tcp')
    return copies_whole(bench, [NC, '-N', '127.0.0.1', server.port])


@test
def textbook_tcp_client_is_answered_in_upper_case(bench):
    server = bench.server('tcp', '--reply', 'upper')
    for _ in range(3):
        status, output, _ = bench.run(bench.textbook('tcp_client.py', '127.0.0.1', server.port),
                                      b'hello from a book\n')
        check_equal((status, output), (0, PROMPT + b'From server: HELLO FROM A BOOK\n'))


@test
def textbook_udp_client_is_answered_in_upper_case(bench):
    server = bench.server('udp', '--reply', 'upper')
    status, output, _ = bench.run(bench.textbook('udp_client.py', '127.0.0.1', server.port),
                                  b'hello from a book\n')
    check_equal((status, output), (0, PROMPT + b'From server: HELLO FROM A BOOK\n'))


@test
def textbook_client_gets_its_thanks(bench):
    server = bench.server('tcp', '--reply', 'thanks')
    status, output, _ = bench.run(bench.textbook('tcp_client.py', 'localhost', server.port),
                                  b'hello\n')
    check_equal((status, output), (0, PROMPT + b'From server: Got your message, thank you\n'))


@test
def manual_client_gets_its_echo(bench):
    server = bench.server('tcp')
    status, output, _ = bench.run(bench.textbook('tcp_with_client.py', 'localhost',
                                                 server.port))
    check_equal((status, output), (0, b"Received b'Hello, world'\n"))


@test
def thirty_textbook_clients_at_once_get_their_own_answers(bench):
    server = bench.server('tcp', '--reply', 'upper')
    clients = [bench.start(bench.textbook('tcp_client.py', '127.0.0.1', server.port))
               for _ in range(30)]
    wait_for(lambda: said(server).count(' connected ') == 30, 'all are connected')
    for number, client in enumerate(clients):
        types(client, b'i am %d\n' % number)
    for number, client in enumerate(clients):
        check_equal(ends(client), 0, 'exit status')
        check_equal(written(client), PROMPT + b'From server: I AM %d\n' % number)


@test
def chat_of_netcat_and_a_textbook_client_and_ours(bench):
    server = bench.server('tcp', '--reply', 'chat')
    netcat = bench.start([NC, '127.0.0.1', server.port])
    book = bench.start(bench.textbook('chat_client.py', '127.0.0.1', server.port))
    ours = bench.start([bench.program, 'client', 'tcp', '127.0.0.1', server.port])
    wait_for(lambda: said(server).count(' connected ') == 3, 'all are connected')
    types(netcat, b'I use netcat\n')
    wait_for(lambda: written(ours) == b'I use netcat\n', 'netcat to ours')
    types(book, b'I use Python\n')  # which sends no newline
    wait_for(lambda: written(netcat) == b'I use Python', 'the book to netcat')
    types(ours, b'and I wireladder\n')
    wait_for(lambda: written(netcat) == b'I use Pythonand I wireladder\n', 'ours to netcat')
    # Its print() adds a newline to whatever one recv() gave it.
    wait_for(lambda: written(book).split(b'\n')[-3:-2] == [b'and I wireladder'], 'the last')
    check_equal([line for line in written(book).split(b'\n') if line],
                [b'I use netcat', b'and I wireladder'])
    check_equal(written(ours), b'I use netcat\nI use Python')


@test
def client_that_resets_harms_nobody_else(bench):
    server = bench.server('tcp')
    calm = socket.create_connection(('127.0.0.1', server.port), PATIENCE_S)
    rude = socket.create_connection(('127.0.0.1', server.port), PATIENCE_S)
    rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    rude.send(b'x' * 100000)
    rude.close()
    wait_for(lambda: 'reset the connection (RST)' in said(server), 'the server says so')
    with calm:
        calm.sendall(b'still there?')
        check_equal(calm.recv(100), b'still there?')


@test
def slow_reader_gets_every_byte_in_bounded_memory(bench):
    """30 MB for one who does not read until nothing more is taken, and then slowly."""
    server = bench.server('tcp')
    before = memory_kib(server.pid)
    data = random.Random(9).randbytes(30 * 1000 * 1000)
    with socket.create_connection(('127.0.0.1', server.port), PATIENCE_S) as slow:
        def send():
            slow.sendall(data)
            slow.shutdown(socket.SHUT_WR)
        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        sender.join(1)
        got = bytearray()
        while block := slow.recv(500000):
            got += block
            time.sleep(0.005)
        sender.join(PATIENCE_S)
    check(got == data, 'the bytes are not the same')
    grown = memory_kib(server.pid) - before
    check(grown < 2048, f'the server grew by {grown} KiB')
    return f'the server grew by {grown} KiB'


def memory_kib(pid):
    for line in read(f'/proc/{pid}/status').splitlines():
        if line.startswith(b'VmHWM:'):
            return int(line.split()[1])
    raise Failed('no memory figure')


@test
def ten_thousand_clients_at_once(bench):
    clients, rounds = 10000, 3
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < clients + 100:
        raise Skipped('the hard limit of open files is below 10,100')
    load = bench.file('manyclients')
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'manyclients.c')
    status, _, problems = bench.run([os.environ.get('CC', 'cc'), '-std=c11', '-D_GNU_SOURCE',
                                     '-Wall', '-Wextra', '-O2', '-o', load, source])
    check_equal((status, problems), (0, ''), 'the compiler')
    server = bench.server('tcp')
    before = memory_kib(server.pid)
    status, figures, problems = bench.run([load, '127.0.0.1', server.port, str(clients),
                                           str(rounds)])
    figures = figures.decode().strip()
    check(status == 0, f'{figures} {problems}')
    wait_for(lambda: said(server).count(' left: closed ') == clients, 'all have left')
    return f'{figures}; server memory {memory_kib(server.pid)} KiB ({before} before)'


# Our client, other people's servers.

@test
def client_talks_with_the_textbook_tcp_server(bench):
    server = bench.textbook_server('tcp_upper_server.py')
    for _ in range(2):
        status, output, problems = bench.client('tcp', '127.0.0.1', server.port, 'hello')
        check_equal((status, output), (0, b'HELLO\n'), problems)


@test
def client_talks_with_the_textbook_udp_server(bench):
    server = bench.textbook_server('udp_upper_server.py')
    status, output, _ = bench.client('udp', '127.0.0.1', server.port, 'hello', 'again')
    check_equal((status, output), (0, b'HELLO\nAGAIN\n'))


@test
def client_finds_the_ipv4_server_behind_localhost(bench):
    for protocol in ('tcp', 'udp'):
        server = bench.textbook_server(protocol + '_upper_server.py')
        status, output, _ = bench.client(protocol, 'localhost', server.port, 'hello')
        check_equal((status, output), (0, b'HELLO\n'))


@test
def client_talks_with_the_threaded_server(bench):
    server = bench.textbook_server('tcp_threaded_server.py')
    status, output, _ = bench.client('tcp', '127.0.0.1', server.port, 'one', 'two', 'three')
    check_equal((status, output), (0, b'one\ntwo\nthree\n'))


@test
def client_copies_100_mb_through_the_threaded_server(bench):
    server = bench.textbook_server('tcp_threaded_server.py')
    return copies_whole(bench, [bench.program, 'client', 'tcp', '127.0.0.1', server.port])


@test
def client_takes_thanks_without_a_newline(bench):
    server = bench.textbook_server('tcp_thanks_server.py')
    status, output, _ = bench.client('tcp', '127.0.0.1', server.port,
                                     'a message that is longer than its answer')
    check_equal((status, output), (0, b'Got your message, thank you\n'))


@test
def client_talks_with_netcat_as_server(bench):
    port = free_port()
    netcat = bench.start([NC, '-l', '-N', '127.0.0.1', port])
    wait_for(lambda: listens(port, 'tcp'), 'netcat listens')
    ours = bench.start([bench.program, 'client', 'tcp', '127.0.0.1', port])
    types(ours, b'hello\n')
    wait_for(lambda: written(netcat) == b'hello\n', 'netcat hears hello')
    types(netcat, b'hello yourself\n')
    wait_for(lambda: written(ours) == b'hello yourself\n', 'netcat answers')
    end_input(netcat)
    end_input(ours)
    check_equal(ends(ours), 0, 'exit status')


@test
def client_talks_with_netcat_as_udp_server(bench):
    port = free_port(socket.SOCK_DGRAM)
    netcat = bench.start([NC, '-u', '-l', '127.0.0.1', port])
    wait_for(lambda: listens(port, 'udp'), 'netcat listens')
    ours = bench.start([bench.program, 'client', 'udp', '127.0.0.1', port, 'hello', '--wait',
                        '30'])
    wait_for(lambda: written(netcat) == b'hello', 'netcat hears')
    types(netcat, b'hello yourself\n')
    check_equal(ends(ours), 0, 'exit status')
    check_equal(written(ours), b'hello yourself\n')


# The pair.

def pair_over(bench, protocol, host):
    server = bench.server(protocol)
    status, output, problems = bench.client(protocol, host, server.port, 'one', 'two')
    check_equal((status, output), (0, b'one\ntwo\n'), problems)


@test
def pair_talks_over_tcp_and_udp_and_ipv4(bench):
    pair_over(bench, 'tcp', '127.0.0.1')
    pair_over(bench, 'udp', '127.0.0.1')


@test
def pair_talks_over_tcp_and_udp_and_ipv6(bench):
    if not have_ipv6():
        raise Skipped('this machine has no IPv6')
    pair_over(bench, 'tcp', '::1')
    pair_over(bench, 'udp', '::1')


@test
def pair_copies_100_mb(bench):
    server = bench.server('tcp')
    return copies_whole(bench, [bench.program, 'client', 'tcp', '127.0.0.1', server.port])


@test
def every_line_of_a_file_is_a_datagram(bench):
    server = bench.server('udp', '--reply', 'upper')
    lines = b''.join(b'line %d\n' % number for number in range(500))
    status, output, problems = bench.client('udp', '127.0.0.1', server.port, data=lines)
    check_equal((status, output), (0, lines.upper()), problems)


# What can go wrong.

@test
def port_in_use_is_said(bench):
    for protocol, hint in (('tcp', 'ss -ltnp'), ('udp', 'ss -lunp')):
        server = bench.server(protocol)
        check_fails(bench.run([bench.program, 'server', protocol, server.port]), 2,
                    f'port {server.port}', 'in use by another program', hint)


@test
def port_of_an_open_netcat_is_in_use(bench):
    port = free_port()
    bench.start([NC, '-l', '127.0.0.1', port])
    wait_for(lambda: listens(port, 'tcp'), 'netcat listens')
    check_fails(bench.run([bench.program, 'server', 'tcp', port]), 2, 'in use')


@test
def privileged_port_is_refused_with_its_remedy(bench):
    if int(read('/proc/sys/net/ipv4/ip_unprivileged_port_start')) < 8:
        raise Skipped('this machine gives every port to everybody')

    def nobody():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
    check_fails(bench.run([bench.program, 'server', 'tcp', '7'], preexec_fn=nobody), 2,
                'port 7', 'needs a privilege', 'cap_net_bind_service')


@test
def refused_connection_is_said(bench):
    port = free_port()
    check_fails(bench.client('tcp', '127.0.0.1', port, 'hello'), 2,
                f'127.0.0.1 port {port} refused the connection (RST)',
                f'`wireladder server tcp {port}`')


@test
def refused_datagram_is_said(bench):
    port = free_port(socket.SOCK_DGRAM)
    check_fails(bench.client('udp', '127.0.0.1', port, 'hello'), 2,
                f'127.0.0.1 port {port} refused the datagram (ICMP port unreachable)')


@test
def unknown_host_is_said(bench):
    """Without a network the name servers do not answer: that is another sentence (2)."""
    status, _, sentence = bench.client('tcp', 'no-such-host.invalid', '7777', 'hello')
    check('no-such-host.invalid' in sentence and 'check the spelling' in sentence, sentence)
    check(status in (1, 2), f'exit status {status}')


@test
def missing_ipv6_is_said(bench):
    """A network name space of its own, without IPv6; lo is down, too."""
    words = ['unshare', '--user', '--map-root-user', '--net']
    if bench.run(words + ['true'])[0] != 0:
        raise Skipped('this machine gives no user a network name space')
    off = 'for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 >$f; done; exec "$@"'
    client = [bench.program, 'client', 'tcp', '::1', '7777', 'hello']
    check_fails(bench.run(words + ['sh', '-c', off, 'sh'] + client), 2,
                '::1 port 7777 cannot be reached', '-4')


@test
def silent_udp_server_is_said(bench):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(('127.0.0.1', 0))
        check_fails(bench.client('udp', '127.0.0.1', str(mute.getsockname()[1]), 'hello',
                                 '--wait', '0.2'), 3, 'no reply within 200 ms',
                    'UDP does not say whether the datagram or the reply was lost')


@test
def killed_server_is_said(bench):
    """The server dies with bytes of the client unread: the client is told by a RST."""
    server = bench.server('tcp')
    ours = bench.start([bench.program, 'client', 'tcp', '127.0.0.1', server.port])
    types(ours, b'hello\n')
    wait_for(lambda: written(ours) == b'hello\n', 'the echo')
    server.send_signal(signal.SIGSTOP)
    types(ours, b'never read\n')
    wait_for(lambda: unread_bytes(server.port) == 11, 'the bytes arrive')
    server.kill()
    check_equal(ends(ours), 3, 'exit status')
    check('reset the connection (RST)' in said(ours), said(ours))


def unread_bytes(port):
    """What waits in the receive queue of the connection whose local port that is."""
    for line in read('/proc/net/tcp').decode().splitlines()[1:]:
        words = line.split()
        if words[1].endswith(f':{int(port):04X}') and words[3] == '01':
            return int(words[4].split(':')[1], 16)
    return 0


@test
def signals_end_the_server_with_success(bench):
    for protocol in ('tcp', 'udp'):
        for number in (signal.SIGINT, signal.SIGTERM):
            server = bench.server(protocol)
            check_equal(bench.client(protocol, '127.0.0.1', server.port, 'x')[0], 0, 'client')
            server.send_signal(number)
            check_equal(ends(server), 0, 'exit status')
            check('server stopped' in said(server), said(server))


@test
def signal_ends_the_client(bench):
    server = bench.server('tcp')
    ours = bench.start([bench.program, 'client', 'tcp', '127.0.0.1', server.port])
    types(ours, b'hello\n')
    wait_for(lambda: written(ours) == b'hello\n', 'the echo')
    ours.send_signal(signal.SIGINT)
    ends(ours)


@test
def server_listens_again_at_once(bench):
    """Its own connections are in TIME-WAIT then, for it closed first."""
    server = bench.server('tcp')
    with socket.create_connection(('127.0.0.1', server.port), PATIENCE_S) as client:
        client.sendall(b'x')
        client.recv(1)
        server.send_signal(signal.SIGTERM)
        check_equal(client.recv(1), b'')
    ends(server)
    again = bench.start([bench.program, 'server', 'tcp', server.port])
    wait_for(lambda: 'listening on' in said(again) or again.poll() is not None, 'an outcome')
    check(again.poll() is None, said(again))


if __name__ == '__main__':
    run_all('echo')
