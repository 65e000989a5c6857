/* TCP options (RFC 9293 3.2): a row for each kind that has a name here. All others, and those
 * whose length is not one that their kind can have, are kept as bytes. */
#include "decoding.h"

#include <string.h>

#define FASTOPEN_EXID 0xf989

enum option_kind { KIND_END = 0, KIND_NOP = 1 };

/* data: the option without kind and length. False: not ours after all, keep it as bytes. */
typedef bool option_read(struct tcp_options *options, struct cursor *data);

static bool mss_read(struct tcp_options *options, struct cursor *data)
{
	options->mss = cursor_u16(data);
	return true;
}

static bool wscale_read(struct tcp_options *options, struct cursor *data)
{
	options->wscale = cursor_u8(data);
	return true;
}

static bool sack_read(struct tcp_options *options, struct cursor *data) /* RFC 2018 3 */
{
	options->sack_count = 0;
	while (cursor_left(data) >= 8) {
		uint32_t *block = options->sack[options->sack_count++];
		block[0] = cursor_u32(data);
		block[1] = cursor_u32(data);
	}
	return true;
}

static bool timestamps_read(struct tcp_options *options, struct cursor *data) /* RFC 7323 3.2 */
{
	options->tsval = cursor_u32(data);
	options->tsecr = cursor_u32(data);
	return true;
}

static bool mptcp_read(struct tcp_options *options, struct cursor *data) /* RFC 8684 3 */
{
	options->mptcp_subtype = cursor_u8(data) >> 4;
	return true;
}

static bool nothing_read(struct tcp_options *options, struct cursor *data)
{
	(void)options, (void)data;
	return true;
}

/* A cookie is 4 to 16 bytes, and an even number; none asks for one (RFC 7413 4.1.1). */
static bool fastopen_read(struct tcp_options *options, struct cursor *data)
{
	size_t count = cursor_left(data);

	if (count > sizeof(options->cookie) || count % 2 || count == 2)
		return false;
	memcpy(options->cookie, cursor_bytes(data, count), count);
	options->cookie_len = (uint8_t)count;
	return true;
}

/* Experiments share two kinds and tell themselves apart by the first two bytes (RFC 6994 3). */
static bool experiment_read(struct tcp_options *options, struct cursor *data)
{
	struct cursor rest = *data; /* if it is another experiment, all of it is kept */

	return cursor_u16(&rest) == FASTOPEN_EXID && fastopen_read(options, &rest);
}

#define ANY_LENGTH (~0ull)
#define SACK_LENGTHS (1ull << 10 | 1ull << 18 | 1ull << 26 | 1ull << 34)
#define FASTOPEN_LENGTHS \
	(1ull << 2 | 1ull << 6 | 1ull << 8 | 1ull << 10 | 1ull << 12 | 1ull << 14 | \
	 1ull << 16 | 1ull << 18)
#define EXPERIMENT (OPTION_FASTOPEN | OPTION_FASTOPEN_EXP)

struct option {
	option_read *read; /* NULL: a kind without a name here */
	uint16_t present;  /* what it is in tcp_options.present */
	uint64_t lengths;  /* bit n: it may be n bytes long, kind and length included */
};

static const struct option rows[256] = {
	[2] = {mss_read, OPTION_MSS, 1ull << 4},
	[3] = {wscale_read, OPTION_WSCALE, 1ull << 3},
	[4] = {nothing_read, OPTION_SACK_OK, 1ull << 2},
	[5] = {sack_read, OPTION_SACK, SACK_LENGTHS},
	[8] = {timestamps_read, OPTION_TS, 1ull << 10},
	[19] = {nothing_read, OPTION_MD5, 1ull << 18},     /* RFC 2385 3.0 */
	[29] = {nothing_read, OPTION_AO, ANY_LENGTH << 4}, /* RFC 5925 2.2 */
	[30] = {mptcp_read, OPTION_MPTCP, ANY_LENGTH << 3},
	[34] = {fastopen_read, OPTION_FASTOPEN, FASTOPEN_LENGTHS},
	[253] = {experiment_read, EXPERIMENT, ANY_LENGTH},
	[254] = {experiment_read, EXPERIMENT, ANY_LENGTH},
};

static void unknown_keep(struct tcp_options *options, uint8_t kind, struct cursor *data)
{
	size_t count = cursor_left(data), at = options->unknown_len;

	options->present |= OPTION_UNKNOWN;
	if (at + 2 + count > sizeof(options->unknown))
		return;
	options->unknown[at] = kind;
	options->unknown[at + 1] = (uint8_t)(count + 2);
	memcpy(&options->unknown[at + 2], cursor_bytes(data, count), count);
	options->unknown_len = (uint8_t)(at + 2 + count);
}

/* Returns the flaws of an option whose bytes are all here: at most 38 of data. */
static uint32_t option_take(struct tcp_options *options, uint8_t kind, struct cursor *data)
{
	const struct option *row = &rows[kind];
	bool possible = row->lengths >> (cursor_left(data) + 2) & 1;

	if (row->read && possible && row->read(options, data)) {
		options->present |= row->present;
		return 0;
	}
	unknown_keep(options, kind, data);
	return row->read && !possible ? FLAW_BAD_OPTION : 0;
}

#define USUAL_LENGTH 12
#define USUAL_BEGINS UINT32_C(0x0101080a) /* NOP, NOP, kind 8, its length 10 */

/* Timestamps alone, laid out as RFC 7323 appendix A advises: what nearly every segment behind
 * the SYNs of a connection that uses them carries. */
static bool usual_read(struct tcp_options *options, struct cursor area)
{
	if (cursor_left(&area) != USUAL_LENGTH || cursor_u32(&area) != USUAL_BEGINS)
		return false;
	options->present = OPTION_TS;
	return timestamps_read(options, &area);
}

void tcp_options_decode(struct segment *segment, struct cursor area, bool cut)
{
	segment->tcp.options.cut = cut;
	if (!cut && usual_read(&segment->tcp.options, area))
		return;
	while (cursor_left(&area) > 0) {
		uint8_t kind = cursor_u8(&area);
		if (kind == KIND_END)
			return;
		if (kind == KIND_NOP)
			continue;
		bool length_cut = cut && cursor_left(&area) == 0;
		uint8_t length = cursor_u8(&area);
		if (length_cut)
			return;
		if (length < 2) { /* also where the header ends before the length */
			segment->flaws |= FLAW_BAD_OPTION;
			return;
		}
		struct cursor data = cursor_sub(&area, length - 2u);
		if (data.failed) {
			segment->flaws |= cut ? 0 : FLAW_BAD_OPTION;
			return;
		}
		segment->flaws |= option_take(&segment->tcp.options, kind, &data);
	}
}
