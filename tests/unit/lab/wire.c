/* What the wire does to frames, seen by the two hosts. */
#include "../../support/cm.h"

#include "../../support/labtest.h"
#include "wireladder/decode.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint32_t deeds(const struct truth *truth, size_t count, enum wire_deed deed)
{
	uint32_t found = 0;
	for (size_t i = 0; i < count; i++)
		found += truth[i].deed == deed;
	return found;
}

#define DATAGRAM(k) \
	.match = WIRE_DATAGRAM, .to = {[END_SERVER] = true}, .bytes = {-1, -1}, .first = k, .last = k
static const struct deed_case { /* of five datagrams of 1,000 bytes */
	struct wire_rule rule;
	struct link_config link;
	const char *received;
	enum wire_deed deed;
	uint32_t times;
	uint64_t at_least_ns; /* from the first arrival to the last departure */
} cases[] = {
	{{DATAGRAM(9)}, {0}, "1 2 3 4 5", DEED_DROP, 0, 0},
	{{DATAGRAM(3), .deed = DEED_DROP}, {0}, "1 2 4 5", DEED_DROP, 1, 0},
	{{DATAGRAM(2), .deed = DEED_DUPLICATE, .by = 2}, {0}, "1 2 2 2 3 4 5", DEED_DUPLICATE, 1,
	 0},
	{{DATAGRAM(2), .deed = DEED_DUPLICATE}, {0}, "1 2 2 3 4 5", DEED_DUPLICATE, 1, 0},
	{{DATAGRAM(2), .deed = DEED_HOLD, .by = 2}, {0}, "1 3 4 2 5", DEED_HOLD, 1, 0},
	{{DATAGRAM(5), .deed = DEED_HOLD, .by = 1}, {0}, "1 2 3 4 5", DEED_HOLD, 1,
	 300 * NS_PER_MS},
	{{DATAGRAM(2), .deed = DEED_DELAY, .ns = 200 * NS_PER_MS}, {0}, "1 3 4 5 2", DEED_DELAY, 1,
	 200 * NS_PER_MS},
	{{DATAGRAM(3), .deed = DEED_STALL, .ns = 200 * NS_PER_MS}, {0}, "1 2 3 4 5", DEED_STALL, 3,
	 200 * NS_PER_MS},
	{{DATAGRAM(3), .deed = DEED_CORRUPT}, {0}, "1 2 4 5", DEED_CORRUPT, 1, 0},
	{{DATAGRAM(9)}, {.delay_ns = 30 * NS_PER_MS}, "1 2 3 4 5", DEED_NONE, 5, 30 * NS_PER_MS},
	/* 200 ms each: the fifth finds three waiting and one on the line */
	{{DATAGRAM(9)}, {.rate_bits_per_s = 42000, .queue_packets = 3}, "1 2 3 4",
	 DEED_QUEUE_DROP, 1, 790 * NS_PER_MS},
	{{DATAGRAM(9)}, {.stall_from_ns = 0, .stall_ns = 200 * NS_PER_MS}, "1 2 3 4 5", DEED_STALL,
	 5, 200 * NS_PER_MS},
};

static void try_case(const struct deed_case *one, bool six)
{
	const struct lesson lesson = {.name = "deed", .rules = &one->rule, .rule_count = 1,
				      .link = {[END_SERVER] = one->link}};
	struct lab *lab = labtest_open(&lesson, 1);
	int server = labtest_socket(lab, END_SERVER, six, SOCK_DGRAM);
	int client = labtest_socket(lab, END_CLIENT, six, SOCK_DGRAM);
	const struct truth *truth;
	uint64_t missed, last = 0;
	size_t count;
	char text[256];
	labtest_send(client, &(struct labtest_burst){END_SERVER, six, 5, 1000});
	labtest_settle(lab);
	labtest_receive(server, 20, text);
	truth = lab_truth(lab, &count, &missed);
	if (strcmp(text, one->received) != 0)
		fprintf(stderr, "case %d: received %s\n", (int)(one - cases), text);
	CHECK(strcmp(text, one->received) == 0);
	CHECK(count == 5 && missed == 0);
	CHECK(deeds(truth, count, one->deed) == one->times);
	for (size_t i = 0; i < count; i++)
		last = truth[i].sent_ns > last ? truth[i].sent_ns : last;
	CHECK(last >= truth[0].arrived_ns + one->at_least_ns);
	lab_close(lab);
}

