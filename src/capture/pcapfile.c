/* pcapfile: the pcap format (draft-ietf-opsawg-pcap), in both byte orders, with microseconds or
 * nanoseconds, and Kuznetzov's modified record header.
 *
 * A record has no mark of its own, only a time and two lengths, so one record is believed
 * because another begins where it ends. On a sound file that costs a look at the next header,
 * which is then known when its turn comes. When the look fails `pcapfile_judge` decides:
 *   1. as expected, and where it ends records begin again, or the file ends: believed;
 *   2. records begin again inside of what it claims for itself: passed over;
 *   3. sound by itself, the damage comes behind it; or its stamp cannot be, but its lengths
 *      fit and so do those of the next two: believed;
 *   4. otherwise passed over, up to the next place where records begin again.
 * "Begin again" is one record whose header leaves nothing to doubt, or three in a row. */
#include "reader.h"

#include <stdio.h>

#define US_PER_S                     UINT32_C(1000000)
#define FILE_HEADER_BYTES            24
#define RECORD_HEADER_BYTES          16
#define RECORD_HEADER_MODIFIED_BYTES 24
#define WIRE_BYTES_MAX               (UINT32_C(128) << 20) /* USB is the largest in use */
/* A live pipe that falls silent: deliver what is there instead of waiting for more. */
#define NEXT_PATIENCE_MS 200
/* How far apart neighbours may be for a search to believe in them, and where one must do. */
#define NEAR_SECONDS  UINT32_C(4000000)
#define CLOSE_SECONDS UINT32_C(3600)

#define CHAIN_IN_PLACE 2
#define CHAIN_FOUND    3

struct record {
	uint32_t seconds, fraction, caplen, len;
};

static inline struct record pcapfile_load(const struct pcapfile *file, const uint8_t *header)
{
	struct record record = {
		.seconds = field_u32(header, file->swapped),
		.fraction = field_u32(header + 4, file->swapped),
		.caplen = field_u32(header + 8, file->swapped),
		.len = field_u32(header + 12, file->swapped),
	};
	if (file->lengths_swapped || (file->lengths_doubtful && record.caplen > record.len)) {
		uint32_t len = record.caplen;
		record.caplen = record.len;
		record.len = len;
	}
	return record;
}

/* Its lengths can be those of a record. */
static inline bool record_fits(const struct pcapfile *file, const struct record *record)
{
	return record->caplen <= file->usual && record->len - 1 < WIRE_BYTES_MAX;
}

static inline bool record_has_time(const struct pcapfile *file, const struct record *record)
{
	return record->fraction < (file->nanoseconds ? NS_PER_S : US_PER_S);
}

static inline bool record_sound(const struct pcapfile *file, const struct record *record)
{
	return record_fits(file, record) && record_has_time(file, record);
}

static inline bool record_near(const struct record *record, uint32_t seconds)
{
	return record->seconds - seconds + NEAR_SECONDS <= 2 * NEAR_SECONDS;
}

/* Sound, not longer than its packet was, and at a time that follows: a header read one byte
 * beside its place often is the first (its lengths are those of a large packet) but never the
 * last. */
static inline bool record_follows(const struct pcapfile *file, const struct record *record,
				  uint32_t seconds)
{
	return record_sound(file, record) && record->caplen <= record->len &&
	       record_near(record, seconds);
}

static inline bool record_expected(const struct pcapfile *file, const struct record *record)
{
	return record_follows(file, record,
			      file->has_seconds ? file->seconds : record->seconds);
}

/* Whole, or cut at the snap length: as a capture keeps packets, if nobody cut them later. */
static bool record_kept(const struct pcapfile *file, const struct record *record)
{
	return record->caplen == record->len || record->caplen == file->snaplen;
}

/* So strict that noise is one in 2^50: kept as usual, and a moment later than the last one. */
static bool record_certain(const struct pcapfile *file, const struct record *record)
{
	return file->has_seconds && record_kept(file, record) &&
	       record->seconds - file->seconds + 1 <= CLOSE_SECONDS;
}

