/* --verdict by what packets turn out to be. */
#include "../../support/cm.h"

#include "../../../src/cli/amended.h"

#include "wireladder/model_event.h"

static void amends(struct amended *amended, uint64_t n, enum verdict_id id)
{
	struct event event = {
		.kind = EVENT_AMEND,
		.amend = {.n = n, .verdict_count = 1, .verdicts = {{.id = id}}},
	};
	amended_hear(amended, &event);
}

static void test_the_last_amend_of_a_packet_holds(void **state)
{
	struct amended amended = {.verdict = VERDICT_TAIL_LOSS_PROBE};
	(void)state;
	amends(&amended, 12, VERDICT_RTO_RETRANSMISSION);
	amends(&amended, 7, VERDICT_TAIL_LOSS_PROBE);
	amends(&amended, 12, VERDICT_TAIL_LOSS_PROBE);
	amends(&amended, 7, VERDICT_RTO_RETRANSMISSION);
	amended_finish(&amended);
	assert_true(amended_has(&amended, 12, false));
	assert_false(amended_has(&amended, 7, true));
	amended_close(&amended);
}

static void test_a_packet_that_nothing_amends_stays_as_it_came(void **state)
{
	struct amended amended = {.verdict = VERDICT_TAIL_LOSS_PROBE};
	struct event arrived = {.kind = EVENT_AMEND, .amend = {.n = 3, .found = true}};
	(void)state;
	amends(&amended, 12, VERDICT_TAIL_LOSS_PROBE);
	amended_hear(&amended, &arrived);
	amended_finish(&amended);
	for (uint64_t n = 1; n < 12; n++) {
		assert_true(amended_has(&amended, n, true));
		assert_false(amended_has(&amended, n, false));
	}
	assert_true(amended_has(&amended, 13, true));
	assert_true(amended_has(NULL, 12, true));
	amended_close(&amended);
}

static void test_a_verdict_that_is_taken_back_is_not_there(void **state)
{
	struct amended amended = {.verdict = VERDICT_LOST};
	struct event cleared = {.kind = EVENT_AMEND,
				.amend = {.n = 3, .found = true, .cleared = true}};
	(void)state;
	amended_hear(&amended, &cleared);
	amended_finish(&amended);
	assert_false(amended_has(&amended, 3, true));
	amended_close(&amended);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_last_amend_of_a_packet_holds),
		cmocka_unit_test(test_a_packet_that_nothing_amends_stays_as_it_came),
		cmocka_unit_test(test_a_verdict_that_is_taken_back_is_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