static void all_cases(void)
{
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		try_case(&cases[i], false);
		try_case(&cases[i], true);
	}
}

static void test_each_deed_does_exactly_that_in_both_families(void **state)
{
	(void)state;
	labtest_in_child(all_cases);
}

static void corrupted(void)
{
	static const struct wire_rule rule = {DATAGRAM(2), .deed = DEED_CORRUPT};
	const struct lesson lesson = {.name = "corrupt", .rules = &rule, .rule_count = 1};
	for (int six = 0; six < 2; six++) {
		struct lab *lab = labtest_open(&lesson, 1);
		int server = labtest_socket(lab, END_SERVER, six, SOCK_DGRAM);
		int client = labtest_socket(lab, END_CLIENT, six, SOCK_DGRAM);
		int64_t wrong = -1, wrong6 = -1;
		char text[256];
		labtest_send(client, &(struct labtest_burst){END_SERVER, six, 3, 200});
		labtest_settle(lab);
		labtest_receive(server, 20, text);
		CHECK(strcmp(text, "1 3") == 0);
		/* What poll finds wrong the kernel counts as IPv4's, whatever it was. */
		CHECK(lab_counter(lab, END_SERVER, "UdpInCsumErrors", &wrong));
		CHECK(lab_counter(lab, END_SERVER, "Udp6InCsumErrors", &wrong6));
		CHECK(wrong + wrong6 == 1);
		lab_close(lab);
	}
}

static void test_a_corrupted_datagram_fails_its_checksum_and_no_other_does(void **state)
{
	(void)state;
	labtest_in_child(corrupted);
}

/* The ECN bits of what arrives at the server, as digits, each with a right checksum. */
static void marks_at(int tap, char text[static 16])
{
	struct labtest_frame seen;
	size_t at = 0;
	while (labtest_tap_next(tap, &seen) && at < 15) {
		struct frame frame = {.bytes = seen.bytes, .caplen = (uint32_t)seen.count,
				      .len = (uint32_t)seen.count, .linktype = 1};
		struct segment segment;
		decode_frame(&frame, &segment);
		if (segment.kind != SEGMENT_UDP || lab_is_noise(seen.bytes, seen.count))
			continue;
		CHECK(segment.flaws == 0);
		text[at++] = (char)('0' + segment.ecn);
	}
	text[at] = '\0';
}

static void marked(void)
{
	static const struct wire_rule rule = {.match = WIRE_DATAGRAM, .to = {true, true},
					      .bytes = {-1, -1}, .every = 2,
					      .deed = DEED_MARK_CE};
	const struct lesson lesson = {.name = "mark", .rules = &rule, .rule_count = 1};
	for (int six = 0; six < 2; six++) {
		struct lab *lab = labtest_open(&lesson, 1);
		int client = labtest_socket(lab, END_CLIENT, six, SOCK_DGRAM), ect0 = 2;
		int tap = labtest_tap(lab, END_SERVER);
		const struct truth *truth;
		uint64_t missed;
		size_t count;
		char text[16];
		labtest_send(client, &(struct labtest_burst){END_SERVER, six, 2, 100});
		CHECK(setsockopt(client, six ? IPPROTO_IPV6 : IPPROTO_IP,
				 six ? IPV6_TCLASS : IP_TOS, &ect0, sizeof(ect0)) == 0);
		labtest_send(client, &(struct labtest_burst){END_SERVER, six, 4, 100});
		labtest_settle(lab);
		marks_at(tap, text);
		CHECK(strcmp(text, "002323") == 0);
		truth = lab_truth(lab, &count, &missed);
		CHECK(deeds(truth, count, DEED_MARK_CE) == 2);
		lab_close(lab);
	}
}

