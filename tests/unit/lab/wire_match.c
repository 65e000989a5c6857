/* Which frames a rule looks for. Frames are built by the packet builders, not by the wire. */
#include "../../support/cm.h"

#include "../../../src/lab/matcher.h"
#include "../../support/packet.h"

#include <stdio.h>
#include <string.h>

#define CLIENT "10.77.0.1:1000"
#define SERVER "10.77.0.2:7"

struct tried { /* the frames of one test go through one matcher */
	struct matcher matcher;
	struct lesson lesson;
};

static struct wire_rule rule_of(enum wire_match match)
{
	return (struct wire_rule){.match = match, .to = {true, true}, .bytes = {-1, -1},
				  .deed = DEED_DROP};
}

static void tried_open(struct tried *tried, const struct wire_rule *rules, size_t count)
{
	tried->lesson = (struct lesson){.rules = rules, .rule_count = count};
	assert_true(matcher_open(&tried->matcher, &tried->lesson, 1));
}

static uint32_t tried_packet(struct tried *tried, struct packet_bytes *p, enum end to)
{
	struct meaning meaning;
	packet_link(p, LINK_ETHERNET);
	meaning_read(&meaning, p->bytes, p->len);
	return matcher_rule(&tried->matcher, &meaning, to);
}

struct sent { /* by the client, unless `to` says that it goes to it */
	uint32_t seq;
	uint16_t flags;
	size_t len;
	enum end to;
	uint16_t port; /* of the client; 0: 1000 */
};

static uint32_t tried_tcp(struct tried *tried, struct sent sent)
{
	static struct packet_bytes p;
	char client[32];
	struct tcp_spec spec = {.seq = sent.seq, .flags = sent.flags, .len = sent.len};
	snprintf(client, sizeof(client), "10.77.0.1:%u", sent.port ? sent.port : 1000U);
	spec.ip.src = sent.to == END_CLIENT ? SERVER : client;
	spec.ip.dst = sent.to == END_CLIENT ? client : SERVER;
	packet_tcp(&p, &spec);
	return tried_packet(tried, &p, sent.to);
}

#define TO(...) (struct sent){.to = END_SERVER, __VA_ARGS__}

static void test_each_kind_of_segment_is_told_from_the_others(void **state)
{
	static const struct {
		enum wire_match match;
		uint16_t flags;
		size_t len;
		bool fits;
	} cases[] = {
		{WIRE_SYN, TCP_SYN, 0, true},
		{WIRE_SYN, TCP_SYN | TCP_ECE | TCP_CWR, 0, true},
		{WIRE_SYN, TCP_SYN | TCP_ACK, 0, false},
		{WIRE_SYN_ACK, TCP_SYN | TCP_ACK, 0, true},
		{WIRE_SYN_ACK, TCP_SYN, 0, false},
		{WIRE_SYN_ACK, TCP_ACK, 0, false},
		{WIRE_FIN, TCP_FIN | TCP_ACK, 0, true},
		{WIRE_FIN, TCP_FIN | TCP_ACK | TCP_PSH, 9, true},
		{WIRE_FIN, TCP_ACK, 9, false},
		{WIRE_RST, TCP_RST, 0, true},
		{WIRE_RST, TCP_RST | TCP_ACK, 0, true},
		{WIRE_RST, TCP_ACK, 0, false},
		{WIRE_ACK, TCP_ACK, 0, true},
		{WIRE_ACK, TCP_ACK | TCP_ECE, 0, true},
		{WIRE_ACK, TCP_ACK, 1, false},
		{WIRE_ACK, TCP_ACK | TCP_FIN, 0, false},
		{WIRE_ACK, TCP_ACK | TCP_PSH, 0, false},
		{WIRE_DATA, TCP_ACK, 1, true},
		{WIRE_DATA, TCP_SYN, 4, true},
		{WIRE_DATA, TCP_ACK, 0, false},
		{WIRE_ANY, TCP_ACK, 0, true},
		{WIRE_DATAGRAM, TCP_ACK, 5, false},
		{WIRE_FRAGMENT, TCP_ACK, 5, false},
		{WIRE_ICMP, TCP_ACK, 5, false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct wire_rule rule = rule_of(cases[i].match);
		struct tried tried;
		tried_open(&tried, &rule, 1);
		assert_int_equal(tried_tcp(&tried, TO(.seq = 5, .flags = cases[i].flags,
						      .len = cases[i].len)),
				 cases[i].fits);
		matcher_close(&tried.matcher);
	}
}

static void test_fragments_datagrams_and_icmp_are_told_apart(void **state)
{
	static const struct {
		uint16_t fragment;
		bool datagram, fragmented;
	} cases[] = {{0, true, false}, {0x2000, true, true}, {0x2001, false, true},
		     {0x0001, false, true}, {0x4000, true, false}};
	struct wire_rule rules[] = {rule_of(WIRE_DATAGRAM), rule_of(WIRE_FRAGMENT),
				    rule_of(WIRE_ICMP)};
	static struct packet_bytes p;
	struct tried tried;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct udp_spec spec = {.ip = {.src = CLIENT, .dst = SERVER,
					       .fragment = cases[i].fragment}, .len = 16};
		for (size_t k = 0; k < 2; k++) {
			tried_open(&tried, &rules[k], 1);
			packet_udp(&p, &spec);
			assert_int_equal(tried_packet(&tried, &p, END_SERVER),
					 k == 0 ? cases[i].datagram : cases[i].fragmented);
			matcher_close(&tried.matcher);
		}
	}
	tried_open(&tried, &rules[2], 1);
	packet_icmp(&p, &(struct icmp_spec){.ip = {.src = CLIENT, .dst = SERVER}, .type = 8});
	assert_int_equal(tried_packet(&tried, &p, END_SERVER), 1);
	packet_icmp(&p, &(struct icmp_spec){.ip = {.src = "[fd77::1]", .dst = "[fd77::2]"},
					    .type = 128});
	assert_int_equal(tried_packet(&tried, &p, END_SERVER), 1);
	matcher_close(&tried.matcher);
}

