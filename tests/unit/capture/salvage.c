/* Damaged files: what is still whole is delivered, what is not is counted. */
#include "blocks.h"

#include "../../../src/capture/reader.h"

#define PACKETS 300
#define FILES   200

/* A file under damage: where each byte came from, or UNKNOWN where damage wrote it. */
#define UNKNOWN UINT32_MAX
struct damaged {
	uint8_t *bytes;
	uint32_t *origin;
	size_t count, cap;
};

struct span { /* of one packet's record in the sound file */
	uint32_t start, end;
};

static struct damaged damaged_from(const struct bytes *file)
{
	struct damaged damaged = {.count = file->buf.len, .cap = 2 * file->buf.len};
	damaged.bytes = malloc(damaged.cap);
	damaged.origin = malloc(damaged.cap * sizeof(*damaged.origin));
	assert_true(damaged.bytes && damaged.origin);
	memcpy(damaged.bytes, file->buf.at, file->buf.len);
	for (size_t i = 0; i < damaged.count; i++)
		damaged.origin[i] = (uint32_t)i;
	return damaged;
}

static void damaged_close(struct damaged *damaged)
{
	free(damaged->bytes);
	free(damaged->origin);
}

static void overwrite(struct damaged *d, size_t at, size_t length, uint64_t *seed)
{
	bool zeros = rng_next(seed) % 4 == 0;
	for (size_t i = at; i < at + length && i < d->count; i++) {
		d->bytes[i] = zeros ? 0 : (uint8_t)rng_next(seed);
		d->origin[i] = UNKNOWN;
	}
}

static void flip(struct damaged *d, size_t at, size_t length, uint64_t *seed)
{
	(void)length;
	d->bytes[at] ^= (uint8_t)(1U << rng_next(seed) % 8);
	d->origin[at] = UNKNOWN;
}

static void delete (struct damaged *d, size_t at, size_t length, uint64_t *seed)
{
	(void)seed;
	if (length > d->count - at)
		length = d->count - at;
	memmove(d->bytes + at, d->bytes + at + length, d->count - at - length);
	memmove(d->origin + at, d->origin + at + length,
		(d->count - at - length) * sizeof(*d->origin));
	d->count -= length;
}

static void insert(struct damaged *d, size_t at, size_t length, uint64_t *seed)
{
	if (length > d->cap - d->count)
		return;
	memmove(d->bytes + at + length, d->bytes + at, d->count - at);
	memmove(d->origin + at + length, d->origin + at, (d->count - at) * sizeof(*d->origin));
	d->count += length;
	overwrite(d, at, length, seed);
}

/* Damage behind the file's own header, `keep` bytes long. */
static void damage(struct damaged *d, size_t keep, uint64_t *seed)
{
	static void (*const deeds[])(struct damaged *, size_t, size_t,
				     uint64_t *) = {overwrite, flip, delete, insert};
	size_t times = 1 + rng_next(seed) % 12;
	for (size_t i = 0; i < times; i++) {
		size_t at = keep + rng_next(seed) % (d->count - keep);
		size_t most = rng_next(seed) % 8 == 0 ? 3000 : 100;
		size_t length = 1 + rng_next(seed) % most;
		size_t deed = rng_next(seed) % ARRAY_COUNT(deeds);
		deeds[deed](d, at, length, seed);
	}
}

/* Is the record that stood at this span still there, byte for byte? Searches from *from on. */
static bool still_whole(const struct damaged *d, struct span span, size_t *from)
{
	size_t i = *from;
	while (i < d->count && (d->origin[i] == UNKNOWN || d->origin[i] < span.start))
		i++;
	*from = i;
	if (i == d->count || d->origin[i] != span.start)
		return false;
	for (uint32_t origin = span.start; origin < span.end; origin++, i++) {
		if (i >= d->count || d->origin[i] != origin)
			return false;
	}
	return true;
}

/* Nearly all zeros, of a few lengths, as acknowledgments and bulk data are: what stands beside
 * a header looks like headers. */