static void test_only_a_packet_that_can_be_told_is_marked(void **state)
{
	(void)state;
	labtest_in_child(marked);
}

static void too_big(void)
{
	const struct lesson lesson = {.name = "mtu", .link = {[END_SERVER] = {.mtu = 1300}}};
	for (int six = 0; six < 2; six++) {
		struct lab *lab = labtest_open(&lesson, 1);
		int server = labtest_socket(lab, END_SERVER, six, SOCK_DGRAM);
		int client = labtest_socket(lab, END_CLIENT, six, SOCK_DGRAM);
		const struct truth *truth;
		int64_t told = -1;
		uint64_t missed;
		size_t count;
		char text[256];
		labtest_send(client, &(struct labtest_burst){END_SERVER, six, 1, 1400});
		labtest_settle(lab);
		/* The host takes what the wire hands over in its own time. */
		for (int tries = 0; tries < 2000 && told != 1; tries++) {
			clock_sleep_ns(NS_PER_MS);
			CHECK(lab_counter(lab, END_CLIENT,
					  six ? "Icmp6InPktTooBigs" : "IcmpInDestUnreachs",
					  &told));
		}
		CHECK(told == 1);
		/* Now it knows, and cuts: two fragments each. */
		labtest_send(client, &(struct labtest_burst){END_SERVER, six, 2, 1400});
		labtest_settle(lab);
		labtest_receive(server, 20, text);
		CHECK(strcmp(text, "1 2") == 0);
		truth = lab_truth(lab, &count, &missed);
		CHECK(count == 6);
		CHECK(truth[0].deed == DEED_TOO_BIG && truth[0].n == 1 && !truth[0].sent_ns);
		CHECK(truth[1].to == END_CLIENT && truth[1].n == 0 && truth[1].copies == 1);
		CHECK(truth[5].n == 5 && deeds(truth, count, DEED_TOO_BIG) == 1);
		lab_close(lab);
	}
}

static void test_a_packet_that_is_too_long_is_answered_and_cut_thereafter(void **state)
{
	(void)state;
	labtest_in_child(too_big);
}

struct transfer { /* 30 segments of 1,000 bytes from client to server */
	struct wire_rule rule;
	const char *counter;
	int64_t least;
};

static void transfer(const struct transfer *one, bool six)
{
	static const struct setting classic[] = {{"net.ipv4.tcp_sack", "0", 0},
						 {"net.ipv4.tcp_recovery", "0", 0},
						 {"net.ipv4.tcp_early_retrans", "0", 0}};
	const struct lesson lesson = {.name = "transfer", .rules = &one->rule, .rule_count = 1,
				      .hosts = {{classic, 3}, {classic, 3}},
				      .link = {{.delay_ns = 5 * NS_PER_MS},
					       {.delay_ns = 5 * NS_PER_MS}}};
	struct lab *lab = labtest_open(&lesson, 1);
	struct labtest_address to = labtest_address(labtest_addr(END_SERVER, six), LABTEST_PORT);
	int listener = labtest_socket(lab, END_SERVER, six, SOCK_STREAM), client, peer;
	static char bytes[30000], back[30000];
	const struct truth *truth;
	uint64_t missed;
	int64_t value = -1;
	size_t count;
	CHECK(listen(listener, 1) == 0);
	client = labtest_socket(lab, END_CLIENT, six, SOCK_STREAM);
	CHECK(connect(client, &to.any, to.length) == 0);
	peer = accept(listener, NULL, NULL);
	CHECK(send(client, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes));
	CHECK(recv(peer, back, sizeof(back), MSG_WAITALL) == (ssize_t)sizeof(back));
	close(client);
	close(peer);
	labtest_settle(lab);
	CHECK(lab_counter(lab, END_CLIENT, one->counter, &value) && value >= one->least);
	truth = lab_truth(lab, &count, &missed);
	CHECK(missed == 0 && deeds(truth, count, one->rule.deed) == 1);
	lab_close(lab);
}

