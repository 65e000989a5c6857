/* Fragments inside of other layers, and fragments of fragments. */
#include "joined.h"

static bool give_tagged(struct joining *j, const struct whole_packet *w, size_t from,
	uint16_t tag)
{
	struct packet_bytes f;

	fragment_make(&f, w, from, from + 24, from + 24 < payload_len(w));
	packet_link(&f, LINK_ETHERNET);
	packet_vlan(&f, 0x8100, tag);
	return give(j, &f);
}

static void test_the_same_addresses_may_live_in_two_vlans(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w;

	(void)state;
	j.linktype = LINK_ETHERNET;
	for (int ip6 = 0; ip6 < 2; ip6++) {
		if (ip6)
			whole_udp6(&w, 7, 40);
		else
			whole_udp4(&w, 7, 40);
		assert_false(give_tagged(&j, &w, 0, 12));
		assert_false(give_tagged(&j, &w, 24, 13));
		assert_true(give_tagged(&j, &w, 24, 12));
		assert_joined(&j, &w);
		assert_layers(&j.whole.segment, "vlan 12");
		assert_true(give_tagged(&j, &w, 0, 13));
		assert_layers(&j.whole.segment, "vlan 13");
	}
	COUNTS(&j, 4);
	joining_close(&j);
}

static void test_one_tag_more_is_another_layer(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w;
	struct packet_bytes f;

	(void)state;
	j.linktype = LINK_ETHERNET;
	whole_udp4(&w, 7, 40);
	assert_false(give_tagged(&j, &w, 0, 0));
	fragment_make(&f, &w, 24, 48, false);
	packet_link(&f, LINK_ETHERNET);
	assert_false(give(&j, &f));
	assert_true(give_tagged(&j, &w, 24, 0));
	joining_close(&j);
}

static void test_a_stamp_that_cannot_be_is_told_of_the_datagram_too(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w;
	struct packet_bytes f;

	(void)state;
	whole_udp4(&w, 7, 40);
	assert_false(give_part(&j, &w, 0, 24));
	fragment_make(&f, &w, 24, 48, false);
	struct frame frame = {.bytes = f.bytes, .caplen = (uint32_t)f.len,
		.len = (uint32_t)f.len, .linktype = LINK_RAW, .n = 2, .bad_time = true};
	decode_frame(&frame, &j.segment);
	assert_true(joiner_add(j.joiner, &frame, j.ns, &j.segment, &j.whole));
	assert_int_equal(j.whole.segment.flaws, FLAW_BAD_TIME);
	joining_close(&j);
}

/* As a tunnel's datagram that was joined gives its inner packet, itself a fragment. */
static bool give_inner(struct joining *j, const struct whole_packet *w, const size_t range[2],
	const uint64_t numbers[2])
{
	struct packet_bytes f;

	fragment_make(&f, w, range[0], range[1], range[1] < payload_len(w));
	struct frame frame = {.bytes = f.bytes, .caplen = (uint32_t)f.len,
		.len = (uint32_t)f.len, .linktype = LINK_RAW};
	j->whole = (struct whole){.bytes = f.bytes, .caplen = frame.caplen, .len = frame.len,
		.fragments = numbers, .fragment_count = 2};
	decode_frame(&frame, &j->whole.segment);
	return joiner_again(j->joiner, &j->whole);
}

static void test_a_fragment_inside_a_joined_datagram_is_joined_again(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w;

	(void)state;
	whole_udp6(&w, 7, 64);
	assert_false(give_inner(&j, &w, (size_t[]){24, 48}, (uint64_t[]){1, 4}));
	assert_false(give_inner(&j, &w, (size_t[]){32, 40}, (uint64_t[]){8, 9}));
	assert_int_equal(j.whole.segment.flaws, FLAW_OVERLAP);
	j.ns += 61 * NS_PER_S;
	assert_false(give_part(&j, &w, 0, 24)); /* number 1 */
	assert_false(give_inner(&j, &w, (size_t[]){24, 48}, (uint64_t[]){2, 5}));
	assert_true(give_inner(&j, &w, (size_t[]){48, 72}, (uint64_t[]){3, 6}));
	assert_joined(&j, &w);
	CAME_IN(&j, 1, 2, 5, 3, 6);
	COUNTS(&j, 1, 0, 0, 1, 0);
	joining_close(&j);
}