static void test_ipv6_segments_are_found_behind_extension_headers(void **state)
{
	static const uint8_t options[] = {43, 0, 1, 4, 0, 0, 0, 0, /* hop-by-hop, then routing */
					  6, 0, 0, 0, 0, 0, 0, 0}; /* then TCP */
	struct wire_rule rule = rule_of(WIRE_DATA);
	static struct packet_bytes p;
	struct tried tried;
	(void)state;
	rule.port = 7;
	tried_open(&tried, &rule, 1);
	packet_tcp(&p, &(struct tcp_spec){
		.ip = {.src = "[fd77::1]:1000", .dst = "[fd77::2]:7", .options = options,
		       .options_len = sizeof(options), .first = 0},
		.seq = 1, .flags = TCP_ACK, .payload = "hi"});
	assert_int_equal(tried_packet(&tried, &p, END_SERVER), 1);
	matcher_close(&tried.matcher);
}

static void test_the_fifth_data_segment_is_the_fifth_whatever_else_passes(void **state)
{
	struct wire_rule rule = rule_of(WIRE_DATA);
	struct tried tried;
	(void)state;
	rule.to[END_CLIENT] = false;
	rule.first = rule.last = 5;
	tried_open(&tried, &rule, 1);
	for (uint32_t k = 1; k <= 9; k++) {
		assert_int_equal(tried_tcp(&tried, TO(.seq = k, .flags = TCP_ACK)), 0);
		assert_int_equal(tried_tcp(&tried, (struct sent){.seq = 1, .flags = TCP_ACK,
								 .len = 9}), 0);
		assert_int_equal(tried_tcp(&tried, TO(.seq = k * 10, .flags = TCP_ACK,
						      .len = 10)), k == 5);
	}
	matcher_close(&tried.matcher);
}

static void test_every_third_from_the_second_to_the_ninth(void **state)
{
	struct wire_rule rule = rule_of(WIRE_DATA);
	struct tried tried;
	(void)state;
	rule.first = 2;
	rule.last = 9;
	rule.every = 3;
	tried_open(&tried, &rule, 1);
	for (uint32_t k = 1; k <= 20; k++)
		assert_int_equal(tried_tcp(&tried, TO(.seq = k * 10, .flags = TCP_ACK,
						      .len = 10)), k == 4 || k == 7);
	matcher_close(&tried.matcher);
}

