/* Real sockets on loopback. This process asks after its own descriptors: the way is the same. */
#include "../../../src/trace/tracing.h"
#include "../../support/cm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct pair { /* a connection */
	int listener, client, server;
	uint16_t port;
};

static struct socket_seen *find_in(struct sockets_seen *sockets, pid_t pid, int fd)
{
	return sockets_seen_find(sockets, &(struct holder){pid, pid, fd});
}

static struct socket_seen *find(struct sockets_seen *sockets, int fd)
{
	return find_in(sockets, getpid(), fd);
}

static struct socket_seen *find_new(struct sockets_seen *sockets, pid_t pid, int fd)
{
	return sockets_seen_new(sockets, &(struct holder){pid, pid, fd}, false);
}

static bool borrowing_is_allowed(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockets_seen *sockets = sockets_seen_open();
	bool ok = find(sockets, fd) != NULL;
	sockets_seen_close(sockets);
	close(fd);
	return ok;
}

static int setup(void **state)
{
	struct sockets_seen *sockets = sockets_seen_open();
	if (!borrowing_is_allowed())
		print_message("skipped: pidfd_getfd is refused here\n");
	*state = sockets;
	return sockets ? 0 : -1;
}

static int teardown(void **state)
{
	sockets_seen_close(*state);
	return 0;
}

static void pair_open(struct pair *pair)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(name);
	if (!borrowing_is_allowed())
		skip();
	pair->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(pair->listener, (struct sockaddr *)&name, size), 0);
	assert_int_equal(listen(pair->listener, 8), 0);
	getsockname(pair->listener, (struct sockaddr *)&name, &size);
	pair->port = ntohs(name.sin_port);
	pair->client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(pair->client, (struct sockaddr *)&name, size), 0);
	pair->server = accept(pair->listener, NULL, NULL);
	assert_true(pair->server >= 0);
}

static void pair_close(struct pair *pair)
{
	close(pair->listener);
	close(pair->client);
	close(pair->server);
}

static void test_a_socket_knows_its_ends(void **state)
{
	struct pair pair;
	struct socket_seen *socket;
	uint16_t port;
	pair_open(&pair);
	socket = find(*state, pair.listener);
	assert_non_null(socket);
	assert_true(socket->listens);
	assert_int_equal(socket->ends.local_port, pair.port);
	assert_int_equal(socket->ends.peer.family, 0);
	socket = find(*state, pair.client);
	assert_int_equal(socket->ends.peer_port, pair.port);
	assert_false(socket->listens);
	port = socket->ends.local_port;
	socket = find(*state, pair.server);
	assert_int_equal(socket->ends.peer_port, port);
	pair_close(&pair);
}

static void test_a_duplicate_is_the_same_socket_and_a_childs_too(void **state)
{
	struct pair pair;
	struct socket_seen *socket;
	uint32_t sock;
	int gate[2], copy;
	pid_t child;
	pair_open(&pair);
	copy = dup(pair.client);
	sock = find(*state, pair.client)->sock;
	assert_int_equal(find(*state, copy)->sock, sock);
	assert_int_equal(pipe(gate), 0);
	child = fork();
	if (child == 0) {
		char byte;
		close(gate[1]);
		_exit(read(gate[0], &byte, 1) == 0 ? 0 : 1);
	}
	socket = find_in(*state, child, copy);
	assert_non_null(socket);
	assert_int_equal(socket->sock, sock);
	assert_int_equal(socket->holder.pid, child);
	close(gate[1]);
	waitpid(child, NULL, 0);
	close(gate[0]);
	close(copy);
	pair_close(&pair);
}

static void test_a_new_socket_is_the_one_that_is_found_later(void **state)
{
	struct sockets_seen *sockets = *state;
	int fd = socket(AF_INET, SOCK_STREAM, 0), other = socket(AF_UNIX, SOCK_STREAM, 0);
	uint32_t sock = find_new(sockets, getpid(), fd)->sock;
	assert_int_equal(find(sockets, fd)->sock, sock);
	assert_int_equal(find_new(sockets, getpid(), fd)->sock, sock);
	assert_null(find_new(sockets, getpid(), other));
	close(other);
	assert_null(find_new(sockets, getpid(), other));
	close(fd);
}