/* IP in IP (RFC 2003), cut twice. */
static bool give_nested(struct joining *j, const struct whole_packet *inner, size_t from,
	uint16_t id)
{
	struct whole_packet outer = {.id = id, .fixed = 20};

	fragment_make(&outer.p, inner, from, from + 1000, from + 1000 < payload_len(inner));
	packet_ip(&outer.p, &(struct ip_spec){.src = "192.0.2.1", .dst = "192.0.2.2", .id = id},
		4);
	assert_false(give_part(j, &outer, 512, 1020));
	assert_true(give_part(j, &outer, 0, 512));
	assert_int_equal(j->whole.segment.kind, SEGMENT_FRAGMENT);
	return joiner_again(j->joiner, &j->whole);
}

static void test_fragments_of_tunnelled_fragments_are_joined_twice(void **state)
{
	struct whole_packet w;
	struct packet_bytes tunnelled;

	(void)state;
	whole_udp4(&w, 7, 1992);
	tunnelled = w.p;
	packet_ip(&tunnelled, &(struct ip_spec){.src = "192.0.2.1", .dst = "192.0.2.2"}, 4);
	struct joining j = joining_open();
	assert_false(give_nested(&j, &w, 1000, 1));
	assert_true(give_nested(&j, &w, 0, 2));
	assert_joined(&j, &w);
	assert_layers(&j.whole.segment, "4in4");
	CAME_IN(&j, 1, 2, 3, 4);
	COUNTS(&j, 3);
	joining_close(&j);
}

/* UDP with id 7, in a packet with id 1 of the other version or of the same. */
static void tunnel_make(struct whole_packet *outer, const struct whole_packet *inner, bool ip6)
{
	struct ip_spec spec = {.src = "192.0.2.1", .dst = "192.0.2.2", .id = 1};

	if (ip6)
		spec = (struct ip_spec){.src = "[2001:db8::5]", .dst = "[2001:db8::6]"};
	outer->p = inner->p;
	packet_ip(&outer->p, &spec, 4);
	outer->id = 1;
	outer->fixed = ip6 ? 40 : 20;
	outer->next_at = ip6 ? 6 : 0;
}

static void test_a_tunnel_inside_a_datagram_is_shown_from_its_inner_packet_on(void **state)
{
	static struct whole_packet w, outer;

	(void)state;
	whole_udp4(&w, 7, 100);
	for (int ip6 = 0; ip6 < 2; ip6++) {
		tunnel_make(&outer, &w, ip6);
		struct joining j = joining_open();
		assert_false(give_part(&j, &outer, 64, 128));
		assert_true(give_part(&j, &outer, 0, 64));
		assert_int_equal(j.whole.segment.ip_id, 7);
		assert_int_equal(j.whole.segment.network_offset, outer.fixed);
		assert_int_equal(j.whole.caplen, w.p.len);
		assert_memory_equal(j.whole.bytes, w.p.bytes, w.p.len);
		assert_int_equal(j.whole.len, outer.p.len);
		joining_close(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_addresses_may_live_in_two_vlans),
		cmocka_unit_test(test_one_tag_more_is_another_layer),
		cmocka_unit_test(test_a_stamp_that_cannot_be_is_told_of_the_datagram_too),
		cmocka_unit_test(test_a_fragment_inside_a_joined_datagram_is_joined_again),
		cmocka_unit_test(test_fragments_of_tunnelled_fragments_are_joined_twice),
		cmocka_unit_test(
			test_a_tunnel_inside_a_datagram_is_shown_from_its_inner_packet_on),
	};
	return cmocka_run_group_tests_name("decode: joiner in layers", tests, NULL, NULL);
}
