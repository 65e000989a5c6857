/* Captures in gzip and zstd. Where anything is compared, the libraries themselves are the
 * oracle: what they unpack, written to a plain file, gives the same packets. */
#include "blocks.h"

#include <zlib.h>
#include <zstd.h>

#define PACKETS 40

static void put_capture(struct bytes *file, uint32_t packets)
{
	uint8_t bytes[CONTENT_MAX];
	put_pcap_header(file, (struct pcap_header){MAGIC_US, 65535, 1, 0});
	for (uint32_t i = 0; i < packets; i++)
		put_pcap_record(file, (struct stamped){.seconds = 1700000000 + i,
						       .caplen = content(i, bytes),
						       .bytes = bytes});
}

/* Appends a gzip member, or a zstd frame with a checksum. */
static void put_gzip(struct bytes *out, const void *bytes, size_t count)
{
	z_stream z = {0};
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 9, 0), Z_OK);
	buf_reserve(&out->buf, deflateBound(&z, count));
	z.next_in = (uint8_t *)(uintptr_t)bytes;
	z.avail_in = (uInt)count;
	z.next_out = (uint8_t *)out->buf.at + out->buf.len;
	z.avail_out = (uInt)deflateBound(&z, count);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->buf.len += z.total_out;
	deflateEnd(&z);
}

static void put_zstd(struct bytes *out, const void *bytes, size_t count)
{
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	size_t bound = ZSTD_compressBound(count), made;
	assert_non_null(zstd);
	ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	buf_reserve(&out->buf, bound);
	made = ZSTD_compress2(zstd, out->buf.at + out->buf.len, bound, bytes, count);
	assert_false(ZSTD_isError(made));
	out->buf.len += made;
	ZSTD_freeCCtx(zstd);
}

/* What the libraries make of one part, fed byte by byte so that nothing before damage is lost.
 */
static void take_gzip(struct bytes *out, const uint8_t *bytes, size_t count)
{
	z_stream z = {0};
	uint8_t made[4096];
	int status = Z_OK;
	assert_int_equal(inflateInit2(&z, MAX_WBITS + 16), Z_OK);
	for (size_t i = 0; i < count && (status == Z_OK || status == Z_BUF_ERROR); i++) {
		z.next_in = (uint8_t *)(uintptr_t)(bytes + i);
		z.avail_in = 1;
		do {
			z.next_out = made;
			z.avail_out = sizeof(made);
			status = inflate(&z, Z_SYNC_FLUSH);
			put_bytes(out, made, sizeof(made) - z.avail_out);
		} while (z.avail_out == 0);
	}
	inflateEnd(&z);
}

static void take_zstd(struct bytes *out, const uint8_t *bytes, size_t count)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	static uint8_t made[1 << 18]; /* more than a block */
	size_t status = 1;
	for (size_t i = 0; i < count && status != 0 && !ZSTD_isError(status); i++) {
		ZSTD_inBuffer in = {bytes + i, 1, 0};
		ZSTD_outBuffer to = {made, sizeof(made), 0};
		status = ZSTD_decompressStream(zstd, &to, &in);
		put_bytes(out, made, to.pos);
	}
	ZSTD_freeDCtx(zstd);
}

static const struct packing {
	void (*put)(struct bytes *out, const void *bytes, size_t count);
	void (*take)(struct bytes *out, const uint8_t *bytes, size_t count);
	const char *name;
} packings[] = {{put_gzip, take_gzip, "gzip"}, {put_zstd, take_zstd, "zstd"}};

static void assert_packet(const struct frame *frame, uint32_t i)
{
	uint8_t bytes[CONTENT_MAX];
	assert_int_equal(frame->caplen, content(i, bytes));
	assert_memory_equal(frame->bytes, bytes, frame->caplen);
}

/* All packets, in order, as often as there are captures of them one behind the other. */
static void assert_all(const struct bytes *packed, uint32_t packets)
{
	struct reading reading;
	reading_open(&reading, packed);
	for (uint32_t i = 0; i < packets; i++) {
		assert_true(reading_next(&reading));
		assert_packet(&reading.frame, i);
	}
	assert_false(reading_next(&reading));
	assert_string_equal(reading.report.sentence, "");
	reading_close(&reading);
}

