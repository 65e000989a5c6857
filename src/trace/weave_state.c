/* States that calls show, and the kernel's beside those that packets show. */
#include "weave.h"

#include <stdio.h>

/* Kernel and packet move within microseconds of each other, but not at once: a packet is
 * stamped before the kernel takes it in, and after the kernel sent it. Only what has been quiet
 * for so long is compared. */
#define QUIET_NS (50 * NS_PER_MS)

void weave_state(struct weave *weave, const struct event *event)
{
	struct talk *talk = talk_of(weave, event->conv);
	if (!talk)
		return;
	talk->states[event->state.who] = event->state.state;
	talk->inferred[event->state.who] = event->state.inferred;
}

static bool state_tell(struct weave *weave, struct talk *talk, struct state_change change,
		       uint64_t ns)
{
	struct event event = {
		.kind = EVENT_STATE, .ns = ns, .conv = talk->conv, .state = change};
	if (talk->began[change.who] || talk->ends.udp)
		return true;
	talk->began[change.who] = true;
	return weave_emit(weave, &event);
}

bool weave_began(struct weave *weave, struct talk *talk, enum end end,
		 const struct strand *strand)
{
	struct state_change change = {
		.who = end, .state = STATE_CLOSED, .because_call = strand->made_id};
	if (strand->listen_id || !strand->made_id)
		return true;
	return state_tell(weave, talk, change, strand->made_ns);
}

static bool strand_listens_to(const struct strand *strand, const struct talk *talk)
{
	return strand && strand->listen_id && !strand->ends.udp &&
	       strand->ends.local_port == talk->ends.port[END_SERVER] &&
	       addr_fits(&strand->ends.local, &talk->ends.addr[END_SERVER]);
}

/* One of the conversation's own family goes before one that serves both. Of several, on two
 * hosts or before and after a restart, nobody knows. */
static const struct strand *listener_of(const struct weave *weave, const struct talk *talk)
{
	const struct strand *found[2] = {NULL, NULL};
	size_t count[2] = {0, 0};
	for (size_t i = 0; i < LISTENERS; i++) {
		const struct strand *strand = strand_known(weave, weave->listeners[i]);
		bool own;
		if (!strand_listens_to(strand, talk))
			continue;
		own = strand->ends.local.family == talk->ends.addr[END_SERVER].family;
		found[own] = strand;
		count[own]++;
	}
	if (count[true])
		return count[true] == 1 ? found[true] : NULL;
	return count[false] == 1 ? found[false] : NULL;
}

bool weave_listens(struct weave *weave, struct talk *talk, const struct strand *listener)
{
	struct state_change change = {.who = END_SERVER, .state = STATE_LISTEN};
	if (!talk || talk->ends.udp)
		return true;
	if (!listener)
		listener = listener_of(weave, talk);
	if (!listener || !listener->listen_id)
		return true;
	change.because_call = listener->listen_id;
	return state_tell(weave, talk, change, listener->listen_ns);
}

static void note_disagrees(const struct kernel_sample *sample, enum tcp_state packets,
			   struct note *note)
{
	note->code = NOTE_KERNEL_STATE;
	note->warning = true;
	note->who = sample->who;
	snprintf(note->text, sizeof(note->text),
		 "The kernel has the %s's socket in %s, and its packets show %s: one of the "
		 "two was not seen rightly.",
		 sample->who == END_CLIENT ? "client" : "server", state_words[sample->state],
		 state_words[packets]);
	note->facts[0].key = "sock";
	note->facts[0].value = sample->sock;
	note->fact_count = 1;
}

bool weave_kernel(struct weave *weave, struct event *event, struct event *note)
{
	struct kernel_sample *sample = &event->kernel;
	const struct strand *strand = strand_known(weave, sample->sock);
	struct talk *talk;
	enum end end = END_CLIENT;
	event->conv = strand ? strand->conv : 0;
	talk = talk_of(weave, event->conv);
	if (!event->conv && (talk = talk_find(weave, &sample->ends, &end))) {
		event->conv = talk->conv;
		sample->who = end;
	} else if (strand) {
		sample->who = strand->end;
	}
	if (!talk || talk->disagreed[sample->who] || talk->inferred[sample->who] ||
	    talk->states[sample->who] == STATE_UNKNOWN ||
	    talk->states[sample->who] == sample->state ||
	    talk->packet_ns + QUIET_NS > event->ns)
		return false;
	talk->disagreed[sample->who] = true;
	*note = (struct event){.kind = EVENT_NOTE, .ns = event->ns, .conv = event->conv};
	note_disagrees(sample, talk->states[sample->who], &note->note);
	return true;
}