/* For searches, as one of several in a row. Where packets are all of one size a place four
 * bytes beside the headers looks like records too, but not like packets kept as usual, and its
 * times, which are fractions of seconds, are not those of this capture. */
static bool record_likely(const struct pcapfile *file, const struct record *record)
{
	return record->caplen > 0 &&
	       (record_kept(file, record) ||
		(file->has_seconds && record_near(record, file->seconds)));
}

/* Are so many bytes there? Not: the file has ended, or reading has failed. */
static bool pcapfile_reaches(struct reader *reader, size_t count)
{
	while (!intake_need(&reader->intake, count)) {
		if (!reader->intake.interrupted)
			return false;
	}
	return true;
}

static bool pcapfile_record_at(struct reader *reader, size_t offset, struct record *record)
{
	if (!pcapfile_reaches(reader, offset + reader->pcap.header_bytes))
		return false;
	*record = pcapfile_load(&reader->pcap, intake_at(&reader->intake) + offset);
	return true;
}

/* Do so many records that fit follow one another from here, or up to exactly the file's end? */
static bool pcapfile_chain(struct reader *reader, size_t offset, unsigned wanted)
{
	struct record record;
	for (unsigned i = 0; i < wanted; i++) {
		if (!pcapfile_record_at(reader, offset, &record))
			return offset == intake_left(&reader->intake);
		if (!record_fits(&reader->pcap, &record))
			return false;
		offset += reader->pcap.header_bytes + record.caplen;
	}
	return true;
}

/* Do records begin again at this offset? */
static bool pcapfile_begins(struct reader *reader, size_t offset)
{
	const struct pcapfile *file = &reader->pcap;
	struct record record;
	uint32_t seconds = 0;
	for (unsigned i = 0; i < CHAIN_FOUND; i++) {
		if (!pcapfile_record_at(reader, offset, &record))
			return i > 0 && offset == intake_left(&reader->intake);
		if (!record_follows(file, &record, i > 0 ? seconds : record.seconds) ||
		    !record_likely(file, &record))
			return false;
		offset += file->header_bytes + record.caplen;
		if (!pcapfile_reaches(reader, offset))
			return i > 0; /* the last one is cut off by the file's end */
		if (i == 0 && record_certain(file, &record))
			return true;
		seconds = record.seconds;
	}
	return true;
}

/* The same, or the file's end is just here. */
static bool pcapfile_continues(struct reader *reader, size_t offset)
{
	return pcapfile_begins(reader, offset) || offset == intake_left(&reader->intake);
}

/* The first offset in [from, to) where records begin again, or NOT_FOUND. */
static size_t pcapfile_search(struct reader *reader, size_t from, size_t to)
{
	const struct pcapfile *file = &reader->pcap;
	for (size_t offset = from; offset < to; offset++) {
		struct record record;
		if (!pcapfile_record_at(reader, offset, &record))
			break;
		if (record_fits(file, &record) && pcapfile_begins(reader, offset))
			return offset;
	}
	return NOT_FOUND;
}

static void pcapfile_resume(struct reader *reader, size_t offset, const char *why)
{
	reader_pass_over(reader, offset, why);
	reader->pcap.verified = false;
}

/* Nothing can be read here: goes on where records begin again, else to the end of the file. */
static void pcapfile_search_on(struct reader *reader, const char *why)
{
	size_t from = 1, found;
	for (;;) {
		found = pcapfile_search(reader, from, SEARCH_WINDOW);
		if (found != NOT_FOUND) {
			pcapfile_resume(reader, found, why);
			return;
		}
		if (!pcapfile_reaches(reader, SEARCH_WINDOW + reader->pcap.header_bytes))
			break;
		pcapfile_resume(reader, SEARCH_WINDOW, why);
		from = 0;
	}
	pcapfile_resume(reader, intake_left(&reader->intake), why);
}

