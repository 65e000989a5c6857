/* ngnames: name resolution blocks (draft-ietf-opsawg-pcapng 4.5), which say what addresses were
 * called where the capture was made. */
#include "ngfile.h"

#include <string.h>

static const struct {
	uint16_t code; /* nrb_record_ipv4, nrb_record_ipv6 */
	uint8_t family, bytes;
} records[] = {
	{1, 4, 4},
	{2, 6, 16},
};

/* The next of a record's names, each of which ends in a NUL; the last one may lack it. */
static struct cursor record_name(struct cursor *names)
{
	size_t left = cursor_left(names);
	const uint8_t *end = memchr(names->at, 0, left);
	struct cursor name = cursor_sub(names, end ? (size_t)(end - names->at) : left);
	if (end)
		cursor_skip(names, 1);
	return name;
}

static bool record_read(struct hosts *hosts, struct option *record)
{
	for (size_t i = 0; i < ARRAY_COUNT(records); i++) {
		struct addr addr = {.family = records[i].family};
		const uint8_t *bytes;
		if (record->code != records[i].code ||
		    !(bytes = cursor_bytes(&record->value, records[i].bytes)))
			continue;
		memcpy(addr.bytes, bytes, records[i].bytes);
		while (cursor_left(&record->value) > 0) {
			if (!hosts_add(hosts, &addr, record_name(&record->value)))
				return false;
		}
	}
	return true;
}

bool ngnames_read(struct reader *reader, const struct block *block)
{
	struct cursor body = block_body(reader, block);
	struct option record;
	while (option_next(&body, block->swapped, &record)) {
		if (!record_read(&reader->hosts, &record))
			return false;
	}
	return true;
}