static void test_bytes_are_relative_to_the_syn_and_both_ends_count(void **state)
{
	struct wire_rule rule = rule_of(WIRE_DATA);
	struct tried tried;
	(void)state;
	rule.bytes[0] = 100;
	rule.bytes[1] = 199;
	tried_open(&tried, &rule, 1);
	/* The circle of numbers turns within the range. */
	assert_int_equal(tried_tcp(&tried, TO(.seq = 0xFFFFFF80, .flags = TCP_SYN)), 0);
	assert_int_equal(tried_tcp(&tried, TO(.seq = 0xFFFFFF81, .flags = TCP_ACK,
					      .len = 99)), 0); /* 1 … 99 */
	assert_int_equal(tried_tcp(&tried, TO(.seq = 0xFFFFFF81, .flags = TCP_ACK,
					      .len = 100)), 1); /* 1 … 100 */
	assert_int_equal(tried_tcp(&tried, TO(.seq = 0xFFFFFF80 + 199, .flags = TCP_ACK,
					      .len = 1)), 1);
	assert_int_equal(tried_tcp(&tried, TO(.seq = 0xFFFFFF80 + 200, .flags = TCP_ACK,
					      .len = 50)), 0);
	matcher_close(&tried.matcher);
}

static void test_data_in_a_syn_begins_at_1_and_so_does_a_stream_met_midway(void **state)
{
	struct wire_rule rule = rule_of(WIRE_DATA);
	struct tried tried;
	(void)state;
	rule.bytes[0] = rule.bytes[1] = 1;
	tried_open(&tried, &rule, 1);
	assert_int_equal(tried_tcp(&tried, TO(.seq = 5000, .flags = TCP_SYN, .len = 4)), 1);
	assert_int_equal(tried_tcp(&tried, TO(.seq = 5005, .flags = TCP_ACK, .len = 4)), 0);
	assert_int_equal(tried_tcp(&tried, TO(.seq = 7777, .flags = TCP_ACK, .len = 4,
					      .port = 1001)), 1);
	assert_int_equal(tried_tcp(&tried, TO(.seq = 7778, .flags = TCP_ACK, .len = 4,
					      .port = 1001)), 0);
	matcher_close(&tried.matcher);
}

static void test_a_copy_is_the_nth_time_that_its_bytes_pass(void **state)
{
	struct wire_rule rule = rule_of(WIRE_DATA);
	struct tried tried;
	(void)state;
	rule.copy = 2;
	tried_open(&tried, &rule, 1);
	tried_tcp(&tried, TO(.seq = 0, .flags = TCP_SYN));
	for (uint32_t k = 0; k < 10; k++)
		assert_int_equal(tried_tcp(&tried, TO(.seq = 1 + k * 100, .flags = TCP_ACK,
						      .len = 100)), 0);
	assert_int_equal(tried_tcp(&tried, TO(.seq = 401, .flags = TCP_ACK, .len = 100)), 1);
	assert_int_equal(tried_tcp(&tried, TO(.seq = 401, .flags = TCP_ACK, .len = 100)), 0);
	/* Cut anew: its first byte decides. */
	assert_int_equal(tried_tcp(&tried, TO(.seq = 351, .flags = TCP_ACK, .len = 100)), 1);
	assert_int_equal(tried_tcp(&tried, TO(.seq = 1001, .flags = TCP_ACK, .len = 100)), 0);
	/* Another connection under the same ports has passed nothing yet. */
	tried_tcp(&tried, TO(.seq = 9000, .flags = TCP_SYN));
	assert_int_equal(tried_tcp(&tried, TO(.seq = 9001, .flags = TCP_ACK, .len = 100)), 0);
	matcher_close(&tried.matcher);
}

static void test_a_syn_and_a_fin_have_copies_too(void **state)
{
	struct wire_rule rules[] = {rule_of(WIRE_SYN), rule_of(WIRE_FIN)};
	struct tried tried;
	(void)state;
	rules[0].copy = rules[1].copy = 2;
	tried_open(&tried, rules, 2);
	assert_int_equal(tried_tcp(&tried, TO(.seq = 50, .flags = TCP_SYN)), 0);
	assert_int_equal(tried_tcp(&tried, TO(.seq = 50, .flags = TCP_SYN)), 1);
	assert_int_equal(tried_tcp(&tried, TO(.seq = 51, .flags = TCP_FIN | TCP_ACK)), 0);
	assert_int_equal(tried_tcp(&tried, TO(.seq = 51, .flags = TCP_FIN | TCP_ACK)), 2);
	matcher_close(&tried.matcher);
}