/* The file's end lies inside this record: a cut file, unless its length is wrong. */
static bool pcapfile_judge_cut(struct reader *reader, const struct record *record)
{
	size_t left = intake_left(&reader->intake);
	size_t found = pcapfile_search(reader, 1, left);
	char what[40];
	if (found != NOT_FOUND) {
		pcapfile_resume(reader, found, "a record whose length cannot be");
	} else if (record_fits(&reader->pcap, record)) {
		snprintf(what, sizeof(what), "packet %llu", (unsigned long long)reader->n + 1);
		reader_cut(reader, what);
	} else {
		pcapfile_resume(reader, left, "no packet begins here");
	}
	return false;
}

/* A record that is odd, or is followed by something odd. true: deliver it. */
static bool pcapfile_judge(struct reader *reader, const struct record *record)
{
	const struct pcapfile *file = &reader->pcap;
	size_t end = (size_t)file->header_bytes + record->caplen, found;
	if (record->caplen > FRAME_BYTES_MAX) {
		pcapfile_search_on(reader, "a record whose length cannot be");
		return false;
	}
	if (!pcapfile_reaches(reader, end))
		return !reader_stalled(reader) && pcapfile_judge_cut(reader, record);
	if (record_expected(file, record) && pcapfile_continues(reader, end))
		return true;
	found = pcapfile_search(reader, 1, end);
	if (found != NOT_FOUND) {
		pcapfile_resume(reader, found, "a record whose length cannot be");
		return false;
	}
	if (record_sound(file, record) || pcapfile_chain(reader, end, CHAIN_IN_PLACE))
		return true;
	pcapfile_search_on(reader, "no packet begins here");
	return false;
}

/* A sound record with another one, or nothing, behind it: what nearly every record is. */
static inline bool pcapfile_followed(struct reader *reader, const struct record *record)
{
	struct pcapfile *file = &reader->pcap;
	size_t end = (size_t)file->header_bytes + record->caplen;
	struct record next;
	if ((!file->verified && !record_expected(file, record)) ||
	    !intake_need(&reader->intake, end))
		return false;
	file->verified = false;
	if (intake_left(&reader->intake) < end + file->header_bytes &&
	    !intake_read_soon(&reader->intake, end + file->header_bytes, NEXT_PATIENCE_MS))
		return true; /* the next one is judged by itself */
	next = pcapfile_load(file, intake_at(&reader->intake) + end);
	file->verified = record_follows(file, &next, record->seconds);
	return file->verified;
}

static void pcapfile_deliver(struct reader *reader, const struct record *record,
			     struct frame *frame)
{
	struct pcapfile *file = &reader->pcap;
	const uint8_t *bytes = intake_at(&reader->intake) + file->header_bytes;
	/* Like libpcap: a packet longer than the file's own limit is cut to it. */
	uint32_t caplen = record->caplen > file->snaplen ? file->snaplen : record->caplen;
	uint64_t unit = file->nanoseconds ? 1 : NS_PER_S / US_PER_S;
	bool has_time = record_has_time(file, record);
	*frame = (struct frame){
		.bytes = bytes,
		.caplen = caplen,
		.len = record->len,
		.ns = record->seconds * NS_PER_S + (has_time ? record->fraction * unit : 0),
		.linktype = file->linktype,
		.interface = file->interface,
		.bad_time = !has_time,
	};
	if (has_time) {
		file->seconds = record->seconds;
		file->has_seconds = true;
	}
	intake_skip(&reader->intake, file->header_bytes + record->caplen);
}

/* Fewer bytes than a record's header are left. */
static enum frame_status pcapfile_end(struct reader *reader, struct err *err)
{
	char what[40];
	if (reader_stalled(reader))
		return reader_stall(reader, err);
	if (intake_left(&reader->intake) > 0) {
		snprintf(what, sizeof(what), "packet %llu", (unsigned long long)reader->n + 1);
		reader_cut(reader, what);
	}
	return FRAME_END;
}