static bool same_ends(const struct socket_ends *a, const struct socket_ends *b)
{
	return a->udp == b->udp && a->local_port == b->local_port &&
	       a->peer_port == b->peer_port && addr_equal(&a->local, &b->local) &&
	       addr_equal(&a->peer, &b->peer);
}

static void assert_listed(struct sockets_seen *sockets, int fd)
{
	const struct socket_seen *told = find(sockets, fd);
	struct socket_seen listed;
	assert_non_null(told);
	listed = (struct socket_seen){.inode = told->inode, .holder = {.pid = getpid()}};
	assert_true(socket_listed(&listed, false));
	assert_true(same_ends(&listed.ends, &told->ends));
	assert_int_equal(listed.listens, told->listens);
}

static void test_the_lists_of_proc_say_the_same_as_the_kernel(void **state)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct pair pair;
	int udp = socket(AF_INET6, SOCK_DGRAM, 0), unnamed;
	struct socket_seen none = {.holder = {.pid = getpid()}};
	pair_open(&pair);
	assert_listed(*state, pair.listener);
	assert_listed(*state, pair.client);
	assert_listed(*state, pair.server);
	if (bind(udp, (struct sockaddr *)&six, sizeof(six)) == 0)
		assert_listed(*state, udp);
	unnamed = socket(AF_INET, SOCK_STREAM, 0);
	none.inode = find(*state, unnamed)->inode;
	assert_false(socket_listed(&none, false));
	close(unnamed);
	close(udp);
	pair_close(&pair);
}

static bool mapped_client(uint16_t port, int *client)
{
	struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &name.sin6_addr);
	*client = socket(AF_INET6, SOCK_STREAM, 0);
	return connect(*client, (struct sockaddr *)&name, sizeof(name)) == 0;
}

static void test_ipv4_in_ipv6_is_listed_as_ipv4(void **state)
{
	struct pair pair;
	int client;
	pair_open(&pair);
	if (mapped_client(pair.port, &client))
		assert_listed(*state, client);
	close(client);
	pair_close(&pair);
}

/* As the seccomp profile of a container does. */
static void refuse_borrowing(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_getfd, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {ARRAY_COUNT(filter), filter};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(3);
}

static bool refused_is_known(struct sockets_seen *sockets, const struct pair *pair)
{
	int other = socket(AF_UNIX, SOCK_STREAM, 0);
	int made = socket(AF_INET, SOCK_DGRAM, 0);
	const struct socket_seen *socket = sockets_seen_new(
		sockets, &(struct holder){getpid(), getpid(), made}, true);
	bool ok = socket && socket->sock && socket->ends.udp;
	uint32_t sock = socket ? socket->sock : 0;
	socket = find(sockets, made);
	ok = ok && socket && socket->sock == sock;
	socket = find(sockets, pair->client);
	ok = ok && socket && socket->ends.peer_port == pair->port;
	ok = ok && sockets_seen_borrow(sockets, socket) == -1;
	return ok && !find(sockets, other) &&
	       sockets_seen_refused(sockets) == EPERM;
}

#define NOBODY INT_MAX /* no process has such a number */

/* Whose first thread has ended; and whose other thread would give another reason. */
static bool refused_is_known_of_threads(struct sockets_seen *sockets, const struct pair *pair)
{
	pid_t ended = fork();
	siginfo_t info;
	struct holder outlived = {ended, getpid(), pair->server};
	struct holder outlives = {getpid(), NOBODY, pair->client};
	const struct socket_seen *socket;
	bool ok;
	if (ended == 0)
		_exit(0);
	waitid(P_PID, (id_t)ended, &info, WEXITED | WNOWAIT);
	socket = sockets_seen_find(sockets, &outlived);
	ok = socket && socket->ends.local_port == pair->port;
	waitpid(ended, NULL, 0);
	socket = sockets_seen_find(sockets, &outlives);
	return ok && socket && socket->ends.peer_port == pair->port;
}