static void test_a_packed_capture_gives_the_same_packets(void **state)
{
	struct bytes plain = {0};
	(void)state;
	put_capture(&plain, 8000);
	assert_true(plain.buf.len > 2 << 20); /* more than two blocks of the reader's */
	for (size_t i = 0; i < ARRAY_COUNT(packings); i++) {
		struct bytes packed = {0};
		packings[i].put(&packed, plain.buf.at, plain.buf.len);
		assert_all(&packed, 8000);
		buf_close(&packed.buf);
	}
	buf_close(&plain.buf);
}

static void put_skippable(struct bytes *file)
{
	put_bytes(file, "\x53\x2a\x4d\x18\x05\0\0\0hello", 13);
}

static void test_parts_one_behind_the_other_are_one_capture(void **state)
{
	struct bytes plain = {0};
	(void)state;
	put_capture(&plain, PACKETS);
	for (size_t i = 0; i < ARRAY_COUNT(packings); i++) {
		struct bytes packed = {0};
		if (i == 1)
			put_skippable(&packed);
		for (size_t at = 0; at < plain.buf.len; at += 777) {
			size_t left = plain.buf.len - at;
			packings[i].put(&packed, plain.buf.at + at, left < 777 ? left : 777);
			put_zeros(&packed, at % 5);
			if (i == 1)
				put_skippable(&packed);
		}
		put_zeros(&packed, 3000); /* as on a tape */
		assert_all(&packed, PACKETS);
		buf_close(&packed.buf);
	}
	buf_close(&plain.buf);
}

static void test_what_stands_behind_packed_data_is_a_loss_that_is_told(void **state)
{
	struct bytes plain = {0};
	(void)state;
	put_capture(&plain, PACKETS);
	for (size_t i = 0; i < ARRAY_COUNT(packings); i++) {
		struct bytes packed = {0};
		struct reading reading;
		packings[i].put(&packed, plain.buf.at, plain.buf.len);
		put_bytes(&packed, "\0\0garbage", 9);
		assert_int_equal(reading_count(&reading, &packed), PACKETS);
		assert_int_equal(reading.report.skipped_count, 1);
		assert_int_equal(reading.report.skipped[0].at, packed.buf.len - 7);
		assert_int_equal(reading.report.skipped[0].bytes, 7);
		assert_string_equal(reading.report.skipped[0].why,
				    "behind the end of its compressed data");
		assert_false(reading_next(&reading)); /* and it is told once */
		assert_int_equal(reading.report.skipped_count, 1);
		reading_close(&reading);
		buf_close(&packed.buf);
	}
	buf_close(&plain.buf);
}

/* Reads packed data that are not in order, and what the library makes of them. */
static void assert_as_unpacked(const struct packing *packing, const struct bytes *packed)
{
	struct bytes oracle = {0};
	struct reading reading, plain;
	struct err err;
	packing->take(&oracle, (const uint8_t *)packed->buf.at, packed->buf.len);
	if (oracle.buf.len < 24) { /* not even the header of a capture */
		assert_int_equal(refused(packed->buf.at, packed->buf.len, &err), EXIT_USAGE);
		assert_non_null(strstr(err.text, packing->name));
	} else {
		reading_open(&plain, &oracle);
		reading_open(&reading, packed);
		while (reading_next(&plain)) {
			assert_true(reading_next(&reading));
			assert_int_equal(reading.frame.caplen, plain.frame.caplen);
			assert_memory_equal(reading.frame.bytes, plain.frame.bytes,
					    plain.frame.caplen);
		}
		assert_false(reading_next(&reading));
		assert_true(reading.report.truncated);
		assert_non_null(strstr(reading.report.sentence, packing->name));
		assert_non_null(strstr(reading.report.sentence, " of what it unpacks to, "));
		reading_close(&plain);
		reading_close(&reading);
	}
	buf_close(&oracle.buf);
}

static void test_packed_data_cut_at_any_byte_give_all_whole_packets(void **state)
{
	struct bytes plain = {0};
	(void)state;
	put_capture(&plain, 6);
	for (size_t i = 0; i < ARRAY_COUNT(packings); i++) {
		struct bytes packed = {0};
		size_t size;
		packings[i].put(&packed, plain.buf.at, plain.buf.len);
		size = packed.buf.len;
		for (packed.buf.len = 4; packed.buf.len < size; packed.buf.len++)
			assert_as_unpacked(&packings[i], &packed);
		buf_close(&packed.buf);
	}
	buf_close(&plain.buf);
}