static void test_a_port_is_either_port_and_later_fragments_have_none(void **state)
{
	struct wire_rule rule = rule_of(WIRE_ANY);
	static struct packet_bytes p;
	struct tried tried;
	(void)state;
	rule.port = 1000;
	tried_open(&tried, &rule, 1);
	assert_int_equal(tried_tcp(&tried, TO(.flags = TCP_ACK)), 1);
	assert_int_equal(tried_tcp(&tried, (struct sent){.flags = TCP_ACK}), 1);
	assert_int_equal(tried_tcp(&tried, TO(.flags = TCP_ACK, .port = 1001)), 0);
	packet_udp(&p, &(struct udp_spec){
		.ip = {.src = CLIENT, .dst = SERVER, .fragment = 0x0003}, .len = 8});
	assert_int_equal(tried_packet(&tried, &p, END_SERVER), 0);
	matcher_close(&tried.matcher);
}

static void test_the_first_rule_that_fits_acts_and_all_count(void **state)
{
	struct wire_rule rules[] = {rule_of(WIRE_DATA), rule_of(WIRE_DATA), rule_of(WIRE_ANY)};
	static const uint32_t acts[] = {3, 1, 2, 3};
	struct tried tried;
	(void)state;
	rules[0].first = rules[0].last = 2;
	rules[1].first = 2;
	rules[1].last = 3;
	tried_open(&tried, rules, 3);
	for (uint32_t k = 0; k < ARRAY_COUNT(acts); k++)
		assert_int_equal(tried_tcp(&tried, TO(.seq = k * 10, .flags = TCP_ACK,
						      .len = 10)), acts[k]);
	matcher_close(&tried.matcher);
}

#define DRAWS 20000
static uint32_t draw(uint64_t seed, bool with_acks, uint8_t drawn[DRAWS])
{
	struct wire_rule rule = rule_of(WIRE_DATA);
	struct lesson lesson = {.rules = &rule, .rule_count = 1};
	struct tried tried = {.lesson = lesson};
	uint32_t count = 0;
	rule.chance_ppm = 100000;
	assert_true(matcher_open(&tried.matcher, &tried.lesson, seed));
	for (uint32_t k = 0; k < DRAWS; k++) {
		struct meaning data = {.family = 4, .protocol = 6, .first = true,
				       .seq = k, .tcp_flags = TCP_ACK, .payload_len = 1};
		struct meaning ack = data;
		ack.payload_len = 0;
		if (with_acks)
			assert_int_equal(matcher_rule(&tried.matcher, &ack, END_SERVER), 0);
		drawn[k] = (uint8_t)matcher_rule(&tried.matcher, &data, END_SERVER);
		count += drawn[k];
	}
	matcher_close(&tried.matcher);
	return count;
}

static void test_chance_follows_the_seed_and_not_what_else_passes(void **state)
{
	static uint8_t one[DRAWS], same[DRAWS], other[DRAWS];
	uint32_t count = draw(7, false, one);
	(void)state;
	/* 2,000 are expected; four standard deviations are 170. */
	assert_in_range(count, 2000 - 170, 2000 + 170);
	assert_int_equal(draw(7, true, same), count);
	assert_memory_equal(one, same, DRAWS);
	draw(8, false, other);
	assert_memory_not_equal(one, other, DRAWS);
}

static void test_passes_keep_counts_apart_and_forget_the_oldest(void **state)
{
	struct passes passes = {0};
	(void)state;
	assert_int_equal(passes_add(&passes, 0, 1000), 1);
	assert_int_equal(passes_add(&passes, 200, 300), 2);
	assert_int_equal(passes.count, 3);
	assert_int_equal(passes_add(&passes, 100, 400), 2);
	assert_int_equal(passes_add(&passes, 250, 260), 4);
	assert_int_equal(passes_add(&passes, 999, 2000), 2);
	assert_int_equal(passes_add(&passes, 1500, 1600), 2);
	assert_int_equal(passes_add(&passes, 5000, 5100), 1); /* a gap lies before it */
	assert_int_equal(passes_add(&passes, 2000, 5000), 1);
	assert_int_equal(passes_add(&passes, 5050, 5060), 2);
	for (uint32_t k = 0; k < 10 * PASSES_MAX; k++)
		passes_add(&passes, 10000 + k * 10, 10005 + k * 10);
	assert_int_equal(passes.count, PASSES_MAX);
	assert_int_equal(passes_add(&passes, 250, 260), 1);
	assert_int_equal(passes_add(&passes, 10000 + 10 * PASSES_MAX * 10 - 10,
				    10005 + 10 * PASSES_MAX * 10 - 10), 2);
}

