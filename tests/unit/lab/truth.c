/* The truth against what two taps saw. */
#include "../../support/cm.h"

#include "../../support/labtest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EACH 300

static const struct wire_rule rules[] = {
	{.text = "drop", .match = WIRE_DATAGRAM, .to = {true, true}, .bytes = {-1, -1},
	 .chance_ppm = 200000, .deed = DEED_DROP},
	{.text = "twice", .match = WIRE_DATAGRAM, .to = {true, true}, .bytes = {-1, -1},
	 .every = 7, .deed = DEED_DUPLICATE, .by = 1},
	{.text = "hold", .match = WIRE_DATAGRAM, .to = {true, true}, .bytes = {-1, -1},
	 .every = 11, .deed = DEED_HOLD, .by = 3},
	{.text = "late", .match = WIRE_DATAGRAM, .to = {[END_CLIENT] = true}, .bytes = {-1, -1},
	 .every = 13, .deed = DEED_DELAY, .ns = NS_PER_MS},
	{.text = "wrong", .match = WIRE_DATAGRAM, .to = {[END_SERVER] = true},
	 .bytes = {-1, -1}, .every = 17, .deed = DEED_CORRUPT},
};
static const struct lesson lossy = {
	.name = "lossy", .rules = rules, .rule_count = ARRAY_COUNT(rules),
	.link = {{.delay_ns = 2 * NS_PER_MS}, {.delay_ns = NS_PER_MS}},
};

/* Three hundred datagrams each way, by turns. */
static void exchange(struct lab *lab, bool six)
{
	int server = labtest_socket(lab, END_SERVER, six, SOCK_DGRAM);
	int client = labtest_socket(lab, END_CLIENT, six, SOCK_DGRAM);
	for (unsigned i = 0; i < EACH; i++) {
		labtest_send(client, &(struct labtest_burst){END_SERVER, six, 1, 20 + i});
		labtest_send(server, &(struct labtest_burst){END_CLIENT, six, 1, 400 + i});
	}
	labtest_settle(lab);
	close(server);
	close(client);
}

struct seen { /* by one tap: hashes of what went out and came in */
	uint64_t out[2 * EACH], in[2 * EACH];
	size_t out_count, in_count;
};

static void look(int tap, struct seen *seen)
{
	struct labtest_frame frame;
	*seen = (struct seen){0};
	while (labtest_tap_next(tap, &frame)) {
		uint64_t hash = hash_bytes(frame.bytes, frame.count, 0);
		if (lab_is_noise(frame.bytes, frame.count))
			continue;
		CHECK(seen->out_count < 2 * EACH && seen->in_count < 2 * EACH);
		if (frame.outgoing)
			seen->out[seen->out_count++] = hash;
		else
			seen->in[seen->in_count++] = hash;
	}
}

static size_t times(const uint64_t *hashes, size_t count, uint64_t hash)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++)
		found += hashes[i] == hash;
	return found;
}

static void line_agrees(const struct truth *t, const struct seen *from, const struct seen *to)
{
	size_t same = times(from->out, from->out_count, t->hash);
	CHECK(t->n >= 1 && t->n <= from->out_count);
	CHECK(from->out[t->n - 1] == t->hash && same == 1);
	CHECK(times(to->in, to->in_count, t->hash) == (t->deed == DEED_CORRUPT ? 0 : t->copies));
	CHECK((t->sent_ns == 0) == (t->copies == 0) && t->sent_ns >= t->due_ns);
	CHECK(!t->copies || t->due_ns >= t->arrived_ns + lossy.link[t->to].delay_ns);
	CHECK(t->copies == (t->deed == DEED_DROP ? 0U : t->deed == DEED_DUPLICATE ? 2U : 1U));
	CHECK((t->deed != DEED_NONE) == (t->rule != 0));
	CHECK(!t->rule || rules[t->rule - 1].deed == t->deed);
}

static void agrees(bool six)
{
	static struct seen seen[END_COUNT];
	struct lab *lab = labtest_open(&lossy, 3);
	int taps[] = {labtest_tap(lab, END_CLIENT), labtest_tap(lab, END_SERVER)};
	size_t count, copies[END_COUNT] = {0}, lines[END_COUNT] = {0};
	const struct truth *truth;
	uint64_t missed, began_ns = clock_now_ns();
	exchange(lab, six);
	truth = lab_truth(lab, &count, &missed);
	look(taps[END_CLIENT], &seen[END_CLIENT]);
	look(taps[END_SERVER], &seen[END_SERVER]);
	CHECK(missed == 0);
	for (size_t i = 0; i < count; i++) {
		enum end from = truth[i].to == END_CLIENT ? END_SERVER : END_CLIENT;
		CHECK(truth[i].n == ++lines[truth[i].to]);
		CHECK(truth[i].arrived_ns >= began_ns && truth[i].sent_ns <= clock_now_ns());
		line_agrees(&truth[i], &seen[from], &seen[truth[i].to]);
		copies[truth[i].to] += truth[i].copies;
	}
	CHECK(lines[END_SERVER] == seen[END_CLIENT].out_count);
	CHECK(lines[END_CLIENT] == seen[END_SERVER].out_count);
	CHECK(copies[END_SERVER] == seen[END_SERVER].in_count);
	CHECK(copies[END_CLIENT] == seen[END_CLIENT].in_count);
	lab_close(lab);
}

