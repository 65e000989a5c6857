/* Ten thousand random packets, written and read back. */
#include "lines.h"

#include <inttypes.h>

/* Random: mostly small numbers, often the ends of the range. */
static uint64_t any_u64(uint64_t *seed)
{
	static const uint64_t ends[] = {0, 1, UINT32_MAX, UINT64_MAX, INT64_MAX, 1ULL << 63};
	uint64_t choice = rng_next(seed);
	if (choice % 4 == 0)
		return ends[choice / 4 % ARRAY_COUNT(ends)];
	return rng_next(seed) >> (choice / 4 % 64);
}

static uint8_t below(uint64_t *seed, uint8_t limit)
{
	return (uint8_t)(rng_next(seed) % limit);
}

static struct verdict any_verdict(uint64_t *seed)
{
	struct verdict verdict = {
		.id = rng_next(seed) % VERDICT_COUNT,
		.needed = rng_next(seed) % 3,
		.sure = rng_next(seed) % 3,
		.of = any_u64(seed),
		.because = {any_u64(seed), any_u64(seed)},
		.episode = (uint32_t)any_u64(seed),
		.number = (uint32_t)any_u64(seed),
		.candidates = {rng_next(seed) % VERDICT_COUNT, rng_next(seed) % VERDICT_COUNT},
		.fact_count = below(seed, VERDICT_FACTS + 1),
	};
	for (size_t i = 0; i < verdict.fact_count; i++)
		verdict.facts[i] = (struct fact){(enum fact_key)i, (int64_t)any_u64(seed)};
	return verdict;
}

static struct event any_packet(uint64_t *seed)
{
	static const enum segment_kind kinds[] = {SEGMENT_TCP, SEGMENT_TCP, SEGMENT_UDP,
						  SEGMENT_ICMP, SEGMENT_FRAGMENT};
	struct event event = {.kind = EVENT_PACKET, .ns = any_u64(seed),
			      .conv = (uint32_t)any_u64(seed)};
	struct packet *packet = &event.packet;
	packet->n = any_u64(seed);
	packet->from = rng_next(seed) % 2;
	packet->interface = (uint16_t)any_u64(seed);
	packet->seq = (int64_t)any_u64(seed);
	packet->ack = (int64_t)any_u64(seed);
	packet->window = any_u64(seed);
	packet->scale_unknown = rng_next(seed) % 2;
	packet->flight = any_u64(seed);
	packet->rtt_ns = any_u64(seed);
	packet->quotes = any_u64(seed);
	packet->verdict_count = rng_next(seed) % 3;
	for (size_t i = 0; i < packet->verdict_count; i++)
		packet->verdicts[i] = any_verdict(seed);
	packet->segment.kind = kinds[rng_next(seed) % ARRAY_COUNT(kinds)];
	packet->segment.flaws = (uint32_t)(rng_next(seed) & ((1U << FLAW_COUNT) - 1));
	packet->segment.len = (uint32_t)any_u64(seed);
	packet->segment.ip_id = (uint32_t)any_u64(seed);
	if (packet->segment.kind == SEGMENT_TCP) {
		packet->segment.tcp.flags = (uint16_t)(rng_next(seed) & 0x1FF);
		packet->segment.tcp.seq = (uint32_t)any_u64(seed);
		packet->segment.tcp.window = (uint16_t)any_u64(seed);
		packet->segment.tcp.options.present = (uint16_t)(rng_next(seed) & 0x7FF);
		packet->segment.tcp.options.sack_count = below(seed, 5);
		packet->segment.tcp.options.cookie_len = below(seed, 17);
		packet->segment.tcp.options.unknown_len = below(seed, 41);
		packet->segment.tcp.options.mptcp_subtype = below(seed, 255);
		packet->segment.tcp.options.mss = (uint16_t)any_u64(seed);
	} else if (packet->segment.kind == SEGMENT_FRAGMENT) {
		packet->segment.fragment.offset = (uint32_t)any_u64(seed);
	} else if (packet->segment.kind == SEGMENT_ICMP) {
		packet->segment.icmp.type = (uint8_t)rng_next(seed);
		packet->segment.icmp.code = (uint8_t)rng_next(seed);
	}
	return event;
}

/* cJSON keeps doubles, so numbers are compared as the text that stands behind the key. */
static void assert_number(const char *line, const char *key, uint64_t value, bool is_signed)
{
	char expected[64];
	size_t length;
	const char *at;
	if (is_signed)
		length = (size_t)snprintf(expected, sizeof(expected), "\"%s\":%" PRId64, key,
					  (int64_t)value);
	else
		length = (size_t)snprintf(expected, sizeof(expected), "\"%s\":%" PRIu64, key,
					  value);
	at = strstr(line, expected);
	if (!at || (at[length] != ',' && at[length] != '}'))
		fail_msg("no %s in %s", expected, line);
}

