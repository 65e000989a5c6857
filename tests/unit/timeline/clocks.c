#include "taps.h"

/* Two clocks are known by the packets that both saw. The scene is known here: the first clock is
 * right, the second one is `off` and drifts, and every packet takes 10 ms or more. */

struct scene {
	int64_t shift_ns, skew_ppb;
	uint64_t least_ns[VANTAGES], more_ns; /* each way takes this, and up to so much more */
	uint64_t every_ns;
	size_t packets;
	bool one_way;
	uint8_t ttl_lost; /* on the way */
};

static uint64_t second_clock(const struct scene *scene, uint64_t ns)
{
	int64_t since = (int64_t)(ns - START_S * NS_PER_S);
	return ns + (uint64_t)(scene->shift_ns + since / 1000 * scene->skew_ppb / 1000000);
}

/* By the right clock, to compare with. */
struct stamps {
	uint64_t right[20000], second[20000];
	size_t count;
};

static struct stamps known;

static void packets_cross(struct taps *t, const struct scene *scene)
{
	uint64_t rng = 7;
	known.count = 0;
	for (size_t i = 0; i < scene->packets; i++) {
		bool back = i % 2 && !scene->one_way;
		struct seen_packet seen = DATA(.back = back, .seq = (uint32_t)i * 100, .ttl = 64);
		uint64_t leaves = START_S * NS_PER_S + i * scene->every_ns;
		uint64_t arrives = leaves + scene->least_ns[back] +
				   (scene->more_ns ? rng_next(&rng) % scene->more_ns : 0);
		uint64_t second = back ? leaves : arrives;
		sees_ns(t, back, back ? second_clock(scene, leaves) : leaves, seen);
		seen.ttl = (uint8_t)(64 - scene->ttl_lost);
		sees_ns(t, !back, back ? arrives : second_clock(scene, arrives), seen);
		known.right[known.count] = second;
		known.second[known.count++] = second_clock(scene, second);
	}
}

static size_t compared(struct taps *t, const struct clocks *given, struct clocks *clocks)
{
	struct match_content content = MATCH_CONTENT_ALL;
	struct comparison *comparison = comparison_open(&content, NULL);
	size_t pairs, count;
	assert_non_null(comparison);
	for (size_t v = 0; v < VANTAGES; v++) {
		for (size_t i = 0; i < t->tap[v].count; i++)
			comparison_add(comparison, &t->tap[v].events[i]);
	}
	pairs = comparison_finish(comparison, given, clocks);
	if (pairs > 0) {
		const struct addr *local = comparison_local(comparison, 0, &count);
		assert_int_equal(count, 1);
		assert_true(addr_equal(local, &client_addr));
	}
	comparison_close(comparison);
	return pairs;
}

static int64_t worst_error(const struct clocks *clocks)
{
	int64_t worst = 0;
	for (size_t i = 0; i < known.count; i++) {
		int64_t error = (int64_t)(clocks_align(clocks, known.second[i]) - known.right[i]);
		if (error < 0)
			error = -error;
		if (error > worst)
			worst = error;
	}
	return worst;
}

/* The drift within its own uncertainty, too, and that is no more than `most_ppb`. */
static void assert_recovers(const struct scene *scene, int64_t drift_within_ppb, uint64_t most_ppb)
{
	int64_t error_ppb;
	struct taps t;
	struct clocks clocks;
	taps_open(&t);
	packets_cross(&t, scene);
	assert_int_equal(compared(&t, NULL, &clocks), scene->packets);
	assert_false(clocks.crooked);
	assert_in_range(clocks.drift_ppb + scene->skew_ppb + drift_within_ppb, 0,
			2 * drift_within_ppb);
	error_ppb = llabs(clocks.drift_ppb + scene->skew_ppb);
	assert_in_range(error_ppb, 0, clocks.drift_uncertainty_ppb);
	assert_in_range(clocks.drift_uncertainty_ppb, 1, most_ppb);
	assert_in_range(worst_error(&clocks), 0, clocks.uncertainty_ns);
	taps_close(&t);
}

#define MS(n) ((n) * NS_PER_MS)

