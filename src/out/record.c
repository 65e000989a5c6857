#include "record.h"

#include <assert.h>

const char *const end_words[END_COUNT] = {[END_CLIENT] = "client", [END_SERVER] = "server"};

static int64_t record_time(const struct recorder *recorder, const struct event *event)
{
	return (int64_t)(event->ns - recorder->start_ns);
}

/* `kind` is the record's beginning up to the packet's number. */
static void record_begin(struct recorder *recorder, const struct event *event, const char *kind)
{
	struct buf *out = &recorder->line;
	json_raw(out, kind);
	json_u64(out, event->packet.n);
	json_raw(out, ",\"t\":");
	json_i64(out, record_time(recorder, event));
}

static void record_conversation_place(struct buf *out, const struct event *event)
{
	json_raw(out, ",\"conv\":");
	json_u64(out, event->conv);
	json_raw(out, event->packet.from == END_CLIENT ? ",\"from\":\"client\"" :
							  ",\"from\":\"server\"");
	/* The first interface is 0 and left out: the key shows only where there are several. */
	json_field(out, ",\"if\":", event->packet.interface);
}

static void record_addresses(struct buf *out, const struct packet *packet)
{
	char text[ADDR_TEXT];
	addr_text(&packet->segment.ends.src, text);
	json_raw(out, ",\"from_addr\":\"");
	json_raw(out, text);
	addr_text(&packet->segment.ends.dst, text);
	json_raw(out, "\",\"to_addr\":\"");
	json_raw(out, text);
	json_raw(out, "\"");
}

static void record_flaws(struct buf *out, uint32_t flaws)
{
	const char *before = ",\"flaws\":[\"";
	if (!(flaws & ((1U << FLAW_COUNT) - 1)))
		return;
	for (size_t i = 0; i < FLAW_COUNT; i++) {
		if (flaws & 1U << i) {
			json_raw(out, before);
			json_raw(out, flaw_words[i]);
			before = "\",\"";
		}
	}
	json_raw(out, "\"]");
}

static void record_bytes(struct recorder *recorder, const struct packet *packet)
{
	struct output_bytes *left = &recorder->left;
	uint64_t count = packet->byte_count;
	if (left->packets == 0 || count == 0)
		return;
	if (left->packets != UINT64_MAX)
		left->packets--;
	count = count < left->per_packet ? count : left->per_packet;
	count = count < left->total ? count : left->total;
	if (count == 0)
		return;
	if (left->total != UINT64_MAX)
		left->total -= count;
	json_raw(&recorder->line, ",\"bytes\":\"");
	json_base64(&recorder->line, packet->bytes, (size_t)count);
	json_raw(&recorder->line, "\"");
}

static void record_tunnel(struct buf *out, const struct tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->count && i < TUNNEL_MAX; i++) {
		json_raw(out, i ? ",\"" : ",\"tunnel\":[\"");
		json_raw(out, tunnel_words[tunnel->kind[i]]);
		if (tunnel->numbered >> i & 1) {
			json_raw(out, " ");
			json_u64(out, tunnel->number[i]);
		}
		json_raw(out, "\"");
	}
	json_field_true(out, "]", tunnel->count > 0);
}

static void record_fragments(struct buf *out, const struct packet *packet)
{
	for (size_t i = 0; i < packet->fragment_count; i++) {
		json_raw(out, i ? "," : ",\"fragments\":[");
		json_u64(out, packet->fragments[i]);
	}
	json_field_true(out, "]", packet->fragment_count > 0);
}

/* What a capture file says of the packet beside its bytes (pcapng's opt_comment, epb_flags). */
static void record_comment(struct buf *out, const struct packet *packet)
{
	static const char *const directions[] = {
		"", ",\"dir\":\"in\"", ",\"dir\":\"out\"", "",
	};
	json_raw(out, directions[packet->link_flags & 3]);
	if (packet->comment_len == 0)
		return;
	json_raw(out, ",\"comment\":");
	json_string(out, packet->comment, packet->comment_len);
}

static void record_end(struct recorder *recorder, const struct packet *packet)
{
	if (packet->way.known || packet->way.frames[0] || packet->way.frames[1])
		record_way(recorder, &packet->way);
	record_tunnel(&recorder->line, &packet->segment.tunnel);
	record_fragments(&recorder->line, packet);
	record_comment(&recorder->line, packet);
	record_bytes(recorder, packet);
	json_raw(&recorder->line, "}");
}

/* tcp_flags_text would do, but a tenth of a record's time is too much for a word or two. */
static void record_flags(struct buf *out, uint16_t flags)
{
	static const struct {
		uint16_t bit;
		uint8_t length;
		char word[4];
	} words[] = {
#define X(name, value) {value, sizeof(#name) - 1, #name},
		TCP_FLAG_LIST(X)
#undef X
	};
	if (!(flags & 0x1FF))
		return;
	json_raw(out, ",\"flags\":\"");
	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		if (flags & words[i].bit) {
			buf_add(out, words[i].word, words[i].length);
			json_raw(out, " ");
		}
	}
	out->len -= !out->failed; /* the space behind the last word */
	json_raw(out, "\"");
}

