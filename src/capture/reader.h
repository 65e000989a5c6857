/* The reader's inside: one open file at a time, what it has in common with the files before,
 * and the two formats behind one table.
 *
 * Damage. A record whose lengths cannot be is not the end of a file: each format looks forward,
 * byte by byte, for the next place where records begin again, and the bytes between are a loss
 * with its place and reason. Nothing is delivered that is known to be wrong, and nothing whole
 * is given up that can be told from noise. All searches work inside the intake's buffer, move
 * only forward and look at no byte more than a few times. */
#ifndef WIRELADDER_CAPTURE_READER_H
#define WIRELADDER_CAPTURE_READER_H

#include "hosts.h"
#include "interfaces.h"
#include "intake.h"
#include "losses.h"

#define FRAME_BYTES_MAX   (UINT32_C(16) << 20) /* a packet beyond this is taken for damage */
#define FRAME_BYTES_USUAL UINT32_C(262144)     /* libpcap's MAXIMUM_SNAPLEN */
#define SEARCH_WINDOW     (UINT32_C(1) << 18)  /* bytes given up at once */
#define NOT_FOUND         SIZE_MAX

struct pcapfile {     /* pcap */
	bool swapped; /* the other byte order */
	bool nanoseconds;
	bool lengths_swapped; /* before version 2.3 the two lengths stood the other way round */
	bool lengths_doubtful;   /* and 2.3 was written both ways */
	uint32_t header_bytes;   /* of each record: 16, modified 24 */
	uint32_t snaplen, usual; /* usual: no honest record is longer */
	uint16_t linktype, interface;
	bool verified; /* the next record's header has been looked at */
	bool has_seconds;
	uint32_t seconds; /* of the last good record */
};

struct ngfile {       /* pcapng */
	bool swapped; /* this section's byte order */
};

struct reader {
	char **paths; /* owned copies */
	size_t path_count, path_index;
	bool open;  /* paths[path_index] is */
	bool cut;   /* it has been said that this file ends early */
	bool ended; /* so has the last file */
	const struct reader_format *format;
	struct intake intake;
	struct pcapfile pcap;
	struct ngfile ng;
	struct interfaces interfaces;
	struct hosts hosts;
	struct losses losses;
	uint64_t n;
};

struct reader_format {
	/* The intake stands at the file's first byte; its magic has been recognised. The file's
	 * first section has begun. */
	bool (*begin)(struct reader *reader, struct err *err);
	/* FRAME_END: the file is finished, for better or worse (losses). n is not filled in. */
	enum frame_status (*next)(struct reader *reader, struct frame *frame, struct err *err);
};

extern const struct reader_format pcapfile_format, ngfile_format;

static inline const char *reader_path(const struct reader *reader)
{
	return reader->paths[reader->path_index];
}

/* The next `bytes` bytes are no packets: counts them and goes behind them. */
void reader_pass_over(struct reader *reader, size_t bytes, const char *why);
/* The file ends inside something (NULL: just early); goes to its end. */
void reader_cut(struct reader *reader, const char *what);
/* The intake gave fewer bytes than asked for, and more may come: a signal came, or memory ran
 * out. What cannot be read or unpacked is the end of a file, with a reason (intake.why). */
bool reader_stalled(const struct reader *reader);
/* A stall's status, and *err when memory ran out. */
enum frame_status reader_stall(const struct reader *reader, struct err *err);

/* Integers of a file, in its byte order. */
static inline uint32_t field_u32(const uint8_t *bytes, bool swapped)
{
	uint32_t value;
	__builtin_memcpy(&value, bytes, sizeof(value));
	return swapped ? __builtin_bswap32(value) : value;
}

static inline uint16_t field_u16(const uint8_t *bytes, bool swapped)
{
	uint16_t value;
	__builtin_memcpy(&value, bytes, sizeof(value));
	return swapped ? __builtin_bswap16(value) : value;
}

#endif
