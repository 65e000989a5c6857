/* What is made by calls that end a connection, and by those that only look like it; bytes that
 * come in the wrong order, too many of them, and not all of them. */
#include "../../../src/trace/weave.h"
#include "scene.h"

static void test_a_fin_is_made_by_shutdown_or_close(void **state)
{
	struct scene *s = *state;
	connected(s);
	ENTERS(10, .id = 3, .kind = CALL_SHUTDOWN, .sock = 1);
	assert_int_equal(PACKET(11, .conv = 1, .seq = 1, .flags = TCP_FIN)->call, 3);
	RETURNS(12, .id = 3, .kind = CALL_SHUTDOWN, .sock = 1);
	ENTERS(13, .id = 4, .kind = CALL_CLOSE, .sock = 1);
	RETURNS(14, .id = 4, .kind = CALL_CLOSE, .sock = 1);
	assert_int_equal(told_last(s, EVENT_CALL)->conv, 1);
}

static void test_a_fin_is_made_by_the_last_of_several_closes(void **state)
{
	struct scene *s = *state;
	connected(s);
	ENTERS(10, .id = 3, .kind = CALL_CLOSE, .sock = 1);
	RETURNS(11, .id = 3, .kind = CALL_CLOSE, .sock = 1);
	ENTERS(12, .id = 4, .kind = CALL_CLOSE, .sock = 1);
	assert_int_equal(PACKET(13, .conv = 1, .seq = 1, .flags = TCP_FIN)->call, 4);
}

static void closes(struct scene *s, uint64_t ms, uint64_t id)
{
	ENTERS(ms, .id = id, .kind = CALL_CLOSE, .sock = 1);
	RETURNS(ms, .id = id, .kind = CALL_CLOSE, .sock = 1);
}

/* The child ends, and makes no call. */
static void test_a_fin_long_after_the_parents_close_is_of_no_call(void **state)
{
	struct scene *s = *state;
	connected(s);
	closes(s, 10, 3);
	assert_int_equal(PACKET(110, .conv = 1, .seq = 1, .flags = TCP_FIN)->call, 0);
}

static void test_a_fin_after_somebody_elses_call_is_of_no_close_before(void **state)
{
	struct scene *s = *state;
	connected(s);
	closes(s, 10, 3);
	sends(s, 11, 4, 100);
	PACKET(11, .conv = 1, .seq = 1, .len = 100);
	assert_int_equal(PACKET(11, .conv = 1, .seq = 101, .flags = TCP_FIN)->call, 0);
}

static void test_a_fin_right_after_the_close_is_its_own(void **state)
{
	struct scene *s = *state;
	connected(s);
	closes(s, 10, 3);
	assert_int_equal(PACKET(10, .conv = 1, .seq = 1, .flags = TCP_FIN)->call, 3);
}

static void test_a_fin_behind_data_that_were_queued_is_of_the_close(void **state)
{
	struct scene *s = *state;
	connected(s);
	sends(s, 10, 3, 2000);
	PACKET(10, .conv = 1, .seq = 1, .len = 1000);
	closes(s, 11, 4);
	assert_int_equal(PACKET(500, .conv = 1, .seq = 1001, .len = 1000)->call, 3);
	assert_int_equal(PACKET(900, .conv = 1, .seq = 2001, .flags = TCP_FIN)->call, 4);
}

static void test_a_fin_after_a_shutdown_that_failed_is_of_the_close(void **state)
{
	struct scene *s = *state;
	connected(s);
	ENTERS(10, .id = 3, .kind = CALL_SHUTDOWN, .sock = 1);
	RETURNS(10, .id = 3, .kind = CALL_SHUTDOWN, .sock = 1, .ret = -1, .error = "ENOTCONN");
	closes(s, 11, 4);
	assert_int_equal(PACKET(11, .conv = 1, .seq = 1, .flags = TCP_FIN)->call, 4);
}

/* The other end's FIN crosses it. */
static void test_a_reset_that_answers_a_late_fin_is_of_no_call(void **state)
{
	struct scene *s = *state;
	connected(s);
	closes(s, 10, 3);
	assert_int_equal(PACKET(10, .conv = 1, .seq = 1, .flags = TCP_RST | TCP_ACK)->call, 3);
	PACKET(10, .conv = 1, .from = END_SERVER, .seq = 1, .flags = TCP_FIN | TCP_ACK);
	assert_int_equal(PACKET(10, .conv = 1, .seq = 1, .flags = TCP_RST)->call, 0);
}

