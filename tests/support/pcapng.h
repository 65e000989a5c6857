/* pcapng files in memory, block by block (draft-ietf-opsawg-pcapng). */
#ifndef WIRELADDER_TESTS_PCAPNG_H
#define WIRELADDER_TESTS_PCAPNG_H

#include "packet.h"

struct ng_file {
	struct buf buf;
	bool big_endian; /* of the section that is being written */
};

struct ng_interface {
	uint16_t linktype;
	uint32_t snaplen; /* 0: no limit */
	uint8_t tsresol;  /* 6: microseconds; 9: nanoseconds */
	const char *name; /* NULL: none */
};

struct ng_packet {
	uint32_t interface;
	uint64_t stamp;          /* in the interface's units */
	const struct packet_bytes *p;
	const char *comments[2]; /* NULL: none */
	uint32_t flags;          /* 0: left out */
	uint64_t dropped;        /* just before; 0: left out */
};

struct ng_name {
	struct addr addr;
	const char *names[2]; /* the second may be NULL */
};

struct ng_counts { /* since the capture began */
	uint32_t interface;
	uint64_t dropped_interface, dropped_kernel;
};

void ng_section(struct ng_file *file);
void ng_interface(struct ng_file *file, const struct ng_interface *interface);
void ng_packet(struct ng_file *file, const struct ng_packet *packet);
void ng_packet_simple(struct ng_file *file, const struct packet_bytes *p);
void ng_name(struct ng_file *file, const struct ng_name *name);
void ng_statistics(struct ng_file *file, const struct ng_counts *counts);

#endif