static void agrees_in_both_families(void)
{
	agrees(false);
	agrees(true);
}

static void test_truth_and_two_taps_agree_frame_by_frame(void **state)
{
	(void)state;
	labtest_in_child(agrees_in_both_families);
}

static void deeds_of(uint64_t seed, uint32_t deeds[static 2 * EACH])
{
	struct lab *lab = labtest_open(&lossy, seed);
	const struct truth *truth;
	uint64_t missed;
	size_t count;
	exchange(lab, false);
	truth = lab_truth(lab, &count, &missed);
	for (size_t i = 0; i < count; i++) {
		/* Datagrams alone, not the errors about their closed ports. */
		if (truth[i].n <= EACH)
			deeds[truth[i].to * EACH + truth[i].n - 1] = truth[i].deed;
	}
	lab_close(lab);
}

static void same_seed(void)
{
	static uint32_t one[2 * EACH], two[2 * EACH], other[2 * EACH];
	deeds_of(3, one);
	deeds_of(3, two);
	deeds_of(4, other);
	CHECK(memcmp(one, two, sizeof(one)) == 0);
	CHECK(memcmp(one, other, sizeof(one)) != 0);
}

static void test_the_same_seed_does_the_same_and_another_does_not(void **state)
{
	(void)state;
	labtest_in_child(same_seed);
}

static void stopped(void)
{
	static const struct lesson slow = {
		.name = "slow",
		.link = {[END_SERVER] = {.delay_ns = 100 * NS_PER_MS},
			 [END_CLIENT] = {.delay_ns = 60 * NS_PER_S}},
	};
	struct lab *lab = labtest_open(&slow, 1);
	int server = labtest_socket(lab, END_SERVER, false, SOCK_DGRAM);
	int client = labtest_socket(lab, END_CLIENT, false, SOCK_DGRAM);
	const struct truth *truth, *again;
	uint64_t missed, began = clock_monotonic_ns();
	size_t count, same;
	char text[256];
	CHECK(lab_idle(lab));
	labtest_send(client, &(struct labtest_burst){END_SERVER, false, 3, 100});
	labtest_send(server, &(struct labtest_burst){END_CLIENT, false, 1, 100});
	while (lab_idle(lab) && clock_monotonic_ns() - began < 2 * NS_PER_S)
		clock_sleep_ns(NS_PER_MS); /* the wire is a process of its own */
	CHECK(!lab_idle(lab));
	truth = lab_truth(lab, &count, &missed);
	CHECK(clock_monotonic_ns() - began < 10 * NS_PER_S);
	CHECK(count == 4 && missed == 0);
	for (size_t i = 0; i < count; i++)
		CHECK((truth[i].sent_ns != 0) == (truth[i].to == END_SERVER));
	labtest_send(client, &(struct labtest_burst){END_SERVER, false, 2, 100});
	labtest_receive(server, 20, text);
	CHECK(strcmp(text, "1 2 3") == 0);
	again = lab_truth(lab, &same, &missed);
	CHECK(again == truth && same == count && missed == 0);
	lab_close(lab);
}

static void test_what_is_under_way_when_it_stops_still_goes_unless_it_is_far_off(void **state)
{
	(void)state;
	labtest_in_child(stopped);
}

static void anew(void)
{
	struct lab *lab = labtest_open(&lossy, 1);
	int client = labtest_socket(lab, END_CLIENT, false, SOCK_DGRAM);
	const struct truth *truth;
	struct err err = {0};
	uint64_t missed;
	int64_t sent = -1;
	size_t count;
	labtest_send(client, &(struct labtest_burst){END_SERVER, false, 9, 100});
	CHECK(lab_ready(lab, &err));
	CHECK(lab_counter(lab, END_CLIENT, "UdpOutDatagrams", &sent) && sent == 0);
	labtest_send(client, &(struct labtest_burst){END_SERVER, false, 2, 100});
	CHECK(lab_counter(lab, END_CLIENT, "UdpOutDatagrams", &sent) && sent == 2);
	labtest_settle(lab);
	truth = lab_truth(lab, &count, &missed);
	for (size_t i = 0, n = 0; i < count; i++)
		CHECK(truth[i].to != END_SERVER || (truth[i].n == ++n && n <= 2));
	CHECK(count >= 2 && truth[0].n == 1);
	lab_close(lab);
}

static void test_numbers_and_counters_begin_when_the_lab_is_ready(void **state)
{
	(void)state;
	labtest_in_child(anew);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_truth_and_two_taps_agree_frame_by_frame),
		cmocka_unit_test(test_numbers_and_counters_begin_when_the_lab_is_ready),
		cmocka_unit_test(test_the_same_seed_does_the_same_and_another_does_not),
		cmocka_unit_test(
			test_what_is_under_way_when_it_stops_still_goes_unless_it_is_far_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