static uint32_t dull(uint32_t i, uint8_t bytes[static CONTENT_MAX])
{
	static const uint32_t lengths[] = {66, 1514, 66, 60};
	memset(bytes, 0, CONTENT_MAX);
	memcpy(bytes + 40, &i, sizeof(i));
	return lengths[i % ARRAY_COUNT(lengths)];
}

/* A file's sound form, and how it is damaged. */
struct sound {
	size_t (*put)(struct bytes *file, struct span *spans, const struct sound *sound);
	uint32_t (*content)(uint32_t i, uint8_t *bytes);
	bool big;
};

/* Packet i has the stamp of second 1700000000 + i / 8 and its own bytes. */
static bool is_packet(const struct sound *sound, const struct frame *frame, uint32_t i)
{
	uint8_t bytes[CONTENT_MAX];
	return frame->ns / NS_PER_S == 1700000000 + i / 8 &&
	       frame->caplen == sound->content(i, bytes) &&
	       memcmp(frame->bytes, bytes, frame->caplen) == 0;
}

struct tally {
	uint64_t whole, saved, worst_per_mille;
};

/* How many of the packets that are whole come out, in order, with what may come between. */
static void read_damaged(const struct damaged *d, const struct span *spans,
			 const struct sound *sound, struct tally *tally)
{
	struct bytes file = {.buf = {.at = (char *)d->bytes, .len = d->count}};
	struct reading reading;
	bool whole[PACKETS], saved[PACKETS] = {false};
	uint64_t wholes = 0, saveds = 0;
	size_t from = 0;
	uint32_t next = 0;
	for (uint32_t i = 0; i < PACKETS; i++)
		whole[i] = still_whole(d, spans[i], &from);
	reading_open(&reading, &file);
	while (reading_next(&reading)) {
		for (uint32_t i = next; i < PACKETS; i++) {
			if (is_packet(sound, &reading.frame, i)) {
				saved[i] = true;
				next = i + 1;
				break;
			}
		}
	}
	for (uint32_t i = 0; i < PACKETS; i++) {
		wholes += whole[i];
		saveds += whole[i] && saved[i];
	}
	tally->whole += wholes;
	tally->saved += saveds;
	if (wholes && saveds * 1000 / wholes < tally->worst_per_mille)
		tally->worst_per_mille = saveds * 1000 / wholes;
	reading_close(&reading);
}

static size_t put_pcap(struct bytes *file, struct span *spans, const struct sound *sound)
{
	uint8_t bytes[CONTENT_MAX];
	size_t keep;
	put_pcap_header(file, (struct pcap_header){MAGIC_US, 65535, 1, 0});
	keep = file->buf.len;
	for (uint32_t i = 0; i < PACKETS; i++) {
		spans[i].start = (uint32_t)file->buf.len;
		put_pcap_record(file, (struct stamped){.seconds = 1700000000 + i / 8,
						       .fraction = i % 8 * 1000,
						       .caplen = sound->content(i, bytes),
						       .bytes = bytes});
		spans[i].end = (uint32_t)file->buf.len;
	}
	return keep;
}

static size_t put_pcapng(struct bytes *file, struct span *spans, const struct sound *sound)
{
	uint8_t bytes[CONTENT_MAX];
	size_t keep;
	put_section(file, 1);
	put_interface(file, (struct described){.linktype = 1});
	keep = file->buf.len;
	for (uint32_t i = 0; i < PACKETS; i++) {
		uint64_t us = (1700000000 + (uint64_t)i / 8) * 1000000 + i % 8 * 1000;
		spans[i].start = (uint32_t)file->buf.len;
		put_enhanced(file, (struct enhanced){.stamp = us,
						     .caplen = sound->content(i, bytes),
						     .bytes = bytes});
		spans[i].end = (uint32_t)file->buf.len;
	}
	return keep;
}