/* The same, counted byte by byte. */
static void test_passes_agree_with_counting_each_byte(void **state)
{
	static uint32_t times[512];
	struct passes passes = {0};
	uint64_t rng = 42;
	(void)state;
	for (int i = 0; i < 60; i++) { /* too few to make more pieces than are kept */
		uint32_t from = (uint32_t)(rng_next(&rng) % 16) * 16;
		uint32_t to = from + (uint32_t)(1 + rng_next(&rng) % 16) * 16;
		assert_int_equal(passes_add(&passes, from, to), times[from] + 1);
		for (uint32_t at = from; at < to; at++)
			times[at]++;
		for (uint32_t k = 0; k < passes.count; k++) {
			for (uint32_t at = passes.pieces[k].from; at < passes.pieces[k].to; at++)
				assert_int_equal(times[at], passes.pieces[k].times);
		}
	}
}

static void test_what_no_program_said_is_noise(void **state)
{
	static struct packet_bytes p;
	uint8_t arp[60] = {[12] = 8, [13] = 6}, lldp[60] = {[12] = 0x88, [13] = 0xCC};
	static const struct {
		uint8_t type;
		bool noise;
	} six[] = {{128, false}, {129, false}, {2, false}, {1, false}, {130, true}, {131, true},
		   {133, true}, {135, true}, {136, true}, {137, true}, {143, true}};
	(void)state;
	assert_true(lab_is_noise(arp, sizeof(arp)));
	assert_true(lab_is_noise(lldp, sizeof(lldp)));
	assert_true(lab_is_noise(arp, 5));
	for (size_t i = 0; i < ARRAY_COUNT(six); i++) {
		packet_icmp(&p, &(struct icmp_spec){
			.ip = {.src = "[fd77::1]", .dst = "[ff02::16]"}, .type = six[i].type});
		packet_link(&p, LINK_ETHERNET);
		assert_int_equal(lab_is_noise(p.bytes, p.len), six[i].noise);
	}
	packet_udp(&p, &(struct udp_spec){.ip = {.src = CLIENT, .dst = "10.77.0.2:47770"},
					  .payload = "wireladder lab: sentinel 12345678"});
	packet_link(&p, LINK_ETHERNET);
	assert_true(lab_is_noise(p.bytes, p.len));
	packet_udp(&p, &(struct udp_spec){.ip = {.src = CLIENT, .dst = "10.77.0.2:47770"},
					  .payload = "wireladder lab: sentry 12345678"});
	packet_link(&p, LINK_ETHERNET);
	assert_false(lab_is_noise(p.bytes, p.len));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_of_segment_is_told_from_the_others),
		cmocka_unit_test(test_fragments_datagrams_and_icmp_are_told_apart),
		cmocka_unit_test(test_ipv6_segments_are_found_behind_extension_headers),
		cmocka_unit_test(test_the_fifth_data_segment_is_the_fifth_whatever_else_passes),
		cmocka_unit_test(test_every_third_from_the_second_to_the_ninth),
		cmocka_unit_test(test_bytes_are_relative_to_the_syn_and_both_ends_count),
		cmocka_unit_test(
			test_data_in_a_syn_begins_at_1_and_so_does_a_stream_met_midway),
		cmocka_unit_test(test_a_copy_is_the_nth_time_that_its_bytes_pass),
		cmocka_unit_test(test_a_syn_and_a_fin_have_copies_too),
		cmocka_unit_test(test_a_port_is_either_port_and_later_fragments_have_none),
		cmocka_unit_test(test_the_first_rule_that_fits_acts_and_all_count),
		cmocka_unit_test(test_chance_follows_the_seed_and_not_what_else_passes),
		cmocka_unit_test(test_passes_keep_counts_apart_and_forget_the_oldest),
		cmocka_unit_test(test_passes_agree_with_counting_each_byte),
		cmocka_unit_test(test_what_no_program_said_is_noise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