/* Packets of four letters, which shrink to a quarter in each of several blocks. */
static void put_letters(struct bytes *file, uint32_t packets)
{
	uint8_t bytes[1500];
	uint64_t state = 1;
	put_pcap_header(file, (struct pcap_header){MAGIC_US, 65535, 1, 0});
	for (uint32_t i = 0; i < packets; i++) {
		for (size_t k = 0; k < sizeof(bytes); k++)
			bytes[k] = (uint8_t)('a' + rng_next(&state) % 4);
		put_pcap_record(file, (struct stamped){.seconds = 1700000000 + i,
						       .caplen = sizeof(bytes),
						       .bytes = bytes});
	}
}

/* The first block that is damaged ends the data; those before it stand. */
static void test_damaged_packed_data_give_the_packets_before(void **state)
{
	struct bytes plain = {0};
	(void)state;
	put_letters(&plain, 400);
	for (size_t i = 0; i < ARRAY_COUNT(packings); i++) {
		struct bytes packed = {0};
		uint64_t seed = 11;
		packings[i].put(&packed, plain.buf.at, plain.buf.len);
		for (unsigned k = 0; k < 20; k++) {
			size_t at = 20 + rng_next(&seed) % (packed.buf.len - 20);
			char kept = packed.buf.at[at];
			packed.buf.at[at] = (char)(kept ^ 0x5A);
			assert_as_unpacked(&packings[i], &packed);
			packed.buf.at[at] = kept;
		}
		buf_close(&packed.buf);
	}
	buf_close(&plain.buf);
}

static void test_a_wrong_checksum_costs_no_packet_but_is_told(void **state)
{
	struct bytes plain = {0};
	(void)state;
	put_capture(&plain, PACKETS);
	for (size_t i = 0; i < ARRAY_COUNT(packings); i++) {
		struct bytes packed = {0};
		struct reading reading;
		packings[i].put(&packed, plain.buf.at, plain.buf.len);
		packed.buf.at[packed.buf.len - (i == 0 ? 8 : 4)] ^= 1;
		assert_int_equal(reading_count(&reading, &packed), PACKETS);
		assert_non_null(strstr(reading.report.sentence, " ends early, at byte "));
		assert_non_null(strstr(reading.report.sentence, "data are damaged"));
		reading_close(&reading);
		buf_close(&packed.buf);
	}
	buf_close(&plain.buf);
}

#define LARGE_BYTES 60000
static void put_dense(struct bytes *file, uint32_t packets)
{
	static const uint8_t zeros[LARGE_BYTES];
	put_pcap_header(file, (struct pcap_header){MAGIC_US, 65535, 1, 0});
	for (uint32_t i = 0; i < packets; i++)
		put_pcap_record(file, (struct stamped){.seconds = 1700000000 + i,
						       .caplen = LARGE_BYTES,
						       .bytes = zeros});
}

static void test_data_that_unpack_to_256_times_their_size_end_after_64_mib(void **state)
{
	struct bytes plain = {0};
	(void)state;
	put_dense(&plain, 1200);
	for (size_t i = 0; i < ARRAY_COUNT(packings); i++) {
		struct bytes packed = {0};
		struct reading reading;
		uint64_t packets;
		packings[i].put(&packed, plain.buf.at, plain.buf.len);
		assert_true(packed.buf.len < plain.buf.len / 256);
		packets = reading_count(&reading, &packed);
		assert_true(packets >= (64 << 20) / (LARGE_BYTES + 16));
		assert_true(packets <= (66 << 20) / (LARGE_BYTES + 16));
		assert_true(reading.report.truncated);
		assert_non_null(strstr(reading.report.sentence, "unpack it with `"));
		reading_close(&reading);
		buf_close(&packed.buf);
	}
	buf_close(&plain.buf);
}

static void test_what_stays_below_64_mib_may_be_as_dense_as_it_likes(void **state)
{
	struct bytes plain = {0};
	(void)state;
	put_dense(&plain, 1000);
	for (size_t i = 0; i < ARRAY_COUNT(packings); i++) {
		struct bytes packed = {0};
		struct reading reading;
		packings[i].put(&packed, plain.buf.at, plain.buf.len);
		assert_int_equal(reading_count(&reading, &packed), 1000);
		assert_string_equal(reading.report.sentence, "");
		reading_close(&reading);
		buf_close(&packed.buf);
	}
	buf_close(&plain.buf);
}

