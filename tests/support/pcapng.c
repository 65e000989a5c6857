#include "pcapng.h"

#include <string.h>

enum block {
	BLOCK_INTERFACE = 1, BLOCK_SIMPLE = 3, BLOCK_NAMES = 4, BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6, BLOCK_SECTION = 0x0a0d0d0a,
};

#define ORDER_MARK 0x1a2b3c4d

enum option {
	COMMENT = 1, IF_NAME = 2, IF_TSRESOL = 9, EPB_FLAGS = 2, EPB_DROPCOUNT = 4,
	ISB_IFDROP = 5, ISB_OSDROP = 7,
};

static void number(struct ng_file *file, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++) {
		int shift = 8 * (file->big_endian ? bytes - 1 - i : i);
		buf_add(&file->buf, &(uint8_t){(uint8_t)(value >> shift)}, 1);
	}
}

static void padded(struct ng_file *file, const void *bytes, size_t count)
{
	buf_add(&file->buf, bytes, count);
	buf_add(&file->buf, "\0\0\0", (0 - count) & 3);
}

static void option(struct ng_file *file, uint16_t code, const void *bytes, size_t count)
{
	number(file, code, 2);
	number(file, count, 2);
	padded(file, bytes, count);
}

static void option_number(struct ng_file *file, uint16_t code, uint64_t value, int bytes)
{
	number(file, code, 2);
	number(file, (uint64_t)bytes, 2);
	number(file, value, bytes);
}

/* | type 4 | length 4 | body | length 4 |: both lengths are filled in at the end. */
static size_t block_begin(struct ng_file *file, enum block type)
{
	size_t start = file->buf.len;

	number(file, type, 4);
	number(file, 0, 4);
	return start;
}

static void block_end(struct ng_file *file, size_t start)
{
	size_t length = file->buf.len + 4 - start;

	number(file, length, 4);
	if (!file->buf.failed)
		memcpy(file->buf.at + start + 4, file->buf.at + file->buf.len - 4, 4);
}

void ng_section(struct ng_file *file)
{
	size_t start = block_begin(file, BLOCK_SECTION);

	number(file, ORDER_MARK, 4);
	number(file, 1, 2); /* version 1.0 */
	number(file, 0, 2);
	number(file, UINT64_MAX, 8); /* as long as it turns out to be */
	block_end(file, start);
}

void ng_interface(struct ng_file *file, const struct ng_interface *interface)
{
	size_t start = block_begin(file, BLOCK_INTERFACE);

	number(file, interface->linktype, 2);
	number(file, 0, 2);
	number(file, interface->snaplen, 4);
	if (interface->name)
		option(file, IF_NAME, interface->name, strlen(interface->name));
	option(file, IF_TSRESOL, &interface->tsresol, 1);
	option(file, 0, "", 0);
	block_end(file, start);
}

void ng_packet(struct ng_file *file, const struct ng_packet *packet)
{
	size_t start = block_begin(file, BLOCK_PACKET);

	number(file, packet->interface, 4);
	number(file, packet->stamp >> 32, 4);
	number(file, packet->stamp & UINT32_MAX, 4);
	number(file, packet->p->len, 4);
	number(file, packet->p->len, 4);
	padded(file, packet->p->bytes, packet->p->len);
	for (size_t i = 0; i < ARRAY_COUNT(packet->comments) && packet->comments[i]; i++)
		option(file, COMMENT, packet->comments[i], strlen(packet->comments[i]));
	if (packet->flags)
		option_number(file, EPB_FLAGS, packet->flags, 4);
	if (packet->dropped)
		option_number(file, EPB_DROPCOUNT, packet->dropped, 8);
	option(file, 0, "", 0);
	block_end(file, start);
}

/* It has no stamp, and its interface is the first. */
void ng_packet_simple(struct ng_file *file, const struct packet_bytes *p)
{
	size_t start = block_begin(file, BLOCK_SIMPLE);

	number(file, p->len, 4);
	padded(file, p->bytes, p->len);
	block_end(file, start);
}

/* Records: | type 2 | length 2 | address | names, each ended by a zero | padding |. */
void ng_name(struct ng_file *file, const struct ng_name *name)
{
	size_t start = block_begin(file, BLOCK_NAMES);
	bool is6 = name->addr.family == 6;
	struct buf record = {0};

	buf_add(&record, name->addr.bytes, is6 ? 16 : 4);
	for (size_t i = 0; i < ARRAY_COUNT(name->names) && name->names[i]; i++)
		buf_add(&record, name->names[i], strlen(name->names[i]) + 1);
	option(file, is6 ? 2 : 1, record.at, record.len);
	option(file, 0, "", 0);
	buf_close(&record);
	block_end(file, start);
}

void ng_statistics(struct ng_file *file, const struct ng_counts *counts)
{
	size_t start = block_begin(file, BLOCK_STATISTICS);

	number(file, counts->interface, 4);
	number(file, 0, 8); /* when they were counted */
	option_number(file, ISB_IFDROP, counts->dropped_interface, 8);
	option_number(file, ISB_OSDROP, counts->dropped_kernel, 8);
	option(file, 0, "", 0);
	block_end(file, start);
}