static void test_shift_and_skew_are_given_back(void **state)
{
	const struct scene scene = {.shift_ns = 1500 * (int64_t)NS_PER_MS, .skew_ppb = 50000,
				    .least_ns = {MS(10), MS(10)}, .more_ns = MS(1),
				    .every_ns = MS(50), .packets = 4000};
	(void)state;
	assert_recovers(&scene, 200, 5100);
}

static void test_unequal_ways_stay_within_the_uncertainty(void **state)
{
	const struct scene scene = {.shift_ns = -3 * (int64_t)NS_PER_S, .skew_ppb = -20000,
				    .least_ns = {MS(1), MS(40)}, .more_ns = MS(5),
				    .every_ns = MS(20), .packets = 4000};
	(void)state;
	assert_recovers(&scene, 1500, 13000);
}

static void test_a_steady_clock_gets_no_drift_from_noise(void **state)
{
	const struct scene scene = {.shift_ns = 42, .least_ns = {MS(10), MS(10)},
				    .more_ns = MS(20), .every_ns = MS(1), .packets = 300};
	(void)state;
	assert_recovers(&scene, 0, 1000000);
}

/* Delays that rise by a tenth of a millisecond are no clock's doing. */
static void test_a_short_time_tells_no_drift(void **state)
{
	const struct scene scene = {.skew_ppb = 500000, .least_ns = {MS(10), MS(10)},
				    .every_ns = MS(2), .packets = 100};
	struct taps t;
	struct clocks clocks;
	(void)state;
	taps_open(&t);
	packets_cross(&t, &scene);
	compared(&t, NULL, &clocks);
	assert_int_equal(clocks.drift_ppb, 0);
	assert_int_equal(clocks.drift_uncertainty_ppb, 1000000);
	assert_in_range(worst_error(&clocks), 0, clocks.uncertainty_ns);
	taps_close(&t);
}

static void test_clocks_may_be_years_apart(void **state)
{
	const struct scene scene = {.shift_ns = 20 * 365 * 86400 * (int64_t)NS_PER_S,
				    .skew_ppb = 100000, .least_ns = {MS(2), MS(2)},
				    .more_ns = MS(1), .every_ns = MS(100), .packets = 1000};
	(void)state;
	assert_recovers(&scene, 1000, 11000);
}

static void test_the_uncertainty_is_half_a_round_trip_at_best(void **state)
{
	const struct scene scene = {.least_ns = {MS(10), MS(10)}, .every_ns = MS(1),
				    .packets = 1000};
	struct taps t;
	struct clocks clocks;
	(void)state;
	taps_open(&t);
	packets_cross(&t, &scene);
	compared(&t, NULL, &clocks);
	assert_in_range(clocks.uncertainty_ns, MS(10), MS(11) + MS(1));
	assert_in_range(clocks.least_ns[0], MS(9), MS(11));
	assert_in_range(clocks.least_ns[1], MS(9), MS(11));
	taps_close(&t);
}

static void test_one_way_traffic_takes_the_clocks_as_they_are(void **state)
{
	const struct scene scene = {.shift_ns = 5 * (int64_t)NS_PER_MS, .one_way = true,
				    .least_ns = {MS(10)}, .more_ns = MS(1), .every_ns = MS(10),
				    .packets = 100};
	struct taps t;
	struct clocks clocks;
	(void)state;
	taps_open(&t);
	packets_cross(&t, &scene);
	assert_int_equal(compared(&t, NULL, &clocks), 100);
	assert_int_equal(clocks.offset_ns, 0);
	assert_int_equal(clocks.pairs[1], 0);
	assert_in_range(clocks.uncertainty_ns, MS(15), MS(16));
	assert_in_range(worst_error(&clocks), 0, clocks.uncertainty_ns);
	taps_close(&t);
}

static void test_one_way_traffic_that_would_arrive_early_moves_the_clock(void **state)
{
	const struct scene scene = {.shift_ns = -500 * (int64_t)NS_PER_MS, .one_way = true,
				    .least_ns = {MS(10)}, .every_ns = MS(10), .packets = 100,
				    .ttl_lost = 3};
	struct taps t;
	struct clocks clocks;
	(void)state;
	taps_open(&t);
	packets_cross(&t, &scene);
	compared(&t, NULL, &clocks);
	assert_int_equal(clocks.offset_ns, MS(490));
	assert_in_range(worst_error(&clocks), 0, clocks.uncertainty_ns);
	taps_close(&t);
}

