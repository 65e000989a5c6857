/* The door of src/model: the nouns that every room shares. Plain values; borrowed says so. */
#ifndef WIRELADDER_MODEL_H
#define WIRELADDER_MODEL_H

#include "wireladder/model_layers.h"
#include "wireladder/model_lists.h"

struct addr {
	uint8_t family;    /* 4 or 6; 0: none */
	uint8_t bytes[16]; /* network order; IPv4 in the first four, the rest 0 */
};

#define ADDR_TEXT 46
void addr_text(const struct addr *addr, char text[static ADDR_TEXT]); /* RFC 5952 */
bool addr_is_loopback(const struct addr *addr);
bool addr_equal(const struct addr *a, const struct addr *b);

#define LINKTYPE_TEXT 32
void linktype_text(uint16_t linktype, char text[static LINKTYPE_TEXT]); /* ETHERNET, or 147 */

/* Frame: what a tap saw, as it saw it. The bytes are borrowed until the tap's next frame. */
struct frame {
	const uint8_t *bytes;
	uint32_t caplen, len; /* bytes kept, bytes on the wire */
	uint64_t ns;          /* since 1970; ignored when bad_time */
	uint64_t n;           /* packet number in its capture, from 1 */
	uint16_t linktype;    /* LINKTYPE_ value of its interface */
	uint16_t interface;   /* index of its interface in its capture, from 0 */
	bool bad_time;        /* the file holds no stamp that can be */
	uint32_t link_flags;  /* pcapng's epb_flags: bits 0-1 direction, 16-31 link errors */
	uint32_t comment_len;
	const char *comment;  /* pcapng's, several joined by newlines; not checked; or NULL */
	uint64_t lost_before; /* packets that the file says were dropped just before this one */
};

enum segment_kind { SEGMENT_OTHER, SEGMENT_TCP, SEGMENT_UDP, SEGMENT_ICMP, SEGMENT_FRAGMENT };
enum tcp_option { /* bits of tcp_options.present */
	OPTION_MSS = 1, OPTION_WSCALE = 2, OPTION_SACK_OK = 4, OPTION_SACK = 8, OPTION_TS = 16,
	OPTION_FASTOPEN = 32, OPTION_FASTOPEN_EXP = 64, OPTION_MPTCP = 128, OPTION_MD5 = 256,
	OPTION_AO = 512, OPTION_UNKNOWN = 1024,
};

#define TCP_SACK_MAX 4
struct tcp_options {
	uint16_t present, mss;
	uint8_t wscale, sack_count, cookie_len, mptcp_subtype, unknown_len;
	bool cut; /* the capture kept only the beginning: others may have followed */
	uint32_t tsval, tsecr;
	uint32_t sack[TCP_SACK_MAX][2]; /* raw sequence numbers */
	uint8_t cookie[16];             /* Fast Open; cookie_len 0 asks for one (RFC 7413) */
	uint8_t unknown[40];            /* kind, length, data of each, as they stood */
};

#define ECN_CE 3 /* congestion experienced (RFC 3168 5) */

struct tuple { /* a packet's two ends, as it names them */
	struct addr src, dst;
	uint16_t sport, dport;
	uint8_t protocol; /* IP protocol number; for IPv6 the last of the chain */
};

/* Segment: one packet decoded, the innermost IP packet of its frame. Host byte order, no
 * pointers. */
struct segment {
	enum segment_kind kind;
	uint32_t flaws;           /* FLAW_ bits */
	struct tuple ends;        /* addresses for every IP packet, ports for TCP and UDP */
	uint32_t len;             /* payload bytes by the protocol's own length fields */
	uint32_t network_offset;  /* where its network header starts in the frame */
	uint32_t payload_offset;  /* where the TCP or UDP payload starts in the frame */
	uint32_t next;            /* where the frame's next packet starts (A-MSDU); 0: none */
	struct tunnel tunnel;
	uint32_t ip_id;           /* identification of IPv4 or of IPv6's fragment header */
	uint8_t ttl, ecn;         /* TTL or hop limit; the two ECN bits (RFC 3168 5) */
	union { /* by kind */
		struct {
			uint32_t seq, ack;
			uint16_t flags, window, urgent;
			struct tcp_options options;
		} tcp;
		struct {
			uint8_t type, code;
			bool quotes;         /* quoted and quoted_* below are there */
			struct tuple quoted; /* the ends of the packet it quotes */
			uint32_t quoted_seq; /* TCP: its sequence number; else 0 */
			uint32_t quoted_ip_id, quoted_len; /* UDP: payload bytes */
		} icmp;
		struct {
			uint32_t offset, len; /* bytes */
			bool more;
		} fragment;
		struct {
			enum layer layer; /* which number nobody here knows */
			uint32_t number;
		} other;
	};
};

enum end { END_CLIENT, END_SERVER, END_COUNT };

#include "wireladder/model_report.h"
#include "wireladder/model_wire.h"
#include "wireladder/model_trace.h"
#include "wireladder/model_event.h"

#endif
