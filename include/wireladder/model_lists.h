/* The lists of the model, each once: words of the wire, of RFC 9293, of the timeline. */
#ifndef WIRELADDER_MODEL_LISTS_H
#define WIRELADDER_MODEL_LISTS_H

#include "wireladder/model_verdicts.h"

/* TCP header flags in the order in which records name them (RFC 9293 3.1; AE: RFC 9768). */
#define TCP_FLAG_LIST(X) \
	X(SYN, 0x002) X(FIN, 0x001) X(RST, 0x004) X(PSH, 0x008) X(ACK, 0x010) \
	X(URG, 0x020) X(ECE, 0x040) X(CWR, 0x080) X(AE, 0x100)

enum tcp_flag {
#define X(word, bit) TCP_##word = bit,
	TCP_FLAG_LIST(X)
#undef X
};

/* Connection states by their names in RFC 9293 3.3.2. STATE_UNKNOWN is never written. */
#define TCP_STATE_LIST(X) \
	X(UNKNOWN, "") X(CLOSED, "CLOSED") X(LISTEN, "LISTEN") X(SYN_SENT, "SYN-SENT") \
	X(SYN_RECEIVED, "SYN-RECEIVED") X(ESTABLISHED, "ESTABLISHED") \
	X(FIN_WAIT_1, "FIN-WAIT-1") X(FIN_WAIT_2, "FIN-WAIT-2") X(CLOSE_WAIT, "CLOSE-WAIT") \
	X(CLOSING, "CLOSING") X(LAST_ACK, "LAST-ACK") X(TIME_WAIT, "TIME-WAIT")

enum tcp_state {
#define X(name, word) STATE_##name,
	TCP_STATE_LIST(X)
#undef X
	STATE_COUNT
};

/* What is strange about a packet: facts, not errors. Bits of segment.flaws. */
#define FLAW_LIST(X) \
	X(TRUNCATED, "truncated")           /* the capture kept less than there was */ \
	X(BAD_CHECKSUM, "bad-checksum")     /* provably: all bytes are here, no offload */ \
	X(CHECKSUM_OFFLOADED, "checksum-offloaded") /* left to hardware when captured */ \
	X(BAD_OPTION, "bad-option")         /* an option's length is 0, 1 or runs out */ \
	X(BAD_TIME, "bad-time")             /* its stamp cannot be: took one beside it */ \
	X(BAD_LENGTH, "bad-length")         /* a length field that contradicts another */ \
	X(BAD_HEADER, "bad-header")         /* a field that cannot be (data offset < 5 …) */ \
	X(OFFLOAD_LENGTH, "offload-length") /* IP length 0: offload, taken from the frame */ \
	X(OVERLAP, "overlap")               /* brings bytes of a datagram that were there */ \
	X(LINK_ERROR, "link-error") /* the interface saw it damaged (pcapng, radiotap) */

enum flaw_bit {
#define X(name, word) FLAW_BIT_##name,
	FLAW_LIST(X)
#undef X
	FLAW_COUNT
};

enum flaw {
#define X(name, word) FLAW_##name = 1 << FLAW_BIT_##name,
	FLAW_LIST(X)
#undef X
};

/* Codes of `note` records. */
#define NOTE_LIST(X) \
	X(CLOCK_BACK, "clock-back")     /* the capture's clock stepped back */ \
	X(LATE, "late")                 /* after its place: the merge window was full */ \
	X(CAPTURE_LOSS, "capture-loss") /* the kernel dropped packets before we saw them */ \
	X(SKIPPED, "skipped")           /* bytes that are no packet were passed over */ \
	X(INTERFACE, "interface")       /* an interface described after the first packet */ \
	X(TABLE_FULL, "table-full")     /* a table reached its cap: evictions are counted */ \
	X(NAMES, "names")               /* the file gives names to addresses after meta */ \
	X(CLOCKS, "clocks")             /* how two captures were put on one clock */ \
	X(STALL, "stall")               /* a silence, and who waited for what */ \
	X(TRACE, "trace")               /* calls that were not seen, and why */ \
	X(KERNEL_STATE, "kernel-state") /* its TCP_INFO shows another state than packets do */

enum note_code {
#define X(name, word) NOTE_##name,
	NOTE_LIST(X)
#undef X
	NOTE_COUNT
};

/* What an end waited for while nothing moved (note `stall`). */
#define WAIT_LIST(X) \
	X(NOTHING, "")                     /* the note is not of a stall */ \
	X(PROGRAM, "program")              /* its own program: there was nothing to send */ \
	X(HANDSHAKE, "handshake")          /* an answer to its SYN or SYN-ACK */ \
	X(WINDOW, "window")                /* room at the other end */ \
	X(TIMER, "retransmission-timer")   /* its timer: what it sent was not acknowledged */ \
	X(DELAYED_ACK, "delayed-ack")      /* the ACK of a small segment (Nagle) */ \
	X(CONGESTION, "congestion-window") /* ACKs, before it may send more; inferred */ \
	X(ACK, "ack")                      /* an ACK, and nobody can see why it was late */ \
	X(DELIVERY, "delivery")            /* what was sent to it: the way held it up */ \
	X(KEEP_ALIVE, "keep-alive")        /* its keep-alive timer: all was said */

enum wait {
#define X(name, word) WAIT_##name,
	WAIT_LIST(X)
#undef X
	WAIT_COUNT
};

/* How a conversation began and ended. */
#define OPENED_LIST(X) \
	X(HANDSHAKE, "handshake") X(SIMULTANEOUS, "simultaneous") X(FAST_OPEN, "fast-open") \
	X(MID_CAPTURE, "mid-capture")
#define ENDED_LIST(X) \
	X(OPEN, "open") X(FIN, "fin") X(RST, "rst") X(TIMEOUT, "timeout") X(EVICTED, "evicted")

/* Where the tap is between a conversation's ends. */
#define PLACE_LIST(X) \
	X(UNKNOWN, "unknown") X(CLIENT, "client") X(SERVER, "server") X(BETWEEN, "between") \
	X(BOTH, "both")

enum tap_place {
#define X(name, word) PLACE_##name,
	PLACE_LIST(X)
#undef X
};
enum opened {
#define X(name, word) OPENED_##name,
	OPENED_LIST(X)
#undef X
};
enum ended {
#define X(name, word) ENDED_##name,
	ENDED_LIST(X)
#undef X
};

/* The words of the lists above, by enum value or flaw/flag bit index. */
extern const char *const state_words[STATE_COUNT];
extern const char *const flaw_words[FLAW_COUNT];
extern const char *const note_words[NOTE_COUNT];
extern const char *const wait_words[WAIT_COUNT];
extern const char *const opened_words[];
extern const char *const ended_words[];
extern const char *const place_words[];

/* "SYN ACK" and so on: the flags' words in the records' order, with this between them. */
#define TCP_FLAGS_TEXT 40
void tcp_flags_text(uint16_t flags, const char *between, char text[static TCP_FLAGS_TEXT]);

#endif