static enum frame_status pcapfile_next(struct reader *reader, struct frame *frame,
				       struct err *err)
{
	struct record record;
	do {
		if (!intake_need(&reader->intake, reader->pcap.header_bytes))
			return pcapfile_end(reader, err);
		record = pcapfile_load(&reader->pcap, intake_at(&reader->intake));
		if (pcapfile_followed(reader, &record) ||
		    (!reader_stalled(reader) && pcapfile_judge(reader, &record))) {
			pcapfile_deliver(reader, &record, frame);
			return FRAME_READY;
		}
	} while (!reader_stalled(reader));
	return reader_stall(reader, err);
}

/* Version 2.4 is what everybody writes; 543.0 was a known wrong way to write it. */
static bool pcapfile_version(struct pcapfile *file, uint16_t major, uint16_t minor)
{
	file->lengths_swapped = major == 2 && minor < 3;
	file->lengths_doubtful = (major == 2 && minor == 3) || major == 543;
	return major == 2 || (major == 543 && minor == 0);
}

static void pcapfile_limits(struct pcapfile *file, uint32_t snaplen)
{
	file->snaplen = snaplen == 0 || snaplen > FRAME_BYTES_MAX ? FRAME_BYTES_MAX : snaplen;
	file->usual = FRAME_BYTES_USUAL;
	if (file->snaplen < FRAME_BYTES_MAX && file->snaplen > file->usual)
		file->usual = file->snaplen;
}

static const struct {
	uint32_t magic;
	bool nanoseconds;
	uint32_t header_bytes;
} variants[] = {
	{0xa1b2c3d4, false, RECORD_HEADER_BYTES},
	{0xa1b23c4d, true, RECORD_HEADER_BYTES},
	{0xa1b2cd34, false, RECORD_HEADER_MODIFIED_BYTES},
};

static void pcapfile_variant(struct pcapfile *file, const uint8_t *header)
{
	uint32_t magic = field_u32(header, false);
	for (size_t i = 0; i < ARRAY_COUNT(variants); i++) {
		bool swapped = magic == __builtin_bswap32(variants[i].magic);
		if (!swapped && magic != variants[i].magic)
			continue;
		file->swapped = swapped;
		file->nanoseconds = variants[i].nanoseconds;
		file->header_bytes = variants[i].header_bytes;
	}
}

static bool pcapfile_begin(struct reader *reader, struct err *err)
{
	struct pcapfile *file = &reader->pcap;
	struct interface_described one = {0};
	const uint8_t *header;
	uint16_t major, minor;
	*file = (struct pcapfile){0};
	if (!pcapfile_reaches(reader, FILE_HEADER_BYTES))
		return err_set(
			err, EXIT_USAGE,
			"%s ends inside its own header, after %zu of %d bytes: save it again",
			path_tail(reader_path(reader)), intake_left(&reader->intake),
			FILE_HEADER_BYTES);
	header = intake_at(&reader->intake);
	pcapfile_variant(file, header);
	major = field_u16(header + 4, file->swapped);
	minor = field_u16(header + 6, file->swapped);
	if (!pcapfile_version(file, major, minor))
		return err_set(
			err, EXIT_USAGE,
			"%s is pcap version %u.%u, which is unknown here: convert it to 2.4",
			path_tail(reader_path(reader)), major, minor);
	pcapfile_limits(file, field_u32(header + 16, file->swapped));
	/* The upper half may say how many check bytes (FCS) frames end with. */
	file->linktype = (uint16_t)(field_u32(header + 20, file->swapped) & 0xFFFF);
	one.linktype = file->linktype;
	one.snaplen = field_u32(header + 16, file->swapped);
	one.ticks = ticks_from_tsresol(file->nanoseconds ? 9 : 6);
	intake_skip(&reader->intake, FILE_HEADER_BYTES);
	if (!interfaces_add(&reader->interfaces, &one, &file->interface))
		return err_memory(err);
	return file->interface != INTERFACE_NONE ||
	       err_set(err, EXIT_PARTIAL,
		       "%s is left out, there are %d interfaces before it: read it by itself",
		       path_tail(reader_path(reader)), INTERFACES_MAX);
}

const struct reader_format pcapfile_format = {.begin = pcapfile_begin, .next = pcapfile_next};