static void transfers(void)
{
	static const struct transfer all[] = {
		{{.match = WIRE_SYN, .to = {true, true}, .bytes = {-1, -1}, .first = 1, .last = 1,
		  .deed = DEED_DROP}, "TcpExtTCPSynRetrans", 1},
		{{.match = WIRE_DATA, .to = {true, true}, .bytes = {-1, -1}, .first = 3, .last = 3,
		  .deed = DEED_DROP}, "TcpExtTCPFastRetrans", 1},
		{{.match = WIRE_DATA, .to = {true, true}, .bytes = {5000, 5000}, .copy = 1,
		  .deed = DEED_DROP}, "TcpRetransSegs", 1},
		{{.match = WIRE_FIN, .to = {[END_SERVER] = true}, .bytes = {-1, -1}, .first = 1,
		  .last = 1, .deed = DEED_DUPLICATE}, "TcpRetransSegs", 0},
	};
	for (size_t i = 0; i < ARRAY_COUNT(all); i++) {
		transfer(&all[i], false);
		transfer(&all[i], true);
	}
}

static void test_tcp_mends_what_a_rule_broke_once(void **state)
{
	(void)state;
	labtest_in_child(transfers);
}

static void lost_fragment(void)
{
	static const struct wire_rule rule = {.match = WIRE_FRAGMENT, .to = {true, true},
					      .bytes = {-1, -1}, .first = 5, .last = 5,
					      .deed = DEED_DROP};
	const struct lesson lesson = {.name = "fragment", .rules = &rule, .rule_count = 1};
	for (int six = 0; six < 2; six++) {
		struct lab *lab = labtest_open(&lesson, 1);
		int server = labtest_socket(lab, END_SERVER, six, SOCK_DGRAM);
		int client = labtest_socket(lab, END_CLIENT, six, SOCK_DGRAM);
		char text[256];
		labtest_send(client, &(struct labtest_burst){END_SERVER, six, 3, 4000});
		labtest_settle(lab);
		labtest_receive(server, 20, text);
		CHECK(strcmp(text, "1 3") == 0); /* three fragments each */
		lab_close(lab);
	}
}

static void test_a_datagram_is_lost_with_one_of_its_fragments(void **state)
{
	(void)state;
	labtest_in_child(lost_fragment);
}

static void impossible_rules(void)
{
	static const enum wire_deed own[] = {DEED_QUEUE_DROP, DEED_RATE, DEED_TOO_BIG};
	lab_close(labtest_open(&(struct lesson){.name = "plain"}, 1)); /* or is skipped */
	for (size_t i = 0; i < ARRAY_COUNT(own); i++) {
		const struct wire_rule rule = {DATAGRAM(1), .deed = own[i]};
		const struct lesson lesson = {.name = "own", .rules = &rule, .rule_count = 1};
		struct err err = {0};
		CHECK(lab_open(&lesson, 1, &err) == NULL);
		CHECK(err.status == EXIT_USAGE && strstr(err.text, wire_deed_words[own[i]]));
	}
}

static void test_what_the_link_does_itself_no_rule_can_order(void **state)
{
	(void)state;
	labtest_in_child(impossible_rules);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_deed_does_exactly_that_in_both_families),
		cmocka_unit_test(
			test_a_corrupted_datagram_fails_its_checksum_and_no_other_does),
		cmocka_unit_test(test_only_a_packet_that_can_be_told_is_marked),
		cmocka_unit_test(test_a_packet_that_is_too_long_is_answered_and_cut_thereafter),
		cmocka_unit_test(test_tcp_mends_what_a_rule_broke_once),
		cmocka_unit_test(test_a_datagram_is_lost_with_one_of_its_fragments),
		cmocka_unit_test(test_what_the_link_does_itself_no_rule_can_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
