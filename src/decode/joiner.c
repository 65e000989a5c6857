/* The joiner: which fragments belong together, and for how long they are waited for. How it
 * works stands in joining.h. */
#include "joining.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define DATAGRAMS_DEFAULT 4096
#define BYTES_DEFAULT ((size_t)16 << 20)
#define TIMEOUT_DEFAULT_NS (60 * NS_PER_S) /* RFC 8200 4.5 */
#define BUCKETS_MAX 65536
#define LINK_RAW_IP 101 /* LINKTYPE_RAW: a frame that begins with its IP header */

struct datagram_list { /* by `newer` and `older`, in the order of since_ns */
	struct datagram *oldest, *newest;
};

struct joiner {
	struct joiner_config config;
	uint64_t seed;              /* so that nobody can aim at a bucket, or a hash */
	uint64_t now_ns;            /* the newest stamp so far */
	struct datagram **buckets;  /* each a list by `chained` */
	size_t bucket_mask;
	struct datagram_list waiting, tombstones; /* each datagram is in one of them */
	size_t datagrams, bytes;    /* that are in the table, that they hold */
	struct join_counts counts;
	struct frame frame;         /* the latest, without its bytes */
	struct buf packet, numbers; /* the latest whole, on loan */
};

static void key_make(const struct segment *segment, struct join_key *key)
{
	const struct tuple *ends = &segment->ends;
	const struct tunnel *tunnel = &segment->tunnel;

	_Static_assert(sizeof(*key) == 32 + 4 + 4 * TUNNEL_MAX + 2 + 3 + TUNNEL_MAX + 3,
		       "a hole in the key would be compared");
	*key = (struct join_key){
		.id = segment->ip_id,
		.numbered = tunnel->numbered,
		.family = ends->src.family,
		.protocol = ends->src.family == 4 ? ends->protocol : 0,
		.layers = tunnel->count,
	};
	memcpy(key->src, ends->src.bytes, sizeof(key->src));
	memcpy(key->dst, ends->dst.bytes, sizeof(key->dst));
	memcpy(key->kind, tunnel->kind, tunnel->count);
	memcpy(key->number, tunnel->number, tunnel->count * sizeof(key->number[0]));
}

static struct datagram **bucket_of(const struct joiner *joiner, const struct join_key *key)
{
	return &joiner->buckets[hash_bytes(key, sizeof(*key), joiner->seed) &
				joiner->bucket_mask];
}

static struct datagram *datagram_find(const struct joiner *joiner, const struct join_key *key)
{
	struct datagram *datagram = *bucket_of(joiner, key);

	while (datagram && memcmp(&datagram->key, key, sizeof(*key)) != 0)
		datagram = datagram->chained;
	return datagram;
}

static struct datagram_list *list_of(struct joiner *joiner, const struct datagram *datagram)
{
	return datagram->state == DATAGRAM_WAITING ? &joiner->waiting : &joiner->tombstones;
}

/* To the end of the list that its state says, from now on. */
static void list_join(struct joiner *joiner, struct datagram *datagram)
{
	struct datagram_list *list = list_of(joiner, datagram);

	datagram->since_ns = joiner->now_ns;
	datagram->newer = NULL;
	datagram->older = list->newest;
	*(list->newest ? &list->newest->newer : &list->oldest) = datagram;
	list->newest = datagram;
}

static void list_leave(struct joiner *joiner, struct datagram *datagram)
{
	struct datagram_list *list = list_of(joiner, datagram);

	*(datagram->older ? &datagram->older->newer : &list->oldest) = datagram->newer;
	*(datagram->newer ? &datagram->newer->older : &list->newest) = datagram->older;
}

/* A tombstone has been counted. */
static void datagram_let_go(struct joiner *joiner, struct datagram *datagram, uint64_t *count)
{
	struct datagram **link = bucket_of(joiner, &datagram->key);

	*count += datagram->state == DATAGRAM_WAITING;
	while (*link != datagram)
		link = &(*link)->chained;
	*link = datagram->chained;
	list_leave(joiner, datagram);
	joiner->bytes -= datagram->held;
	joiner->datagrams--;
	datagram_close(datagram);
}

/* Tombstones give way first: they only keep others from being miscounted. */
static void room_make(struct joiner *joiner)
{
	struct datagram *tombstone = joiner->tombstones.oldest;

	datagram_let_go(joiner, tombstone ? tombstone : joiner->waiting.oldest,
			&joiner->counts.evicted);
}

static void held_count(struct joiner *joiner, struct datagram *datagram)
{
	size_t held = datagram_held(datagram);

	joiner->bytes += held - datagram->held;
	datagram->held = held;
}

