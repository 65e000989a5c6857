/* The captures of the golden tests, and the random one of tests/e2e/split.sh: written by the
 * builders of tests/support, the same bytes each time. */
#ifndef WIRELADDER_TESTS_CAPTURES_H
#define WIRELADDER_TESTS_CAPTURES_H

#include "../support/pcapng.h"
#include "../support/stack.h"

#define START_NS (UINT64_C(1700000000) * NS_PER_S)
#define STEP_NS (3 * NS_PER_MS)

/* A capture that is being written: where packets go on their way into the file. */
struct capture {
	const char *folder;
	struct packet_file_spec spec;
	struct buf file;
	struct stack *stack;  /* room for one packet and what is around it */
	const char *layers;   /* around each packet (stack_put); NULL: it is a frame as it is */
	uint64_t seed;        /* of the layers: their numbers and their variants */
	uint64_t ns;          /* of the next packet */
	uint32_t serial;
	bool tidy;            /* as in struct draft */
	uint16_t client_port; /* 0: 40000 */
};

void capture_begin(struct capture *capture);
void capture_frame(struct capture *capture, const struct packet_bytes *frame);
/* An IP packet, and the layers around it. */
void capture_say(struct capture *capture, bool back, const struct packet_bytes *ip);
void capture_end(struct capture *capture, const char *name); /* folder/name */
void bytes_write(const char *folder, const char *name, const struct buf *bytes);

/* A TCP session: handshake, `len` bytes there and back, both ends say FIN. */
void talk_tcp(struct capture *capture, uint8_t family, size_t len);
void talk_udp(struct capture *capture, uint8_t family, size_t len); /* question and answer */

/* One packet of such a talk: what tells it from others. */
struct said {
	bool back;
	uint16_t flags;
	uint32_t seq, ack;
	size_t len;
	const char *text; /* instead of len bytes */
};
void say_tcp(struct capture *capture, uint8_t family, const struct said *said);

void layered_write(const char *folder, struct stack *stack);
void fragments_write(const char *folder, struct stack *stack);
void odd_write(const char *folder, struct stack *stack);
void formats_write(const char *folder, struct stack *stack);
void random_write(const char *folder, struct stack *stack, uint64_t seed);

/* packed.c: as .gz and .zst have it */
void pack_gzip(struct buf *packed, const struct buf *bytes);
void pack_zstd(struct buf *packed, const struct buf *bytes);

#endif
