#include "keep.h"

#include <stdlib.h>
#include <string.h>

size_t packet_kept_bytes(const struct packet *packet)
{
	return packet->fragment_count * sizeof(*packet->fragments) + packet->byte_count +
	       packet->comment_len;
}

/* Side by side, what must be aligned first. */
bool packet_keep(struct packet *packet, uint8_t **bytes)
{
	size_t fragments = packet->fragment_count * sizeof(*packet->fragments);
	uint8_t *at = malloc(packet_kept_bytes(packet) + 1);
	*bytes = at;
	if (!at)
		return false;
	if (fragments > 0)
		packet->fragments = memcpy(at, packet->fragments, fragments);
	at += fragments;
	if (packet->byte_count > 0)
		packet->bytes = memcpy(at, packet->bytes, packet->byte_count);
	at += packet->byte_count;
	if (packet->comment_len > 0)
		packet->comment = memcpy(at, packet->comment, packet->comment_len);
	return true;
}