/* It waits no more, and is counted; what is left of it may be large enough to go at once. */
static void tombstone_make(struct joiner *joiner, struct datagram *datagram,
			   enum datagram_state state, uint64_t *count)
{
	++*count;
	list_leave(joiner, datagram);
	datagram_bury(datagram, state, joiner->seed);
	list_join(joiner, datagram);
	held_count(joiner, datagram);
	while (joiner->bytes > joiner->config.max_bytes)
		room_make(joiner);
}

static struct datagram *datagram_open(struct joiner *joiner, const struct join_key *key)
{
	struct datagram *datagram = calloc(1, sizeof(*datagram));
	struct datagram **bucket = bucket_of(joiner, key);

	if (!datagram) {
		joiner->counts.evicted++;
		return NULL;
	}
	if (joiner->datagrams == joiner->config.max_datagrams)
		room_make(joiner);
	memcpy(&datagram->key, key, sizeof(*key));
	datagram->chained = *bucket;
	*bucket = datagram;
	list_join(joiner, datagram);
	joiner->datagrams++;
	return datagram;
}

static void list_expire(struct joiner *joiner, const struct datagram_list *list)
{
	while (list->oldest &&
	       joiner->now_ns - list->oldest->since_ns > joiner->config.timeout_ns)
		datagram_let_go(joiner, list->oldest, &joiner->counts.timed_out);
}

/* The clock of a capture may step back; that of the joiner stands still meanwhile. */
static void time_pass(struct joiner *joiner, uint64_t ns)
{
	if (ns > joiner->now_ns)
		joiner->now_ns = ns;
	list_expire(joiner, &joiner->waiting);
	list_expire(joiner, &joiner->tombstones);
}

/* Who cuts a datagram into fragments has finished its checksum before: no hardware that sees
 * one fragment could. */
static void checksum_settle(struct segment *segment)
{
	if (segment->flaws & FLAW_CHECKSUM_OFFLOADED) {
		segment->flaws &= ~(uint32_t)FLAW_CHECKSUM_OFFLOADED;
		segment->flaws |= FLAW_BAD_CHECKSUM;
	}
}

/* The packet that was written is decoded. What is said of the datagram's own header holds only
 * where the segment is not that of a packet inside it. */
static void whole_decode(struct joiner *joiner, const struct datagram *datagram,
			 struct whole *whole)
{
	struct segment *segment = &whole->segment;
	struct frame frame = joiner->frame;

	frame.bytes = (const uint8_t *)joiner->packet.at;
	frame.caplen = (uint32_t)joiner->packet.len;
	frame.len = whole->len;
	frame.linktype = LINK_RAW_IP;
	decoding_whole(&frame, segment);
	if (segment->network_offset == 0) {
		checksum_settle(segment);
		if (datagram->key.family == 6 && segment->kind != SEGMENT_FRAGMENT)
			segment->ip_id = datagram->key.id;
	}
	if (datagram->overlapped)
		segment->flaws |= FLAW_OVERLAP;
	whole->bytes = frame.bytes + segment->network_offset;
	whole->caplen = frame.caplen - segment->network_offset;
}

static bool whole_make(struct joiner *joiner, struct datagram *datagram,
		       const struct tunnel *tunnel, struct whole *whole)
{
	struct whole made = {.segment.tunnel = *tunnel};
	bool written = datagram_write(datagram, &joiner->packet, &made.len);

	buf_close(&joiner->numbers);
	if (!written) {
		datagram_let_go(joiner, datagram, &joiner->counts.evicted);
		return false;
	}
	whole_decode(joiner, datagram, &made);
	joiner->numbers = datagram->numbers;
	datagram->numbers = (struct buf){0};
	made.fragments = (void *)joiner->numbers.at;
	made.fragment_count = joiner->numbers.len / sizeof(*made.fragments);
	*whole = made;
	tombstone_make(joiner, datagram, DATAGRAM_WHOLE, &joiner->counts.joined);
	return true;
}

/* One that is too large by itself would come back with its next fragment, and be too large
 * again: its tombstone takes what is still to come. */
static void caps_keep(struct joiner *joiner, struct datagram *datagram)
{
	size_t max_bytes = joiner->config.max_bytes;

	held_count(joiner, datagram);
	if (datagram->held > (max_bytes < DATAGRAM_HELD_MAX ? max_bytes : DATAGRAM_HELD_MAX))
		tombstone_make(joiner, datagram, DATAGRAM_REFUSED, &joiner->counts.evicted);
	while (joiner->bytes > max_bytes)
		room_make(joiner);
}