static void test_a_reset_without_ack_answers_and_is_of_no_call(void **state)
{
	struct scene *s = *state;
	connected(s);
	ENTERS(10, .id = 3, .kind = CALL_CLOSE, .sock = 1);
	assert_int_equal(PACKET(10, .conv = 1, .seq = 1, .flags = TCP_RST)->call, 0);
}

static void test_a_fin_that_leaves_late_is_of_the_shutdown_before_the_close(void **state)
{
	struct scene *s = *state;
	connected(s);
	ENTERS(10, .id = 3, .kind = CALL_SHUTDOWN, .sock = 1);
	RETURNS(11, .id = 3, .kind = CALL_SHUTDOWN, .sock = 1);
	ENTERS(12, .id = 4, .kind = CALL_CLOSE, .sock = 1);
	assert_int_equal(PACKET(13, .conv = 1, .seq = 1, .flags = TCP_FIN)->call, 3);
}

static void test_shutdown_of_reading_makes_no_fin(void **state)
{
	struct scene *s = *state;
	connected(s);
	ENTERS(10, .id = 3, .kind = CALL_SHUTDOWN, .sock = 1, .inward = true);
	RETURNS(11, .id = 3, .kind = CALL_SHUTDOWN, .sock = 1, .inward = true);
	ENTERS(12, .id = 4, .kind = CALL_CLOSE, .sock = 1);
	assert_int_equal(PACKET(13, .conv = 1, .seq = 1, .flags = TCP_FIN)->call, 4);
}

static void test_a_reset_after_the_fin_is_the_kernels_own(void **state)
{
	struct scene *s = *state;
	connected(s);
	ENTERS(10, .id = 3, .kind = CALL_CLOSE, .sock = 1);
	assert_int_equal(PACKET(11, .conv = 1, .seq = 1, .flags = TCP_FIN)->call, 3);
	RETURNS(12, .id = 3, .kind = CALL_CLOSE, .sock = 1);
	assert_int_equal(PACKET(13, .conv = 1, .seq = 2, .flags = TCP_RST | TCP_ACK)->call,
			 0);
}

static void test_a_close_after_shutdown_may_reset(void **state)
{
	struct scene *s = *state;
	connected(s);
	ENTERS(10, .id = 3, .kind = CALL_SHUTDOWN, .sock = 1);
	assert_int_equal(PACKET(11, .conv = 1, .seq = 1, .flags = TCP_FIN)->call, 3);
	RETURNS(12, .id = 3, .kind = CALL_SHUTDOWN, .sock = 1);
	ENTERS(13, .id = 4, .kind = CALL_CLOSE, .sock = 1);
	assert_int_equal(PACKET(14, .conv = 1, .seq = 2, .flags = TCP_RST | TCP_ACK)->call,
			 4);
}

static void test_a_splice_from_the_socket_receives(void **state)
{
	struct scene *s = *state;
	connected(s);
	sends(s, 10, 3, 5);
	ENTERS(11, .id = 4, .kind = CALL_SPLICE, .sock = 1, .inward = true, .wanted = 8);
	RETURNS(12, .id = 4, .kind = CALL_SPLICE, .sock = 1, .inward = true, .bytes = 8);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[0], 1);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[1], 9);
	sends(s, 13, 5, 5);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[0], 6);
}

static void test_the_other_ends_fin_is_not_ours(void **state)
{
	struct scene *s = *state;
	connected(s);
	ENTERS(10, .id = 3, .kind = CALL_CLOSE, .sock = 1);
	assert_int_equal(
		PACKET(11, .conv = 1, .from = END_SERVER, .flags = TCP_FIN)->call, 0);
}

static void test_a_packet_that_the_tap_saw_late_is_of_its_send(void **state)
{
	struct scene *s = *state;
	connected(s);
	sends(s, 10, 3, 5);
	sends(s, 11, 4, 5);
	sends(s, 12, 5, 5);
	assert_int_equal(PACKET(13, .conv = 1, .seq = 11, .len = 5)->call, 5);
	assert_int_equal(PACKET(14, .conv = 1, .seq = 1, .len = 5)->call, 3);
	assert_int_equal(PACKET(15, .conv = 1, .seq = 6, .len = 5)->call, 4);
}

