/* What both versions of IP share: which version, fragments, and who takes the payload. */
#include "decoding.h"

struct upper {
	uint8_t family;      /* the version of IP that carries it; 0: both */
	decode_step *whole;  /* reads a packet */
	decode_step *quoted; /* reads the first 8 bytes: ICMP need not quote more (RFC 792) */
};

static const struct upper uppers[256] = {
	[IP_ICMP] = {4, icmp_decode, NULL},
	[IP_IP4] = {0, ip_in_ip_decode, NULL},
	[IP_TCP] = {0, tcp_decode, tcp_quoted},
	[IP_UDP] = {0, udp_decode, udp_quoted},
	[IP_IP6] = {0, ip_in_ip_decode, NULL},
	[IP_GRE] = {0, gre_decode, NULL},
	[IP_AH] = {4, ah_decode, NULL}, /* for IPv6 it is a header of the chain */
	[IP_ICMP6] = {6, icmp_decode, NULL},
	[IP_MPLS] = {0, mpls_decode, NULL}, /* RFC 4023 */
};

void ip_payload(struct decoding *d, uint8_t protocol)
{
	const struct upper *upper = &uppers[protocol];
	decode_step *decode = d->quoted ? upper->quoted : upper->whole;

	d->segment->ends.protocol = protocol;
	decoding_name(d, LAYER_IP_PROTOCOL, protocol);
	if (decode && (upper->family == 0 || upper->family == d->segment->ends.src.family))
		decode(d);
}

bool ip_fragment(struct decoding *d, uint32_t offset, bool more)
{
	struct segment *segment = d->segment;
	uint32_t len = (uint32_t)decoding_left(d);

	if (offset == 0 && (!more || d->quoted)) /* a first fragment has what a quote needs */
		return false;
	segment->kind = SEGMENT_FRAGMENT;
	segment->fragment.offset = offset;
	segment->fragment.len = len;
	segment->fragment.more = more;
	if (more && len % 8) /* only the last may end anywhere (RFC 791 3.2, RFC 8200 4.5) */
		decoding_flaw(d, FLAW_BAD_LENGTH);
	return true;
}

/* By the version in the header: every receiver looks at it first, and RAW has nothing else. */
void ip_decode(struct decoding *d)
{
	static decode_step *const versions[16] = {[4] = ip4_decode, [6] = ip6_decode};
	struct cursor peek = d->cursor;
	decode_step *decode = versions[cursor_u8(&peek) >> 4];

	d->cursor.failed |= peek.failed;
	if (decode)
		decode(d);
	else if (!peek.failed)
		decoding_flaw(d, FLAW_BAD_HEADER);
}
