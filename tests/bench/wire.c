/* Figures of the lab. wire setup [TIMES]: how long it takes until a lab is ready. wire delay: how
 * late frames leave that are due after 10 ms. wire flood [PACKETS_PER_S [SECONDS]]: whether
 * everything adds up while both taps run. Exit 1 when it does not, 77 where namespaces are
 * refused. */
#include "wireladder/capture.h"
#include "wireladder/lab.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define REFUSED 77

static void must(bool holds, const struct err *err)
{
	if (holds)
		return;
	fprintf(stderr, "wire: %s\n", err->text);
	exit(err->status == EXIT_PERMISSION ? REFUSED : 1);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static void tell(const char *what, uint64_t *ns, size_t count)
{
	qsort(ns, count, sizeof(*ns), by_size);
	printf("%-28s p50 %9.3f ms  p90 %9.3f ms  p99 %9.3f ms  max %9.3f ms  (n=%zu)\n", what,
	       (double)ns[count / 2] / 1e6, (double)ns[count * 9 / 10] / 1e6,
	       (double)ns[count * 99 / 100] / 1e6, (double)ns[count - 1] / 1e6, count);
}

static void setup(size_t times)
{
	static const struct lesson plain = {.name = "plain"};
	uint64_t *opened = calloc(times, sizeof(*opened)), *closed = calloc(times, sizeof(*closed));
	for (size_t i = 0; i < times; i++) {
		uint64_t began = clock_monotonic_ns();
		struct err err = {0};
		struct lab *lab = lab_open(&plain, i, &err);
		must(lab && lab_ready(lab, &err), &err);
		opened[i] = clock_monotonic_ns() - began;
		lab_close(lab);
		closed[i] = clock_monotonic_ns() - began - opened[i];
	}
	tell("set-up until ready", opened, times);
	tell("closing", closed, times);
	free(opened);
	free(closed);
}

/* A socket of the client that is connected to one of the server that nobody reads. */
static int sender(struct lab *lab, struct err *err)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
	int server, client;
	inet_pton(AF_INET, LAB_SERVER_ADDR4, &to.sin_addr);
	must(lab_enter(lab, END_SERVER, err), err);
	server = socket(AF_INET, SOCK_DGRAM, 0);
	must(bind(server, (const struct sockaddr *)&to, sizeof(to)) == 0, err);
	must(lab_enter(lab, END_CLIENT, err), err);
	client = socket(AF_INET, SOCK_DGRAM, 0);
	must(connect(client, (const struct sockaddr *)&to, sizeof(to)) == 0, err);
	return client;
}

static void delay(void)
{
	static const struct lesson slow = {
		.name = "slow", .link = {[END_SERVER] = {.delay_ns = 10 * NS_PER_MS}}};
	struct err err = {0};
	struct lab *lab = lab_open(&slow, 1, &err);
	const struct truth *truth;
	uint64_t missed, *late;
	size_t count;
	int fd;
	must(lab && lab_ready(lab, &err), &err);
	fd = sender(lab, &err);
	for (int i = 0; i < 2000; i++) {
		must(send(fd, "x", 1, 0) == 1, &err);
		clock_sleep_ns(NS_PER_MS);
	}
	truth = lab_truth(lab, &count, &missed);
	late = calloc(count, sizeof(*late));
	for (size_t i = 0; i < count; i++)
		late[i] = truth[i].sent_ns - truth[i].due_ns;
	tell("late after 10 ms of delay", late, count);
	free(late);
	lab_close(lab);
}

static void flood_send(int fd, uint64_t per_second, uint64_t seconds)
{
	static char bytes[100];
	uint64_t began = clock_monotonic_ns();
	for (uint64_t i = 0; i < per_second * seconds; i++) {
		/* Ten at a time: a sleep for each would be too slow. */
		while (i % 10 == 0 && (clock_monotonic_ns() - began) * per_second < i * NS_PER_S)
			clock_sleep_ns(50000);
		if (send(fd, bytes, sizeof(bytes), 0) < 0)
			i--;
	}
	printf("%-28s %.0f packets/s\n", "sent",
	       (double)(per_second * seconds) * 1e9 / (double)(clock_monotonic_ns() - began));
	exit(0);
}

static uint64_t tap_count(struct tap *tap)
{
	struct frame frame;
	struct err err = {0};
	uint64_t count = 0;
	while (tap_next(tap, &frame, &err) == FRAME_READY)
		count += !lab_is_noise(frame.bytes, frame.caplen);
	return count;
}

