#include "record.h"

/* Subtypes of the MPTCP option (RFC 8684 7.2, IANA "MPTCP Option Subtypes"). */
static const char *const mptcp_words[16] = {
	"MP_CAPABLE", "MP_JOIN", "DSS",          "ADD_ADDR",  "REMOVE_ADDR", "MP_PRIO",
	"MP_FAIL",    "MP_FASTCLOSE", "MP_TCPRST", [15] = "MP_EXPERIMENTAL",
};

static void option_sack(struct buf *out, const struct tcp_options *options,
			const int64_t (*sack)[2])
{
	json_raw(out, ",\"sack\":[");
	for (size_t i = 0; sack && i < options->sack_count && i < TCP_SACK_MAX; i++) {
		json_raw(out, i ? ",[" : "[");
		json_i64(out, sack[i][0]);
		json_raw(out, ",");
		json_i64(out, sack[i][1]);
		json_raw(out, "]");
	}
	json_raw(out, "]");
}

static void option_fastopen(struct buf *out, const struct tcp_options *options)
{
	size_t length = options->cookie_len;
	json_raw(out, ",\"fastopen\":\"");
	if (length == 0)
		json_raw(out, "request");
	else
		json_hex(out, options->cookie,
			 length < sizeof(options->cookie) ? length : sizeof(options->cookie));
	json_raw(out, "\"");
}

static void option_mptcp(struct buf *out, uint8_t subtype)
{
	json_raw(out, ",\"mptcp\":\"");
	if (subtype < ARRAY_COUNT(mptcp_words) && mptcp_words[subtype])
		json_raw(out, mptcp_words[subtype]);
	else
		json_u64(out, subtype);
	json_raw(out, "\"");
}

/* Each option as hex of kind, length and data; one whose length cannot be takes the rest. */
static void option_unknown(struct buf *out, const struct tcp_options *options)
{
	size_t count = options->unknown_len, most = sizeof(options->unknown);
	struct cursor left = cursor_init(options->unknown, count < most ? count : most);
	const char *before = ",\"unknown\":[\"";
	while (cursor_left(&left) > 0) {
		size_t length = cursor_left(&left) > 1 ? left.at[1] : 1;
		if (length < 2 || length > cursor_left(&left))
			length = cursor_left(&left);
		json_raw(out, before);
		json_hex(out, cursor_bytes(&left, length), length);
		before = "\",\"";
	}
	json_field_true(out, "\"]", count > 0);
}

static void option_timestamps(struct buf *out, const struct tcp_options *options)
{
	json_raw(out, ",\"ts\":[");
	json_u64(out, options->tsval);
	json_raw(out, ",");
	json_u64(out, options->tsecr);
	json_raw(out, "]");
}

/* An option that is there is written whatever its value: its absence says something else. */
void record_options(struct buf *out, const struct tcp_options *options,
		    const int64_t (*sack)[2], bool dsack)
{
	uint16_t present = options->present;
	size_t start = out->len;
	if (present & OPTION_MSS) {
		json_raw(out, ",\"mss\":");
		json_u64(out, options->mss);
	}
	if (present & OPTION_WSCALE) {
		json_raw(out, ",\"wscale\":");
		json_u64(out, options->wscale);
	}
	json_field_true(out, ",\"sack_ok\":true", present & OPTION_SACK_OK);
	if (present & OPTION_TS)
		option_timestamps(out, options);
	if (present & OPTION_SACK)
		option_sack(out, options, sack);
	json_field_true(out, ",\"dsack\":true", dsack);
	if (present & OPTION_FASTOPEN)
		option_fastopen(out, options);
	json_field_true(out, ",\"fastopen_exp\":true", present & OPTION_FASTOPEN_EXP);
	if (present & OPTION_MPTCP)
		option_mptcp(out, options->mptcp_subtype);
	json_field_true(out, ",\"md5\":true", present & OPTION_MD5);
	json_field_true(out, ",\"ao\":true", present & OPTION_AO);
	if (present & OPTION_UNKNOWN)
		option_unknown(out, options);
	if (out->len == start)
		json_raw(out, "{");
	else if (!out->failed)
		out->at[start] = '{'; /* instead of the first comma */
	json_raw(out, "}");
}