static void record_tcp(struct recorder *recorder, const struct event *event)
{
	struct buf *out = &recorder->line;
	const struct packet *packet = &event->packet;
	const struct segment *segment = &packet->segment;
	uint16_t flags = segment->tcp.flags;
	record_begin(recorder, event, "{\"k\":\"tcp\",\"n\":");
	record_conversation_place(out, event);
	record_flags(out, flags);
	json_field(out, ",\"isn\":", flags & TCP_SYN ? segment->tcp.seq : 0);
	json_field_signed(out, ",\"seq\":", packet->seq);
	json_field_signed(out, ",\"ack\":", flags & TCP_ACK ? packet->ack : 0);
	json_field(out, ",\"len\":", segment->len);
	json_field(out, ",\"win\":", packet->window);
	if (packet->scale_unknown) { /* also when 0: the key says that the scale is unknown */
		json_raw(out, ",\"win_raw\":");
		json_u64(out, segment->tcp.window);
	}
	if (segment->tcp.options.present) {
		json_raw(out, ",\"opts\":");
		record_options(out, &segment->tcp.options, packet->sack, packet->dsack);
	}
	record_flaws(out, segment->flaws);
	record_verdicts(out, packet->verdicts, packet->verdict_count);
	json_field(out, ",\"rtt\":", packet->rtt_ns);
	json_field(out, ",\"flight\":", packet->flight);
	json_field(out, ",\"call\":", packet->call);
	record_end(recorder, packet);
}

static void record_udp(struct recorder *recorder, const struct event *event)
{
	struct buf *out = &recorder->line;
	record_begin(recorder, event, "{\"k\":\"udp\",\"n\":");
	record_conversation_place(out, event);
	json_field(out, ",\"len\":", event->packet.segment.len);
	record_flaws(out, event->packet.segment.flaws);
	record_verdicts(out, event->packet.verdicts, event->packet.verdict_count);
	json_field(out, ",\"rtt\":", event->packet.rtt_ns);
	json_field(out, ",\"call\":", event->packet.call);
	record_end(recorder, &event->packet);
}

static void record_icmp(struct recorder *recorder, const struct event *event)
{
	struct buf *out = &recorder->line;
	const struct packet *packet = &event->packet;
	record_begin(recorder, event, "{\"k\":\"icmp\",\"n\":");
	record_addresses(out, packet);
	json_field(out, ",\"if\":", packet->interface);
	json_raw(out, ",\"type\":");
	json_u64(out, packet->segment.icmp.type);
	json_raw(out, ",\"code\":");
	json_u64(out, packet->segment.icmp.code);
	json_raw(out, ",\"text\":\"");
	icmp_text(&packet->segment, out);
	json_raw(out, "\"");
	json_field(out, ",\"quotes\":", packet->quotes);
	json_field(out, ",\"conv\":", event->conv);
	record_flaws(out, packet->segment.flaws);
	record_verdicts(out, packet->verdicts, packet->verdict_count);
	record_end(recorder, packet);
}

static void record_fragment(struct recorder *recorder, const struct event *event)
{
	struct buf *out = &recorder->line;
	const struct segment *segment = &event->packet.segment;
	record_begin(recorder, event, "{\"k\":\"fragment\",\"n\":");
	json_field(out, ",\"id\":", segment->ip_id);
	record_addresses(out, &event->packet);
	json_field(out, ",\"if\":", event->packet.interface);
	json_field(out, ",\"offset\":", segment->fragment.offset);
	json_field(out, ",\"len\":", segment->fragment.len);
	json_field_true(out, ",\"more\":true", segment->fragment.more);
	record_flaws(out, segment->flaws);
	record_verdicts(out, event->packet.verdicts, event->packet.verdict_count);
	record_end(recorder, &event->packet);
}

static void record_nothing(struct recorder *recorder, const struct event *event)
{
	(void)recorder;
	(void)event; /* counted in summary (timeline.md: "Anything else") */
}

static void record_packet(struct recorder *recorder, const struct event *event)
{
	static void (*const by_kind[])(struct recorder *, const struct event *) = {
		[SEGMENT_OTHER] = record_nothing, [SEGMENT_TCP] = record_tcp,
		[SEGMENT_UDP] = record_udp,       [SEGMENT_ICMP] = record_icmp,
		[SEGMENT_FRAGMENT] = record_fragment,
	};
	by_kind[event->packet.segment.kind](recorder, event);
}