/* The one that waits for fragments with this key, or NULL: out of memory. A tombstone is that
 * of another one, which had the same identification before. */
static struct datagram *datagram_waiting(struct joiner *joiner, const struct join_key *key,
					 struct datagram *found)
{
	if (found && found->state == DATAGRAM_WAITING)
		return found;
	if (found)
		datagram_let_go(joiner, found, &joiner->counts.evicted);
	return datagram_open(joiner, key);
}

static bool fragment_join(struct joiner *joiner, const struct fragment *fragment,
			  struct segment *segment, struct whole *whole)
{
	struct join_key key;

	key_make(segment, &key);
	struct datagram *datagram = datagram_find(joiner, &key);
	if (datagram && datagram->state != DATAGRAM_WAITING &&
	    datagram_takes(datagram, fragment, joiner->seed))
		return false;
	datagram = datagram_waiting(joiner, &key, datagram);
	if (!datagram)
		return false;
	switch (datagram_add(datagram, fragment, segment)) {
	case DATAGRAM_WHOLE:
		return whole_make(joiner, datagram, &segment->tunnel, whole);
	case DATAGRAM_REFUSED:
		tombstone_make(joiner, datagram, DATAGRAM_REFUSED, &joiner->counts.refused);
		break;
	case DATAGRAM_FAILED:
		datagram_let_go(joiner, datagram, &joiner->counts.evicted);
		break;
	case DATAGRAM_WAITING:
		caps_keep(joiner, datagram);
	}
	return false;
}

bool joiner_add(struct joiner *joiner, const struct frame *frame, uint64_t ns,
		struct segment *segment, struct whole *whole)
{
	struct fragment fragment = {.numbers = &frame->n, .number_count = 1};
	struct cursor packet = cursor_init(frame->bytes, frame->caplen);

	time_pass(joiner, ns);
	joiner->frame = (struct frame){
		.n = frame->n,
		.ns = frame->ns,
		.interface = frame->interface,
		.bad_time = frame->bad_time,
	};
	cursor_skip(&packet, segment->network_offset);
	return fragment_read(packet, segment, &fragment) &&
	       fragment_join(joiner, &fragment, segment, whole);
}

bool joiner_again(struct joiner *joiner, struct whole *whole)
{
	struct fragment fragment = {.numbers = whole->fragments,
				    .number_count = whole->fragment_count};

	return fragment_read(cursor_init(whole->bytes, whole->caplen), &whole->segment,
			     &fragment) &&
	       fragment_join(joiner, &fragment, &whole->segment, whole);
}

void joiner_counts(const struct joiner *joiner, struct join_counts *counts)
{
	*counts = joiner->counts;
	for (const struct datagram *datagram = joiner->waiting.oldest; datagram;
	     datagram = datagram->newer)
		counts->incomplete++;
}

struct joiner *joiner_open(const struct joiner_config *config, struct err *err)
{
	struct joiner *joiner = calloc(1, sizeof(*joiner));
	size_t buckets = 1;

	if (!joiner) {
		err_memory(err);
		return NULL;
	}
	joiner->config = (struct joiner_config){
		.max_datagrams = config->max_datagrams ? config->max_datagrams
						       : DATAGRAMS_DEFAULT,
		.max_bytes = config->max_bytes ? config->max_bytes : BYTES_DEFAULT,
		.timeout_ns = config->timeout_ns ? config->timeout_ns : TIMEOUT_DEFAULT_NS,
	};
	while (buckets < joiner->config.max_datagrams && buckets < BUCKETS_MAX)
		buckets *= 2;
	joiner->bucket_mask = buckets - 1;
	joiner->buckets = calloc(buckets, sizeof(struct datagram *));
	if (!joiner->buckets) {
		joiner_close(joiner);
		err_memory(err);
		return NULL;
	}
	if (getrandom(&joiner->seed, sizeof(joiner->seed), GRND_NONBLOCK) < 0)
		joiner->seed = clock_now_ns();
	return joiner;
}

void joiner_close(struct joiner *joiner)
{
	uint64_t nobody = 0;

	if (!joiner)
		return;
	while (joiner->waiting.oldest)
		datagram_let_go(joiner, joiner->waiting.oldest, &nobody);
	while (joiner->tombstones.oldest)
		datagram_let_go(joiner, joiner->tombstones.oldest, &nobody);
	buf_close(&joiner->packet);
	buf_close(&joiner->numbers);
	free(joiner->buckets);
	free(joiner);
}