static void test_a_given_offset_is_kept_and_judged(void **state)
{
	const struct scene scene = {.least_ns = {MS(10), MS(10)}, .every_ns = MS(10),
				    .packets = 100};
	const struct clocks good = {.offset_ns = MS(1)}, bad = {.offset_ns = MS(30)};
	struct taps t;
	struct clocks clocks;
	(void)state;
	taps_open(&t);
	packets_cross(&t, &scene);
	compared(&t, &good, &clocks);
	assert_int_equal(clocks.offset_ns, MS(1));
	assert_false(clocks.crooked);
	compared(&t, &bad, &clocks);
	assert_int_equal(clocks.offset_ns, MS(30));
	assert_true(clocks.crooked);
	assert_int_equal(clocks.uncertainty_ns, MS(20));
	taps_close(&t);
}

static void test_a_given_drift_counts_from_the_second_captures_first_packet(void **state)
{
	const struct scene scene = {.shift_ns = 7 * (int64_t)NS_PER_S, .skew_ppb = 80000,
				    .least_ns = {MS(10), MS(10)}, .every_ns = MS(50),
				    .packets = 4000};
	const struct clocks given = {.offset_ns = -7 * (int64_t)NS_PER_S + 10 * 80000,
				     .drift_ppb = -80000};
	struct taps t;
	struct clocks clocks;
	(void)state;
	taps_open(&t);
	sees_ns(&t, 1, second_clock(&scene, (START_S - 10) * NS_PER_S),
		DATA(BACK, .seq = 7, .id = 7)); /* long before the first that both have */
	packets_cross(&t, &scene);
	compared(&t, &given, &clocks);
	assert_false(clocks.crooked);
	assert_int_equal(clocks.drift_ppb, -80000);
	assert_int_equal(clocks.drift_uncertainty_ppb, 0);
	assert_in_range(worst_error(&clocks), 0, 10000);
	assert_in_range(clocks.least_ns[0], MS(10) - 10000, MS(10) + 10000);
	taps_close(&t);
}

/* Ten packets each way, a second apart, by a clock that is so far ahead. */
static void one_tap_sees(struct comparison *comparison, uint8_t vantage, int64_t ahead_ns)
{
	for (uint32_t k = 0; k < 20; k++) {
		struct seen_packet seen = DATA(.back = k / 10, .seq = k % 10 * 100);
		struct event event = {.kind = EVENT_PACKET, .vantage = vantage};
		event.ns = (START_S + k) * NS_PER_S + (uint64_t)ahead_ns;
		packet_seen(&event.packet, &seen);
		comparison_add(comparison, &event);
	}
}

static void test_one_tap_is_known_whatever_its_clock_was_set_to(void **state)
{
	static const struct {
		int64_t ahead_ns;
		uint64_t delay_ns;
		bool one;
	} rows[] = {{0, 0, true}, {-999, 0, true}, {3600 * (int64_t)NS_PER_S, 0, true},
		    {0, MS(1), false}};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct match_content content = MATCH_CONTENT_ALL;
		struct comparison *comparison = comparison_open(&content, NULL);
		struct seen_packet seen = DATA(.seq = 5000);
		struct event event = {.kind = EVENT_PACKET, .ns = START_S * NS_PER_S};
		struct clocks clocks;
		one_tap_sees(comparison, 0, 0);
		packet_seen(&event.packet, &seen);
		comparison_add(comparison, &event);
		one_tap_sees(comparison, 1, rows[i].ahead_ns);
		event.vantage = 1;
		event.ns += (uint64_t)rows[i].ahead_ns + rows[i].delay_ns;
		comparison_add(comparison, &event);
		comparison_finish(comparison, NULL, &clocks);
		assert_int_equal(comparison_is_one_tap(comparison), rows[i].one);
		comparison_close(comparison);
	}
}

static void test_a_clock_that_was_set_meanwhile_is_crooked(void **state)
{
	struct scene scene = {.least_ns = {MS(1), MS(1)}, .every_ns = MS(10), .packets = 100};
	struct taps t;
	struct clocks clocks;
	(void)state;
	taps_open(&t);
	packets_cross(&t, &scene);
	for (size_t i = t.tap[1].count / 2; i < t.tap[1].count; i++)
		t.tap[1].events[i].ns += 3 * NS_PER_S;
	compared(&t, NULL, &clocks);
	assert_true(clocks.crooked);
	assert_true(clocks.uncertainty_ns > NS_PER_S);
	taps_close(&t);
}

