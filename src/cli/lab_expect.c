#include "lab_expect.h"

#include <inttypes.h>
#include <string.h>

static const char *const hosts[END_COUNT] = {"client", "server"};

/* What calls tell of a state is of before the packets. */
static void hear_state(struct lab_heard *heard, const struct event *event)
{
	if (!event->state.because_call && event->conv > 0 && event->conv <= LAB_CONVERSATIONS)
		heard->states[event->conv - 1][event->state.who] = event->state.state;
}

static void hear_packet(struct lab_heard *heard, const struct packet *packet)
{
	heard->tcp += packet->segment.kind == SEGMENT_TCP;
	heard->udp += packet->segment.kind == SEGMENT_UDP;
	heard->icmp += packet->segment.kind == SEGMENT_ICMP;
	heard->fragment += packet->segment.kind == SEGMENT_FRAGMENT;
	heard->lost += packet->way.lost;
}

void lab_hear(struct lab_heard *heard, const struct event *event)
{
	if (event->kind == EVENT_STATE)
		hear_state(heard, event);
	else if (event->kind == EVENT_PACKET)
		hear_packet(heard, &event->packet);
	else if (event->kind == EVENT_AMEND && event->amend.found && heard->lost > 0)
		heard->lost--;
}

/* A deed by its word, or a rule by its text. */
static int64_t wire_count(const struct lab_run *run, const struct lesson *lesson,
			  const char *what)
{
	int64_t count = 0;
	for (size_t i = 0; i < run->truth_count; i++) {
		const struct truth *truth = &run->truth[i];
		bool by_rule = truth->rule > 0 &&
			       strcmp(lesson->rules[truth->rule - 1].text, what) == 0;
		count += by_rule || strcmp(wire_deed_words[truth->deed], what) == 0;
	}
	return count;
}

static int64_t record_count(const struct lab_heard *heard, const char *what)
{
	const struct {
		const char *word;
		uint64_t count;
	} counts[] = {
		{"tcp", heard->tcp},   {"udp", heard->udp},           {"icmp", heard->icmp},
		{"lost", heard->lost}, {"fragment", heard->fragment},
	};
	for (size_t i = 0; i < ARRAY_COUNT(counts); i++) {
		if (strcmp(counts[i].word, what) == 0)
			return (int64_t)counts[i].count;
	}
	return -1;
}

static bool number_expected(const struct expectation *expect, int64_t number)
{
	if (expect->value_count == 0)
		return number >= expect->least && number <= expect->most;
	for (size_t i = 0; i < expect->value_count; i++) {
		if (expect->numbers[i] == number)
			return true;
	}
	return false;
}

static bool state_expected(const struct expectation *expect, const struct lab_heard *heard,
			   struct buf *is)
{
	uint32_t conv = expect->conv ? expect->conv : 1;
	enum tcp_state state = conv <= LAB_CONVERSATIONS
				       ? heard->states[conv - 1][expect->host]
				       : STATE_UNKNOWN;
	buf_printf(is, "%s", state == STATE_UNKNOWN ? "unknown" : state_words[state]);
	if (expect->value_count == 0)
		return strcmp(expect->what, state_words[state]) == 0;
	for (size_t i = 0; i < expect->value_count; i++) {
		if (strcmp(expect->words[i], state_words[state]) == 0)
			return true;
	}
	return false;
}

bool lab_expect(const struct expectation *expect, const struct lab_run *run,
		const struct lesson *lesson, const struct lab_heard *heard, struct buf *is)
{
	int64_t number = 0;
	if (expect->kind == EXPECT_STATE)
		return state_expected(expect, heard, is);
	if (expect->kind == EXPECT_COUNTER &&
	    !lab_run_counter(run, expect->host, expect->what, &number)) {
		buf_printf(is, "no counter of this kernel");
		return false;
	}
	if (expect->kind == EXPECT_WIRE)
		number = wire_count(run, lesson, expect->what);
	else if (expect->kind == EXPECT_RECORDS)
		number = record_count(heard, expect->what);
	buf_printf(is, "%" PRId64, number);
	return number_expected(expect, number);
}

static void values_text(const struct expectation *expect, struct buf *text)
{
	for (size_t i = 0; i < expect->value_count; i++) {
		const char *before = i == 0 ? "" : i + 1 < expect->value_count ? ", " : " or ";
		if (expect->kind == EXPECT_STATE)
			buf_printf(text, "%s%s", before, expect->words[i]);
		else
			buf_printf(text, "%s%" PRId64, before, expect->numbers[i]);
	}
}

void lab_expect_text(const struct expectation *expect, struct buf *text)
{
	if (expect->kind == EXPECT_STATE)
		buf_printf(text, "conversation %u: the %s ends in ",
			   expect->conv ? expect->conv : 1, hosts[expect->host]);
	else if (expect->kind == EXPECT_COUNTER)
		buf_printf(text, "%s at the %s is ", expect->what, hosts[expect->host]);
	else if (expect->kind == EXPECT_WIRE)
		buf_printf(text, "the wire did `%s` so often: ", expect->what);
	else
		buf_printf(text, "records of %s: ", expect->what);
	if (expect->value_count > 0)
		values_text(expect, text);
	else if (expect->kind == EXPECT_STATE)
		buf_printf(text, "%s", expect->what);
	else if (expect->most == INT64_MAX)
		buf_printf(text, "at least %" PRId64, expect->least);
	else
		buf_printf(text, "%" PRId64 " to %" PRId64, expect->least, expect->most);
}