static void test_three_threads_that_send_at_once_do_not_overlap(void **state)
{
	struct scene *s = *state;
	connected(s);
	ENTERS(10, .id = 3, .kind = CALL_SENDTO, .sock = 1, .wanted = 10);
	ENTERS(11, .id = 4, .kind = CALL_SENDTO, .sock = 1, .wanted = 5);
	RETURNS(12, .id = 4, .kind = CALL_SENDTO, .sock = 1, .bytes = 5);
	ENTERS(13, .id = 5, .kind = CALL_SENDTO, .sock = 1, .wanted = 5);
	assert_int_equal(PACKET(14, .conv = 1, .seq = 16, .len = 5)->call, 5);
}

static void sends_many(struct scene *s, uint32_t sock, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		s->count = 0;
		ENTERS(10, .id = 1001 + i, .kind = CALL_SENDTO, .sock = sock, .wanted = 5);
		RETURNS(10, .id = 1001 + i, .kind = CALL_SENDTO, .sock = sock, .bytes = 5);
	}
}

/* Without packets nothing says that bytes have left. */
static void test_room_is_made_for_the_sends_of_later_sockets(void **state)
{
	struct scene *s = *state;
	connected(s);
	RETURNS(10, .id = 3, .kind = CALL_SOCKET, .sock = 2);
	sends_many(s, 2, 70000);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[1], 70000 * 5 + 1);
	sends(s, 11, 3, 5);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[1], 6);
	assert_int_equal(PACKET(12, .conv = 1, .seq = 1, .len = 5)->call, 3);
}

/* The last of the other socket's has the place of the one that was seen. */
static void test_a_send_that_made_room_is_not_taken_for_the_one_in_its_place(void **state)
{
	struct scene *s = *state;
	connected(s);
	sends(s, 9, 3, 5);
	assert_int_equal(PACKET(9, .conv = 1, .seq = 1, .len = 5)->call, 3);
	RETURNS(10, .id = 4, .kind = CALL_SOCKET, .sock = 2);
	sends_many(s, 2, SENDS);
	assert_int_equal(PACKET(12, .conv = 1, .seq = 5 * SENDS - 4, .len = 5)->call, 0);
}

static int scene_open_no_rw(void **state)
{
	return scene_open_with(state, &(struct weave_config){.no_rw = true});
}

static void test_without_read_and_write_no_bytes_are_counted(void **state)
{
	struct scene *s = *state;
	connected(s);
	PACKET(10, .conv = 1, .seq = 1, .len = 3); /* of a write that nobody told */
	sends(s, 11, 3, 4);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[1], 0);
	assert_int_equal(told_last(s, EVENT_CALL)->conv, 1);
	assert_int_equal(PACKET(12, .conv = 1, .seq = 4, .len = 4)->call, 0);
	ENTERS(13, .id = 4, .kind = CALL_CLOSE, .sock = 1);
	assert_int_equal(PACKET(14, .conv = 1, .seq = 8, .flags = TCP_FIN)->call, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_fin_is_made_by_shutdown_or_close),
		T(test_a_fin_is_made_by_the_last_of_several_closes),
		T(test_a_fin_long_after_the_parents_close_is_of_no_call),
		T(test_a_fin_after_somebody_elses_call_is_of_no_close_before),
		T(test_a_fin_right_after_the_close_is_its_own),
		T(test_a_fin_behind_data_that_were_queued_is_of_the_close),
		T(test_a_fin_after_a_shutdown_that_failed_is_of_the_close),
		T(test_a_reset_that_answers_a_late_fin_is_of_no_call),
		T(test_a_reset_without_ack_answers_and_is_of_no_call),
		T(test_a_fin_that_leaves_late_is_of_the_shutdown_before_the_close),
		T(test_shutdown_of_reading_makes_no_fin),
		T(test_a_reset_after_the_fin_is_the_kernels_own),
		T(test_a_close_after_shutdown_may_reset),
		T(test_a_splice_from_the_socket_receives),
		T(test_the_other_ends_fin_is_not_ours),
		T(test_a_packet_that_the_tap_saw_late_is_of_its_send),
		T(test_three_threads_that_send_at_once_do_not_overlap),
		T(test_room_is_made_for_the_sends_of_later_sockets),
		T(test_a_send_that_made_room_is_not_taken_for_the_one_in_its_place),
		cmocka_unit_test_setup_teardown(
			test_without_read_and_write_no_bytes_are_counted, scene_open_no_rw,
			scene_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