static void assert_saved(struct sound sound)
{
	struct bytes file = {.big = sound.big};
	struct span spans[PACKETS];
	size_t keep = sound.put(&file, spans, &sound);
	uint64_t seed = 20;
	struct tally tally = {.worst_per_mille = 1000};
	for (unsigned i = 0; i < FILES; i++) {
		struct damaged damaged = damaged_from(&file);
		damage(&damaged, keep, &seed);
		read_damaged(&damaged, spans, &sound, &tally);
		damaged_close(&damaged);
	}
	print_message("%llu of %llu whole packets, at worst %llu per mille of a file\n",
		      (unsigned long long)tally.saved, (unsigned long long)tally.whole,
		      (unsigned long long)tally.worst_per_mille);
	assert_true(tally.saved * 1000 >= tally.whole * 995);
	assert_true(tally.worst_per_mille >= 950);
	buf_close(&file.buf);
}

static void test_whole_packets_of_damaged_pcap_files_are_delivered(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++)
		assert_saved((struct sound){put_pcap, i < 2 ? content : dull, i % 2});
}

static void test_whole_packets_of_damaged_pcapng_files_are_delivered(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++)
		assert_saved((struct sound){put_pcapng, i < 2 ? content : dull, i % 2});
}

static const struct sound random_bytes = {.content = content};

static void test_every_byte_of_a_damaged_file_is_a_packet_or_counted(void **state)
{
	struct bytes file = {0};
	struct span spans[PACKETS];
	size_t keep = put_pcap(&file, spans, &random_bytes);
	uint64_t seed = 7;
	(void)state;
	for (unsigned i = 0; i < FILES; i++) {
		struct damaged damaged = damaged_from(&file);
		struct bytes view = {0};
		struct reading reading;
		uint64_t bytes = keep;
		damage(&damaged, keep, &seed);
		view.buf = (struct buf){.at = (char *)damaged.bytes, .len = damaged.count};
		reading_open(&reading, &view);
		while (reading_next(&reading))
			bytes += 16 + reading.frame.caplen;
		bytes += reading.report.skipped_bytes;
		if (reading.report.truncated)
			assert_true(bytes < damaged.count);
		else
			assert_int_equal(bytes, damaged.count);
		reading_close(&reading);
		damaged_close(&damaged);
	}
	buf_close(&file.buf);
}

static void test_noise_behind_a_header_ends_in_a_count(void **state)
{
	uint64_t seed = 99;
	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		struct bytes file = {.big = i % 2};
		struct reading reading;
		size_t noise = 1 + rng_next(&seed) % (i % 10 ? 5000 : 2000000);
		if (i % 4 < 2)
			put_pcap_header(&file, (struct pcap_header){MAGIC_US, 65535, 1, 0});
		else
			put_section(&file, 1);
		while (noise-- > 0)
			put_bytes(&file, &(uint8_t){(uint8_t)rng_next(&seed)}, 1);
		assert_int_equal(reading_count(&reading, &file), 0);
		assert_true(reading.report.sentence[0] != '\0');
		reading_close(&reading);
		buf_close(&file.buf);
	}
}

/* Packets of one size whose first bytes look like a length: four bytes beside each header
 * another one seems to be. */