static void test_where_borrowing_is_refused_sockets_are_known_all_the_same(void **state)
{
	struct pair pair;
	int status = -1;
	pid_t child;
	pair_open(&pair);
	assert_int_equal(sockets_seen_refused(*state), 0);
	child = fork();
	if (child == 0) {
		refuse_borrowing();
		if (!refused_is_known_of_threads(*state, &pair))
			_exit(1);
		_exit(refused_is_known(*state, &pair) ? 0 : 2);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	pair_close(&pair);
}

static void test_files_pipes_and_other_sockets_are_not_ours(void **state)
{
	int pipes[2], pair[2], file = open("/dev/null", O_RDONLY);
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_null(find(*state, file));
	assert_null(find(*state, pipes[0]));
	assert_null(find(*state, pair[0]));
	assert_null(find(*state, pair[0]));
	assert_null(find(*state, -1));
	close(file);
	close(pipes[0]), close(pipes[1]);
	close(pair[0]), close(pair[1]);
}

static void test_a_close_still_makes_a_fin(void **state)
{
	struct pair pair;
	struct socket_seen *socket;
	struct kernel_sample sample, before = {0};
	struct pollfd poller;
	char byte;
	pair_open(&pair);
	socket = find(*state, pair.client);
	assert_true(sample_take(*state, socket, &sample, &before));
	close(pair.client);
	poller = (struct pollfd){.fd = pair.server, .events = POLLIN};
	assert_int_equal(poll(&poller, 1, 10000), 1);
	assert_int_equal(recv(pair.server, &byte, 1, 0), 0);
	pair.client = -1;
	pair_close(&pair);
}

static void test_a_number_that_was_given_anew_is_another_socket(void **state)
{
	struct pair pair;
	struct socket_seen *old;
	uint32_t sock;
	int again;
	pair_open(&pair);
	old = find(*state, pair.client);
	sock = old->sock;
	close(pair.client);
	again = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(again, pair.client);
	assert_int_equal(sockets_seen_borrow(*state, old), -1);
	old = find(*state, again);
	assert_int_not_equal(old->sock, sock);
	assert_true(old->ends.udp);
	pair_close(&pair);
}

static void test_what_is_forgotten_is_not_borrowed_until_it_is_found_again(void **state)
{
	struct pair pair;
	struct socket_seen *socket;
	int borrowed;
	pair_open(&pair);
	socket = find(*state, pair.client);
	sockets_seen_forget(*state, socket->sock);
	assert_int_equal(sockets_seen_borrow(*state, socket), -1);
	assert_ptr_equal(sockets_seen_at(*state, socket->sock), socket);
	assert_ptr_equal(find(*state, pair.client), socket);
	borrowed = sockets_seen_borrow(*state, socket);
	assert_true(borrowed >= 0);
	close(borrowed);
	pair_close(&pair);
}

/* More sockets one after the other than the table holds, and one that stays open. */
static void test_a_full_table_keeps_what_is_open(void **state)
{
	struct pair pair;
	uint32_t sock, first;
	pair_open(&pair);
	sock = find(*state, pair.listener)->sock;
	first = find(*state, pair.client)->sock;
	close(pair.client);
	for (int i = 0; i < SOCKETS_SEEN_MAX + 100; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM, 0);
		assert_non_null(find(*state, fd));
		close(fd);
	}
	assert_null(sockets_seen_at(*state, first));
	assert_non_null(sockets_seen_at(*state, sock));
	assert_int_equal(find(*state, pair.listener)->sock, sock);
	pair.client = -1;
	pair_close(&pair);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_socket_knows_its_ends),
		T(test_a_duplicate_is_the_same_socket_and_a_childs_too),
		T(test_a_new_socket_is_the_one_that_is_found_later),
		T(test_the_lists_of_proc_say_the_same_as_the_kernel),
		T(test_ipv4_in_ipv6_is_listed_as_ipv4),
		T(test_where_borrowing_is_refused_sockets_are_known_all_the_same),
		T(test_files_pipes_and_other_sockets_are_not_ours),
		T(test_a_close_still_makes_a_fin),
		T(test_a_number_that_was_given_anew_is_another_socket),
		T(test_what_is_forgotten_is_not_borrowed_until_it_is_found_again),
		T(test_a_full_table_keeps_what_is_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
