/* sniff: what a file is by its first bytes, and what to do with one that is no capture. */
#ifndef WIRELADDER_CAPTURE_SNIFF_H
#define WIRELADDER_CAPTURE_SNIFF_H

#include "wireladder/base.h"

#define SNIFF_BYTES 512 /* as many as there are, up to these, are looked at */

enum sniffed { SNIFFED_PCAP, SNIFFED_PCAPNG, SNIFFED_OTHER };

enum sniffed sniff_bytes(const uint8_t *bytes, size_t count);

struct sniffing {
	const char *path;
	const char *packed;   /* "gzip" or "zstd", of which these are unpacked; or NULL */
	const uint8_t *bytes; /* the file's first */
	size_t count;
};

/* For SNIFFED_OTHER: says what it looks like and what to do. Returns false. */
bool sniff_refuse(const struct sniffing *file, struct err *err);
/* For a path that could not be opened, by errno. Returns false. */
bool sniff_unopened(const char *path, int error, struct err *err);

#endif
