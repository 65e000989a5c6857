/* Builds pcapng files, block by block. */
#ifndef WIRELADDER_TESTS_BLOCKS_H
#define WIRELADDER_TESTS_BLOCKS_H

#include "files.h"

/* A block is written between these two; the second fills in both lengths. */
static inline size_t block_start(struct bytes *file, uint32_t type)
{
	size_t start = file->buf.len;
	put32(file, type);
	put32(file, 0);
	return start;
}

static inline void block_finish(struct bytes *file, size_t start)
{
	struct bytes length = {.big = file->big};
	put_zeros(file, (0 - (file->buf.len - start)) & 3);
	put32(&length, (uint32_t)(file->buf.len - start) + 4);
	memcpy(file->buf.at + start + 4, length.buf.at, 4);
	put_bytes(file, length.buf.at, 4);
	buf_close(&length.buf);
}

static inline void put_section(struct bytes *file, uint32_t major)
{
	size_t start = block_start(file, 0x0a0d0d0a);
	put32(file, 0x1a2b3c4d);
	put16(file, major);
	put16(file, 0);
	put32(file, 0xFFFFFFFF);
	put32(file, 0xFFFFFFFF);
	block_finish(file, start);
}

static inline void put_option(struct bytes *file, uint32_t code, const void *value,
			      uint32_t length)
{
	put16(file, code);
	put16(file, length);
	put_bytes(file, value, length);
	put_zeros(file, (0 - length) & 3);
}

static inline void put_u64(struct bytes *file, uint64_t value)
{
	put32(file, (uint32_t)(file->big ? value >> 32 : value));
	put32(file, (uint32_t)(file->big ? value : value >> 32));
}

static inline void put_option_u64(struct bytes *file, uint32_t code, uint64_t value)
{
	put16(file, code);
	put16(file, 8);
	put_u64(file, value);
}

struct described {
	uint32_t linktype, snaplen;
	const char *name;
	uint8_t tsresol; /* 0: left out, microseconds */
	int64_t tsoffset;
};

static inline void put_interface(struct bytes *file, struct described one)
{
	size_t start = block_start(file, 1);
	put16(file, one.linktype);
	put16(file, 0);
	put32(file, one.snaplen);
	if (one.name)
		put_option(file, 2, one.name, (uint32_t)strlen(one.name));
	if (one.tsresol)
		put_option(file, 9, &one.tsresol, 1);
	if (one.tsoffset)
		put_option_u64(file, 14, (uint64_t)one.tsoffset);
	put_option(file, 0, NULL, 0);
	block_finish(file, start);
}

struct enhanced {
	uint32_t interface;
	uint64_t stamp;
	uint32_t caplen, len; /* len 0: as caplen */
	const void *bytes;
	/* What stands beside the bytes. */
	const char *comments[4]; /* up to the first NULL */
	uint32_t flags;          /* 0: left out */
	uint64_t lost;           /* 0: left out; of an obsolete one: 0xFFFF, not known */
};

/* What an enhanced packet and its obsolete forerunner have in common. */
static inline void put_stamped(struct bytes *file, struct enhanced packet)
{
	put32(file, (uint32_t)(packet.stamp >> 32));
	put32(file, (uint32_t)packet.stamp);
	put32(file, packet.caplen);
	put32(file, packet.len ? packet.len : packet.caplen);
	put_bytes(file, packet.bytes, packet.caplen);
	if (!packet.comments[0] && !packet.flags)
		return;
	put_zeros(file, (0 - packet.caplen) & 3);
	for (size_t i = 0; i < 4 && packet.comments[i]; i++)
		put_option(file, 1, packet.comments[i], (uint32_t)strlen(packet.comments[i]));
	if (packet.flags) {
		put16(file, 2);
		put16(file, 4);
		put32(file, packet.flags);
	}
}

static inline void put_enhanced(struct bytes *file, struct enhanced packet)
{
	size_t start = block_start(file, 6);
	put32(file, packet.interface);
	put_stamped(file, packet);
	if (packet.lost) {
		put_zeros(file, (0 - (file->buf.len - start)) & 3);
		put_option_u64(file, 4, packet.lost);
	}
	block_finish(file, start);
}

static inline void put_old_packet(struct bytes *file, struct enhanced packet)
{
	size_t start = block_start(file, 2);
	put16(file, packet.interface);
	put16(file, packet.lost ? (uint32_t)packet.lost : 0xFFFF);
	put_stamped(file, packet);
	block_finish(file, start);
}

static inline void put_simple(struct bytes *file, struct enhanced packet)
{
	size_t start = block_start(file, 3);
	put32(file, packet.len);
	put_bytes(file, packet.bytes, packet.caplen);
	block_finish(file, start);
}

static inline void put_statistics(struct bytes *file, uint32_t interface, uint64_t ifdrop,
				  uint64_t osdrop)
{
	size_t start = block_start(file, 5);
	put32(file, interface);
	put_u64(file, 0);
	put_option_u64(file, 5, ifdrop);
	put_option_u64(file, 7, osdrop);
	put_option(file, 0, NULL, 0);
	block_finish(file, start);
}

struct named {
	const char *addr; /* its 4 or 16 bytes */
	uint32_t bytes;
	const char *names; /* each with its NUL, but for the last */
	uint32_t length;   /* of all names */
};

static inline void put_names(struct bytes *file, const struct named *named, size_t count)
{
	size_t start = block_start(file, 4);
	for (size_t i = 0; i < count; i++) {
		uint32_t length = named[i].bytes + named[i].length;
		put16(file, named[i].bytes == 4 ? 1 : 2);
		put16(file, length);
		put_bytes(file, named[i].addr, named[i].bytes);
		put_bytes(file, named[i].names, named[i].length);
		put_zeros(file, (0 - length) & 3);
	}
	put32(file, 0);
	block_finish(file, start);
}

#endif