static void record_conversation(struct recorder *recorder, const struct event *event)
{
	json_raw(&recorder->line, "{\"k\":\"conversation\",\"conv\":");
	json_u64(&recorder->line, event->conv);
	record_ends(&recorder->line, &event->conversation);
	json_raw(&recorder->line, "}");
}

static void record_state(struct recorder *recorder, const struct event *event)
{
	struct buf *out = &recorder->line;
	const struct state_change *state = &event->state;
	const char *before = ",\"because\":[";
	json_raw(out, "{\"k\":\"state\",\"t\":");
	json_i64(out, record_time(recorder, event));
	json_raw(out, ",\"conv\":");
	json_u64(out, event->conv);
	json_raw(out, ",\"who\":\"");
	json_raw(out, end_words[state->who]);
	json_raw(out, "\",\"state\":\"");
	json_raw(out, state_words[state->state]);
	json_raw(out, "\"");
	for (size_t i = 0; i < ARRAY_COUNT(state->because); i++) {
		json_field(out, before, state->because[i]);
		before = state->because[i] ? "," : before;
	}
	json_field_true(out, "]", state->because[0] || state->because[1]);
	json_field(out, ",\"because_call\":", state->because_call);
	json_field_true(out, ",\"inferred\":true", state->inferred);
	json_raw(out, "}");
}

/* What a note of more than a moment says beside its text: until when, who waited for what, and
 * the packets that show it. */
static void note_span(struct recorder *recorder, const struct note *note)
{
	struct buf *out = &recorder->line;
	const char *before = ",\"because\":[";
	size_t start;
	if (note->end_ns) {
		json_raw(out, ",\"end\":");
		json_i64(out, (int64_t)(note->end_ns - recorder->start_ns));
	}
	if (note->waits != WAIT_NOTHING) {
		json_raw(out, ",\"who\":\"");
		json_raw(out, end_words[note->who]);
		json_raw(out, "\",\"waits\":\"");
		json_raw(out, wait_words[note->waits]);
		json_raw(out, note->inferred ? "\",\"inferred\":true" : "\"");
	}
	start = out->len;
	for (size_t i = 0; i < ARRAY_COUNT(note->because); i++) {
		json_field(out, before, note->because[i]);
		before = note->because[i] ? "," : before;
	}
	json_field_true(out, "]", out->len > start);
}

static void record_note(struct recorder *recorder, const struct event *event)
{
	struct buf *out = &recorder->line;
	const struct note *note = &event->note;
	json_raw(out, "{\"k\":\"note\",\"t\":");
	json_i64(out, record_time(recorder, event));
	json_raw(out, note->warning ? ",\"level\":\"warning\"" : ",\"level\":\"info\"");
	json_raw(out, ",\"code\":\"");
	json_raw(out, note_words[note->code]);
	json_raw(out, "\",\"text\":");
	json_string(out, note->text, strnlen(note->text, sizeof(note->text)));
	json_field(out, ",\"conv\":", event->conv);
	note_span(recorder, note);
	for (size_t i = 0; i < note->fact_count && i < NOTE_FACTS; i++) {
		json_raw(out, i ? "," : ",\"facts\":{");
		json_string(out, note->facts[i].key, strlen(note->facts[i].key));
		json_raw(out, ":");
		json_i64(out, note->facts[i].value);
	}
	json_field_true(out, "}", note->fact_count > 0);
	json_raw(out, "}");
}

static void record_meta_event(struct recorder *recorder, const struct event *event)
{
	recorder->start_ns = event->meta->start_ns;
	record_meta(&recorder->line, event->meta);
}

static void record_summary_event(struct recorder *recorder, const struct event *event)
{
	record_summary(&recorder->line, event->summary);
}

static void record_closed_event(struct recorder *recorder, const struct event *event)
{
	record_closed(&recorder->line, event, recorder->start_ns);
}

bool recorder_take(struct recorder *recorder, const struct event *event, struct err *err)
{
	static void (*const by_kind[])(struct recorder *, const struct event *) = {
		[EVENT_META] = record_meta_event,
		[EVENT_CONVERSATION] = record_conversation,
		[EVENT_PACKET] = record_packet,
		[EVENT_STATE] = record_state,
		[EVENT_NOTE] = record_note,
		[EVENT_CLOSED] = record_closed_event,
		[EVENT_AMEND] = record_amend,
		[EVENT_PROGRAM] = record_program,
		[EVENT_CALL] = record_call,
		[EVENT_KERNEL] = record_kernel,
		[EVENT_SUMMARY] = record_summary_event,
	};
	static_assert(ARRAY_COUNT(by_kind) == EVENT_SUMMARY + 1, "every kind has a writer");
	recorder->line.len = 0;
	buf_reserve(&recorder->line, 1024); /* most records need no second look */
	by_kind[event->kind](recorder, event);
	return !recorder->line.failed || err_memory(err);
}
