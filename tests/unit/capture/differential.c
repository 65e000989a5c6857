/* Where libpcap can read a file, our reader gives the same packets, times and bytes. */
#include "blocks.h"

#include <pcap/pcap.h>

static void assert_same(const struct bytes *file)
{
	struct reading reading;
	char why[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *bytes;
	pcap_t *pcap;
	reading_open(&reading, file);
	pcap = pcap_open_offline_with_tstamp_precision(reading.path, PCAP_TSTAMP_PRECISION_NANO,
						       why);
	if (!pcap)
		fail_msg("libpcap: %s", why);
	while (pcap_next_ex(pcap, &header, &bytes) == 1) {
		assert_true(reading_next(&reading));
		assert_int_equal(reading.frame.caplen, header->caplen);
		assert_int_equal(reading.frame.len, header->len);
		assert_int_equal(reading.frame.ns, (uint64_t)header->ts.tv_sec * NS_PER_S +
							   (uint64_t)header->ts.tv_usec);
		assert_memory_equal(reading.frame.bytes, bytes, header->caplen);
	}
	assert_string_equal(pcap_geterr(pcap), "");
	assert_false(reading_next(&reading));
	assert_int_equal(reading.frame.linktype, pcap_datalink(pcap));
	pcap_close(pcap);
	reading_close(&reading);
}

static void test_pcap(void **state)
{
	static const uint32_t magics[] = {MAGIC_US, MAGIC_NS},
			      snaplens[] = {0, 64, 500, 65535, 1 << 30};
	uint64_t seed = 3;
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_COUNT(magics) * ARRAY_COUNT(snaplens); i++) {
		struct bytes file = {.big = i % 2};
		put_pcap_header(&file, (struct pcap_header){.magic = magics[i / 2 % 2],
							    .snaplen = snaplens[i / 4],
							    .network = 1});
		for (uint32_t k = 0; k < 400; k++) {
			uint8_t bytes[CONTENT_MAX];
			uint32_t caplen = content((uint32_t)rng_next(&seed), bytes);
			put_pcap_record(
				&file, (struct stamped){
					       .seconds = (uint32_t)rng_next(&seed) >> 1,
					       .fraction = (uint32_t)rng_next(&seed) % 1000000,
					       .caplen = caplen,
					       .len = caplen + (uint32_t)rng_next(&seed) % 2000,
					       .bytes = bytes});
		}
		assert_same(&file);
		buf_close(&file.buf);
	}
}

static void test_pcapng(void **state)
{
	static const uint8_t resolutions[] = {0, 3, 6, 7, 9, 12, 0x80 | 10, 0x80 | 20};
	uint64_t seed = 4;
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_COUNT(resolutions); i++) {
		struct bytes file = {.big = i % 2};
		put_section(&file, 1);
		put_interface(&file, (struct described){.linktype = 113,
							.snaplen = 1000,
							.tsresol = resolutions[i / 2],
							.tsoffset = i % 3 ? 1000 : 0});
		put_statistics(&file, 0, 1, 2);
		for (uint32_t k = 0; k < 400; k++) {
			uint8_t bytes[CONTENT_MAX];
			uint32_t caplen = content(k, bytes);
			struct enhanced packet = {.stamp = rng_next(&seed) >> 32,
						  .caplen = caplen < 1000 ? caplen : 1000,
						  .len = caplen,
						  .bytes = bytes};
			if (k % 3 == 0)
				put_old_packet(&file, packet);
			else
				put_enhanced(&file, packet);
		}
		assert_same(&file);
		buf_close(&file.buf);
	}
}

/* libpcap reads several interfaces, and sections, as long as link type and snap length are the
 * same; their clocks need not be. */
static void test_pcapng_of_several_interfaces(void **state)
{
	static const uint8_t resolutions[] = {6, 9, 0x80 | 20, 3};
	uint64_t seed = 5;
	(void)state;
	for (size_t i = 0; i < 20; i++) {
		struct bytes file = {.big = i % 2};
		for (uint32_t k = 0; k < 600; k++) {
			uint8_t bytes[CONTENT_MAX];
			struct enhanced packet = {.stamp = rng_next(&seed) >> 32,
						  .interface = (uint32_t)rng_next(&seed) % 4,
						  .caplen = content(k, bytes),
						  .bytes = bytes,
						  .comments = {k % 5 ? NULL : "a comment"},
						  .lost = k % 7 == 0};
			if (k % 200 == 0)
				put_section(&file, 1);
			for (size_t n = 0; n < 4 && k % 200 == 0; n++)
				put_interface(
					&file,
					(struct described){.linktype = 1,
							   .snaplen = 2000,
							   .tsresol = resolutions[(n + i) % 4],
							   .tsoffset = n == 2 ? 77 : 0});
			put_enhanced(&file, packet);
		}
		assert_same(&file);
		buf_close(&file.buf);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcap),
		cmocka_unit_test(test_pcapng),
		cmocka_unit_test(test_pcapng_of_several_interfaces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