static void test_captures_of_different_traffic_have_no_pairs(void **state)
{
	struct taps t;
	struct clocks clocks;
	(void)state;
	taps_open(&t);
	sees(&t, 0, 0, DATA(.seq = 1));
	sees(&t, 1, 0, DATA(.seq = 2));
	assert_int_equal(compared(&t, NULL, &clocks), 0);
	taps_close(&t);
}

static void test_what_is_there_twice_is_no_pair(void **state)
{
	struct taps t;
	struct clocks clocks;
	(void)state;
	taps_open(&t);
	sees(&t, 0, 0, DATA(.seq = 1));
	sees(&t, 0, 5, DATA(.seq = 1));
	sees(&t, 1, 9, DATA(.seq = 1));
	crosses(&t, 20, 30, DATA(.seq = 101));
	assert_int_equal(compared(&t, NULL, &clocks), 1);
	taps_close(&t);
}

static void test_a_full_table_samples_both_captures_alike(void **state)
{
	const struct scene scene = {.shift_ns = 7, .least_ns = {MS(10), MS(10)},
				    .every_ns = MS(1), .packets = 0};
	struct match_content content = MATCH_CONTENT_ALL;
	struct comparison *comparison = comparison_open(&content, NULL);
	struct clocks clocks;
	size_t pairs;
	(void)state;
	assert_non_null(comparison);
	for (size_t v = 0; v < VANTAGES; v++) {
		for (uint32_t i = 0; i < 300000; i++) {
			struct seen_packet seen = DATA(.back = i % 2, .seq = i * 100);
			struct event event = {.kind = EVENT_PACKET, .vantage = (uint8_t)v};
			uint64_t ns = START_S * NS_PER_S + i * scene.every_ns;
			event.ns = v == i % 2 ? ns : ns + MS(10);
			packet_seen(&event.packet, &seen);
			comparison_add(comparison, &event);
		}
	}
	pairs = comparison_finish(comparison, NULL, &clocks);
	assert_in_range(pairs, 60000, 131072);
	assert_int_equal(clocks.drift_ppb, 0);
	assert_in_range(clocks.uncertainty_ns, MS(9), MS(11));
	comparison_close(comparison);
}

static void test_what_a_capture_cut_is_told(void **state)
{
	struct match_content content = MATCH_CONTENT_ALL;
	struct comparison *comparison = comparison_open(&content, NULL);
	struct seen_packet seen = DATA(.seq = 1, .kept = 30);
	struct event event = {.kind = EVENT_PACKET, .ns = NS_PER_S};
	(void)state;
	packet_seen(&event.packet, &seen);
	event.packet.segment.tcp.options.cut = true;
	comparison_add(comparison, &event);
	assert_int_equal(comparison_content(comparison).payload_bytes, 30);
	assert_false(comparison_content(comparison).options);
	comparison_close(comparison);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shift_and_skew_are_given_back),
		cmocka_unit_test(test_unequal_ways_stay_within_the_uncertainty),
		cmocka_unit_test(test_a_steady_clock_gets_no_drift_from_noise),
		cmocka_unit_test(test_a_short_time_tells_no_drift),
		cmocka_unit_test(test_a_given_drift_counts_from_the_second_captures_first_packet),
		cmocka_unit_test(test_one_tap_is_known_whatever_its_clock_was_set_to),
		cmocka_unit_test(test_clocks_may_be_years_apart),
		cmocka_unit_test(test_the_uncertainty_is_half_a_round_trip_at_best),
		cmocka_unit_test(test_one_way_traffic_takes_the_clocks_as_they_are),
		cmocka_unit_test(test_one_way_traffic_that_would_arrive_early_moves_the_clock),
		cmocka_unit_test(test_a_given_offset_is_kept_and_judged),
		cmocka_unit_test(test_a_clock_that_was_set_meanwhile_is_crooked),
		cmocka_unit_test(test_captures_of_different_traffic_have_no_pairs),
		cmocka_unit_test(test_what_is_there_twice_is_no_pair),
		cmocka_unit_test(test_a_full_table_samples_both_captures_alike),
		cmocka_unit_test(test_what_a_capture_cut_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
