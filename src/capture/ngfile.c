/* ngfile: the pcapng format (draft-ietf-opsawg-pcapng): sections of either byte order, each
 * with its interfaces; enhanced, simple and obsolete packets with their comments, flags and
 * drop counts; names of addresses; drop statistics. Other blocks are nothing that a timeline
 * needs and are stepped over. */
#include "ngfile.h"

#define VERSION_MAJOR 1

#define OPTION_IF_NAME     2
#define OPTION_IF_TSRESOL  9
#define OPTION_IF_TSOFFSET 14
#define OPTION_ISB_IFDROP  5
#define OPTION_ISB_OSDROP  7

bool option_next(struct cursor *c, bool swapped, struct option *option)
{
	size_t length;
	option->code = ng_u16(c, swapped);
	length = ng_u16(c, swapped);
	option->value = cursor_sub(c, length);
	if (c->failed || option->code == OPTION_END)
		return false;
	cursor_skip(c, (0 - length) & 3);
	return true;
}

/* The version of the section that begins here; its order mark has been read. */
static bool ngfile_version(const struct reader *reader, bool swapped, struct err *err)
{
	const uint8_t *version = intake_at(&reader->intake) + BLOCK_FRAME_BYTES;
	uint16_t major = field_u16(version, swapped), minor = field_u16(version + 2, swapped);
	if (major == VERSION_MAJOR)
		return true;
	return err_set(err, EXIT_USAGE,
		       "%s is pcapng version %u.%u, which is unknown here: convert it to 1.0",
		       path_tail(reader_path(reader)), major, minor);
}

static enum frame_status ngfile_section(struct reader *reader, const struct block *block,
					struct err *err)
{
	(void)err;
	section_begin(reader, block);
	if (ngfile_version(reader, block->swapped, NULL))
		intake_skip(&reader->intake, block->total);
	else
		section_search(reader, "a section of an unknown version");
	return FRAME_NOT_YET;
}

static enum frame_status ngfile_interface(struct reader *reader, const struct block *block,
					  struct err *err)
{
	struct cursor body = block_body(reader, block);
	struct interface_described one = {.ticks = ticks_from_tsresol(6)};
	int64_t offset_seconds = 0;
	struct option option;
	uint16_t index;
	one.linktype = ng_u16(&body, block->swapped);
	cursor_skip(&body, 2);
	one.snaplen = ng_u32(&body, block->swapped);
	while (option_next(&body, block->swapped, &option)) {
		if (option.code == OPTION_IF_NAME) {
			one.name_length = cursor_left(&option.value);
			one.name = cursor_bytes(&option.value, one.name_length);
		} else if (option.code == OPTION_IF_TSRESOL &&
			   cursor_left(&option.value) >= 1) {
			one.ticks = ticks_from_tsresol(cursor_u8(&option.value));
		} else if (option.code == OPTION_IF_TSOFFSET &&
			   cursor_left(&option.value) >= 8) {
			offset_seconds = (int64_t)ng_u64(&option.value, block->swapped);
		}
	}
	one.ticks.offset_seconds = offset_seconds;
	if (!interfaces_add(&reader->interfaces, &one, &index)) {
		err_memory(err);
		return FRAME_FAILED;
	}
	if (index == INTERFACE_NONE)
		reader_pass_over(reader, block->total, "an interface beyond the first 65535");
	else
		intake_skip(&reader->intake, block->total);
	return FRAME_NOT_YET;
}

static enum frame_status ngfile_statistics(struct reader *reader, const struct block *block,
					   struct err *err)
{
	struct cursor body = block_body(reader, block);
	uint16_t index = interfaces_find(&reader->interfaces, ng_u32(&body, block->swapped));
	struct interface *interface =
		index != INTERFACE_NONE ? &reader->interfaces.list[index] : NULL;
	struct option option;
	(void)err;
	cursor_skip(&body, 8); /* when they were taken */
	while (interface && option_next(&body, block->swapped, &option)) {
		if (cursor_left(&option.value) < 8)
			continue;
		if (option.code == OPTION_ISB_IFDROP)
			drops_tell(&interface->interface,
				   ng_u64(&option.value, block->swapped));
		else if (option.code == OPTION_ISB_OSDROP)
			drops_tell(&interface->kernel, ng_u64(&option.value, block->swapped));
	}
	intake_skip(&reader->intake, block->total);
	return FRAME_NOT_YET;
}

static enum frame_status ngfile_names(struct reader *reader, const struct block *block,
				      struct err *err)
{
	if (!ngnames_read(reader, block)) {
		err_memory(err);
		return FRAME_FAILED;
	}
	intake_skip(&reader->intake, block->total);
	return FRAME_NOT_YET;
}

static const struct {
	uint32_t type;
	/* Takes the block off the intake. FRAME_NOT_YET: on to the next; or FRAME_FAILED. */
	enum frame_status (*take)(struct reader *reader, const struct block *block,
				  struct err *err);
} blocks[] = {
	{BLOCK_SECTION, ngfile_section},
	{BLOCK_INTERFACE, ngfile_interface},
	{BLOCK_STATISTICS, ngfile_statistics},
	{BLOCK_NAMES, ngfile_names},
};

static enum frame_status ngfile_block(struct reader *reader, const struct block *block,
				      struct frame *frame, struct err *err)
{
	if (block_is_packet(block))
		return ngpacket_deliver(reader, block, frame);
	for (size_t i = 0; i < ARRAY_COUNT(blocks); i++) {
		if (block->type == blocks[i].type)
			return blocks[i].take(reader, block, err);
	}
	intake_skip(&reader->intake, block->total);
	return FRAME_NOT_YET;
}

/* Fewer bytes than a block's head are left. */
static enum frame_status ngfile_end(struct reader *reader, struct err *err)
{
	if (reader_stalled(reader))
		return reader_stall(reader, err);
	if (intake_left(&reader->intake) > 0)
		reader_cut(reader, "a block");
	return FRAME_END;
}

static enum frame_status ngfile_next(struct reader *reader, struct frame *frame,
				     struct err *err)
{
	for (;;) {
		enum frame_status status;
		struct block block;
		if (!intake_need(&reader->intake, BLOCK_HEAD_BYTES) ||
		    !block_load(reader, 0, &block))
			return ngfile_end(reader, err);
		if (block_check(reader, &block)) {
			status = ngfile_block(reader, &block, frame, err);
			if (status != FRAME_NOT_YET)
				return status;
		} else if (reader_stalled(reader)) {
			return reader_stall(reader, err);
		}
	}
}

static bool ngfile_begin(struct reader *reader, struct err *err)
{
	struct block block;
	const char *name = path_tail(reader_path(reader));
	if (!block_load(reader, 0, &block) || !block_reaches(reader, SECTION_BYTES_MIN))
		return err_set(
			err, EXIT_USAGE,
			"%s ends inside its own header, after %zu of %d bytes: save it again",
			name, intake_left(&reader->intake), SECTION_BYTES_MIN);
	if (block.type != BLOCK_SECTION)
		return err_set(
			err, EXIT_USAGE,
			"%s is no capture: it begins like pcapng but lacks its byte order mark",
			name);
	section_begin(reader, &block);
	return ngfile_version(reader, block.swapped, err);
}

const struct reader_format ngfile_format = {.begin = ngfile_begin, .next = ngfile_next};