static void test_strange_times_in_a_sound_file_are_no_damage(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	uint64_t seed = 5;
	(void)state;
	put_pcap_header(&file, (struct pcap_header){MAGIC_US, 65535, 1, 0});
	for (uint32_t i = 0; i < 3000; i++) {
		uint8_t bytes[60] = {0, 1, 2, 3};
		put_pcap_record(
			&file,
			(struct stamped){.seconds = (uint32_t)rng_next(&seed) >> 2 | 1U << 30,
					 .fraction = 5,
					 .caplen = sizeof(bytes),
					 .bytes = bytes});
	}
	assert_int_equal(reading_count(&reading, &file), 3000);
	assert_string_equal(reading.report.sentence, "");
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_a_loss_says_place_size_and_reason(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	struct span spans[PACKETS];
	char sentence[300];
	(void)state;
	put_pcap(&file, spans, &random_bytes);
	memset(file.buf.at + spans[50].start + 8, 0xFF, 4); /* its captured length */
	assert_int_equal(reading_count(&reading, &file), PACKETS - 1);
	assert_int_equal(reading.report.skipped_count, 1);
	assert_int_equal(reading.report.skipped[0].at, spans[50].start);
	assert_int_equal(reading.report.skipped[0].bytes, spans[50].end - spans[50].start);
	snprintf(sentence, sizeof(sentence),
		 "%u bytes of %s at byte %u were passed over: a record whose length cannot be",
		 spans[50].end - spans[50].start, reading.path, spans[50].start);
	assert_string_equal(reading.report.sentence, sentence);
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_one_byte_too_many_is_one_byte(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	char expected[200];
	(void)state;
	put_pcap_header(&file, (struct pcap_header){MAGIC_US, 65535, 1, 0});
	for (uint32_t i = 0; i < 10; i++) {
		if (i == 5)
			put_zeros(&file, 1);
		put_pcap_record(&file, (struct stamped){.seconds = 1700000000 + i,
							.caplen = 60,
							.bytes = (const uint8_t[60]){7}});
	}
	assert_int_equal(reading_count(&reading, &file), 10);
	snprintf(expected, sizeof(expected),
		 "1 byte of %s at byte 404 was passed over: a record whose length "
		 "cannot be",
		 reading.path);
	assert_string_equal(reading.report.sentence, expected);
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_a_wrong_closing_length_does_not_cost_the_packet(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	struct span spans[PACKETS];
	(void)state;
	put_pcapng(&file, spans, &random_bytes);
	memset(file.buf.at + spans[50].end - 4, 0xFF, 4);
	memset(file.buf.at + spans[PACKETS - 1].end - 4, 0xFF, 4);
	assert_int_equal(reading_count(&reading, &file), PACKETS);
	reading_close(&reading);
	buf_close(&file.buf);
}

/* Every length field that there is says 4 GiB, or just less than what is believed. */
static void test_a_length_field_alone_allocates_nothing(void **state)
{
	static const uint32_t lengths[] = {0xFFFFFFFF, 0xFFFFFFFC, 0x80000000, 0x00FFFFFF};
	(void)state;
	for (unsigned i = 0; i < 3 * ARRAY_COUNT(lengths); i++) {
		uint32_t length = lengths[i / 3];
		struct bytes file = {0};
		struct reading reading;
		if (i % 3 == 0) {
			put_pcap_header(&file, (struct pcap_header){MAGIC_US, 0, 1, 0});
			put32(&file, 1700000000);
			put32(&file, 0);
		} else {
			put_section(&file, 1);
			put_interface(&file, (struct described){.linktype = 1});
			put32(&file, i % 3 == 1 ? 6 : 4);
		}
		for (unsigned k = 0; k < 6; k++)
			put32(&file, length);
		assert_true(file.buf.len <= 100);
		assert_int_equal(reading_count(&reading, &file), 0);
		assert_true(reading.report.sentence[0] != '\0');
		assert_int_equal(reading.reader->intake.cap, INTAKE_BLOCK);
		assert_int_equal(reading.reader->hosts.cap, 0);
		reading_close(&reading);
		buf_close(&file.buf);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_packets_of_damaged_pcap_files_are_delivered),
		cmocka_unit_test(test_whole_packets_of_damaged_pcapng_files_are_delivered),
		cmocka_unit_test(test_every_byte_of_a_damaged_file_is_a_packet_or_counted),
		cmocka_unit_test(test_noise_behind_a_header_ends_in_a_count),
		cmocka_unit_test(test_strange_times_in_a_sound_file_are_no_damage),
		cmocka_unit_test(test_a_loss_says_place_size_and_reason),
		cmocka_unit_test(test_one_byte_too_many_is_one_byte),
		cmocka_unit_test(test_a_wrong_closing_length_does_not_cost_the_packet),
		cmocka_unit_test(test_a_length_field_alone_allocates_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