static const struct wire_rule faults[] = {
	{.text = "drop", .match = WIRE_DATAGRAM, .to = {true, true}, .bytes = {-1, -1},
	 .chance_ppm = 10000, .deed = DEED_DROP},
	{.text = "twice", .match = WIRE_DATAGRAM, .to = {true, true}, .bytes = {-1, -1},
	 .chance_ppm = 10000, .deed = DEED_DUPLICATE, .by = 1},
};

struct flood {
	struct lab *lab;
	int fd; /* that floods */
	struct tap *taps[END_COUNT];
	uint64_t seen[END_COUNT];
	pid_t child;
};

static void flood_watch(struct flood *flood)
{
	bool sending = true;
	for (;;) {
		struct pollfd ready[] = {{.fd = tap_fd(flood->taps[0]), .events = POLLIN},
					 {.fd = tap_fd(flood->taps[1]), .events = POLLIN}};
		bool some = poll(ready, 2, 100) > 0;
		clock_sleep_ns(NS_PER_MS); /* a wake-up for each frame is a load of its own */
		for (size_t i = 0; i < END_COUNT; i++)
			flood->seen[i] += tap_count(flood->taps[i]);
		if (!some && !sending && lab_idle(flood->lab))
			return;
		if (!some && waitpid(flood->child, NULL, WNOHANG) == flood->child)
			sending = false;
	}
}

static bool flood_adds_up(struct flood *flood)
{
	uint64_t missed, kernel[END_COUNT], interface, dropped = 0, again = 0, late = 0;
	size_t count;
	const struct truth *truth = lab_truth(flood->lab, &count, &missed);
	for (size_t i = 0; i < count; i++) {
		dropped += truth[i].copies == 0;
		again += truth[i].copies > 1 ? truth[i].copies - 1 : 0;
		late += truth[i].sent_ns > truth[i].due_ns + NS_PER_MS;
	}
	for (size_t i = 0; i < END_COUNT; i++)
		must(tap_dropped(flood->taps[i], &kernel[i], &interface), &(struct err){0});
	printf("sent %lu - dropped %lu + again %lu = %lu, received %lu; wire logged %zu, missed "
	       "%lu; taps dropped %lu and %lu; later than 1 ms %lu\n",
	       flood->seen[END_CLIENT], dropped, again,
	       flood->seen[END_CLIENT] - dropped + again, flood->seen[END_SERVER], count, missed,
	       kernel[END_CLIENT], kernel[END_SERVER], late);
	return missed + kernel[END_CLIENT] + kernel[END_SERVER] == 0 &&
	       flood->seen[END_CLIENT] == count &&
	       flood->seen[END_CLIENT] - dropped + again == flood->seen[END_SERVER];
}

static bool flood(uint64_t per_second, uint64_t seconds)
{
	struct lesson lossy = {.name = "flood", .rules = faults,
			       .rule_count = ARRAY_COUNT(faults)};
	struct flood all = {0};
	struct err err = {0};
	bool right;
	all.lab = lab_open(&lossy, 1, &err);
	must(all.lab != NULL, &err);
	for (size_t i = 0; i < END_COUNT; i++) {
		struct tap_config config = {.interface = lab_interface((enum end)i),
					    .snaplen = 128, .ring_bytes = 64 << 20};
		must(lab_enter(all.lab, (enum end)i, &err), &err);
		all.taps[i] = tap_open(&config, &err);
		must(all.taps[i] != NULL, &err);
	}
	must(lab_ready(all.lab, &err), &err);
	all.fd = sender(all.lab, &err);
	fflush(NULL);
	all.child = fork();
	if (all.child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		flood_send(all.fd, per_second, seconds);
	}
	flood_watch(&all);
	right = flood_adds_up(&all);
	for (size_t i = 0; i < END_COUNT; i++)
		tap_close(all.taps[i]);
	lab_close(all.lab);
	return right;
}

static uint64_t number(char **words, int count, int at, uint64_t missing)
{
	return at < count ? strtoull(words[at], NULL, 10) : missing;
}

int main(int count, char **words)
{
	const char *what = count > 1 ? words[1] : "";
	if (strcmp(what, "setup") == 0)
		setup(number(words, count, 2, 50));
	else if (strcmp(what, "delay") == 0)
		delay();
	else if (strcmp(what, "flood") == 0)
		return flood(number(words, count, 2, 100000), number(words, count, 3, 5)) ? 0 : 1;
	else
		return fprintf(stderr, "wire setup|delay|flood\n"), 1;
	return 0;
}