static void assert_number_or_none(const char *line, const cJSON *record, const char *key,
				  uint64_t value)
{
	if (value == 0)
		assert_null(cJSON_GetObjectItemCaseSensitive(record, key));
	else
		assert_number(line, key, value, false);
}

static void assert_tcp(const char *line, const cJSON *record, const struct packet *packet)
{
	const struct segment *segment = &packet->segment;
	const cJSON *opts = cJSON_GetObjectItemCaseSensitive(record, "opts");
	char flags[TCP_FLAGS_TEXT];
	uint16_t bits = segment->tcp.flags;
	tcp_flags_text(bits, " ", flags);
	if (bits)
		assert_string_equal(
			cJSON_GetObjectItemCaseSensitive(record, "flags")->valuestring, flags);
	else
		assert_null(cJSON_GetObjectItemCaseSensitive(record, "flags"));
	assert_number_or_none(line, record, "isn", bits & TCP_SYN ? segment->tcp.seq : 0);
	if (packet->seq)
		assert_number(line, "seq", (uint64_t)packet->seq, true);
	if (packet->ack && bits & TCP_ACK)
		assert_number(line, "ack", (uint64_t)packet->ack, true);
	assert_number_or_none(line, record, "win", packet->window);
	if (packet->scale_unknown)
		assert_number(line, "win_raw", segment->tcp.window, false);
	assert_number_or_none(line, record, "flight", packet->flight);
	assert_int_equal(opts != NULL, segment->tcp.options.present != 0);
	if (segment->tcp.options.present & OPTION_MSS)
		assert_number(line, "mss", segment->tcp.options.mss, false);
	if (segment->tcp.options.present & OPTION_SACK)
		assert_int_equal(
			cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(opts, "sack")),
			segment->tcp.options.sack_count < 4 ? segment->tcp.options.sack_count
							    : 4);
}

static void assert_packet(const char *line, const struct event *event)
{
	static const char *const kinds[] = {[SEGMENT_TCP] = "tcp",
					    [SEGMENT_UDP] = "udp",
					    [SEGMENT_ICMP] = "icmp",
					    [SEGMENT_FRAGMENT] = "fragment"};
	const struct packet *packet = &event->packet;
	enum segment_kind kind = packet->segment.kind;
	cJSON *record = cJSON_Parse(line);
	const cJSON *flaws = cJSON_GetObjectItemCaseSensitive(record, "flaws");
	const cJSON *verdicts = cJSON_GetObjectItemCaseSensitive(record, "verdicts");
	assert_non_null(record);
	assert_string_equal(cJSON_GetObjectItemCaseSensitive(record, "k")->valuestring,
			    kinds[kind]);
	assert_number(line, "n", packet->n, false);
	assert_number(line, "t", event->ns - START_NS, true);
	assert_int_equal(cJSON_GetArraySize(flaws), __builtin_popcount(packet->segment.flaws));
	assert_number_or_none(line, record, "if", packet->interface);
	assert_int_equal(cJSON_GetArraySize(verdicts), packet->verdict_count);
	if (kind == SEGMENT_TCP)
		assert_tcp(line, record, packet);
	if (kind == SEGMENT_TCP || kind == SEGMENT_UDP) {
		assert_number(line, "conv", event->conv, false);
		assert_number_or_none(line, record, "len", packet->segment.len);
		assert_number_or_none(line, record, "rtt", packet->rtt_ns);
	} else if (kind == SEGMENT_ICMP) {
		assert_number(line, "type", packet->segment.icmp.type, false);
		assert_number(line, "code", packet->segment.icmp.code, false);
		assert_number_or_none(line, record, "quotes", packet->quotes);
	} else {
		assert_number_or_none(line, record, "id", packet->segment.ip_id);
		assert_number_or_none(line, record, "offset", packet->segment.fragment.offset);
	}
	assert_harmless(line);
	cJSON_Delete(record);
}

static void test_ten_thousand_random_packets_are_read_back_as_they_were(void **state)
{
	static const struct meta facts = {
		.start_ns = START_NS, .has_start = true, .source = "read"};
	const char *given = getenv("WIRELADDER_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : clock_now_ns();
	struct event *events = calloc(RANDOM_EVENTS + 1, sizeof(*events));
	struct written *written = calloc(1, sizeof(*written));
	(void)state;
	assert_non_null(events);
	assert_non_null(written);
	print_message("WIRELADDER_SEED=%" PRIu64 "\n", seed);
	events[0] = event_of(EVENT_META, 0, 0);
	events[0].meta = &facts;
	for (size_t i = 1; i <= RANDOM_EVENTS; i++)
		events[i] = any_packet(&seed);
	lines_write(written, events, RANDOM_EVENTS + 1);
	assert_int_equal(written->count, RANDOM_EVENTS + 1);
	for (size_t i = 1; i <= RANDOM_EVENTS; i++)
		assert_packet(written->lines[i], &events[i]);
	lines_close(written);
	free(written);
	free(events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ten_thousand_random_packets_are_read_back_as_they_were),
	};
	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