/* A frame with one block of bytes as they are; its header names the window (RFC 8878 3.1.1). */
static void put_frame_of_window(struct bytes *file, unsigned window_log,
				const struct bytes *plain)
{
	uint32_t block = (uint32_t)plain->buf.len << 3 | 1;
	put_bytes(file, "\x28\xb5\x2f\xfd\0", 5);
	put_bytes(file, &(uint8_t){(uint8_t)((window_log - 10) << 3)}, 1);
	put_bytes(file,
		  &(uint8_t[3]){(uint8_t)block, (uint8_t)(block >> 8), (uint8_t)(block >> 16)},
		  3);
	put_bytes(file, plain->buf.at, plain->buf.len);
}

static void test_a_window_of_128_mib_is_the_largest(void **state)
{
	struct bytes plain = {0}, packed = {0};
	struct reading reading;
	struct err err;
	(void)state;
	put_capture(&plain, PACKETS);
	put_frame_of_window(&packed, 27, &plain);
	assert_all(&packed, PACKETS);
	packed.buf.len = 0;
	put_frame_of_window(&packed, 28, &plain);
	assert_int_equal(refused(packed.buf.at, packed.buf.len, &err), EXIT_USAGE);
	assert_non_null(strstr(err.text, "a window of more than 128 MiB"));
	assert_non_null(strstr(err.text, "`zstd -d --long=31`"));
	packed.buf.len = 0;
	put_zstd(&packed, plain.buf.at, plain.buf.len);
	put_frame_of_window(&packed, 31, &plain);
	assert_int_equal(reading_count(&reading, &packed), PACKETS);
	assert_non_null(strstr(reading.report.sentence, "a window of more than 128 MiB"));
	reading_close(&reading);
	buf_close(&plain.buf);
	buf_close(&packed.buf);
}

static void test_a_loss_inside_packed_data_says_so(void **state)
{
	struct bytes plain = {0}, packed = {0};
	struct reading reading;
	(void)state;
	put_capture(&plain, PACKETS);
	memset(plain.buf.at + 24 + 8, 0xFF, 4); /* the first captured length */
	put_gzip(&packed, plain.buf.at, plain.buf.len);
	assert_int_equal(reading_count(&reading, &packed), PACKETS - 1);
	assert_int_equal(reading.report.skipped[0].at, 24);
	assert_string_equal(reading.report.skipped[0].why,
			    "a record whose length cannot be (in the unpacked data)");
	reading_close(&reading);
	buf_close(&plain.buf);
	buf_close(&packed.buf);
}

/* A writer that flushes and then falls silent: the packets that are there come now. */
static void test_a_silent_pipe_of_packed_data_does_not_hold_a_packet_back(void **state)
{
	struct bytes plain = {0};
	uint8_t packed[8192];
	char path[32];
	const char *paths[1] = {path};
	struct reader *reader;
	struct frame frame;
	struct err err = {0};
	z_stream z = {0};
	int ends[2];
	(void)state;
	put_capture(&plain, 2);
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 9, 0), Z_OK);
	z.next_in = (uint8_t *)plain.buf.at;
	z.avail_in = (uInt)plain.buf.len;
	z.next_out = packed;
	z.avail_out = sizeof(packed);
	assert_int_equal(deflate(&z, Z_SYNC_FLUSH), Z_OK);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], packed, z.total_out), z.total_out);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	reader = reader_open(paths, 1, &err);
	assert_non_null(reader);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(reader_next(reader, &frame, &err), FRAME_READY);
		assert_packet(&frame, i);
	}
	reader_close(reader);
	close(ends[0]);
	close(ends[1]);
	deflateEnd(&z);
	buf_close(&plain.buf);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_packed_capture_gives_the_same_packets),
		cmocka_unit_test(test_parts_one_behind_the_other_are_one_capture),
		cmocka_unit_test(test_what_stands_behind_packed_data_is_a_loss_that_is_told),
		cmocka_unit_test(test_packed_data_cut_at_any_byte_give_all_whole_packets),
		cmocka_unit_test(test_damaged_packed_data_give_the_packets_before),
		cmocka_unit_test(test_a_wrong_checksum_costs_no_packet_but_is_told),
		cmocka_unit_test(
			test_data_that_unpack_to_256_times_their_size_end_after_64_mib),
		cmocka_unit_test(test_what_stays_below_64_mib_may_be_as_dense_as_it_likes),
		cmocka_unit_test(test_a_window_of_128_mib_is_the_largest),
		cmocka_unit_test(test_a_loss_inside_packed_data_says_so),
		cmocka_unit_test(test_a_silent_pipe_of_packed_data_does_not_hold_a_packet_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
