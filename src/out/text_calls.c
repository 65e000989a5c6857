/* Theory of operation. A socket is made, named and made to listen before any conversation is
 * there: such calls wait, by socket, until a call on the same socket has a conversation, and
 * then stand in its ladder. What makes a listening socket what it is, is repeated in the ladder
 * of each conversation that it gave birth to; other calls of it (an accept that failed) stand
 * once, in the next. What waits at the end is put into the latest ladder of its socket, or, if
 * there is none, listed below all ladders: the bind that failed, all of them where no packets
 * could be captured. A wait for several sockets is of the first that was ready; of none if
 * nothing came: then it would say little there, and is listed only where there was no
 * conversation at all. */
#include "text_calls.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool calls_open(struct calls *calls)
{
	calls->callers = calloc(CALLERS, sizeof(*calls->callers));
	calls->early = calloc(EARLY_CALLS, sizeof(*calls->early));
	return calls->callers && calls->early;
}

void calls_close(struct calls *calls)
{
	for (size_t i = 0; i < calls->early_count; i++)
		buf_close(&calls->early[i].beside.text);
	free(calls->callers);
	free(calls->early);
	*calls = (struct calls){0};
}

/* What an ASCII terminal can say of the signs in arguments; others become '?'. */
static void calls_text(const struct style *style, const char *text, struct buf *out)
{
	struct cursor left = cursor_init((const uint8_t *)text, strlen(text));
	while (cursor_left(&left) > 0) {
		uint32_t c;
		size_t used = text_utf8_next(left.at, cursor_left(&left), &c);
		struct cursor one = cursor_sub(&left, used);
		if (style->ascii && c == 0x2026) /* … */
			buf_printf(out, "%s", style->glyphs->more);
		else if (style->ascii && c == 0x2192) /* → */
			buf_printf(out, "%s", style->glyphs->to);
		else
			style_text(style, out, one);
	}
}

/* As many whole characters of it as there is room for. */
static void caller_text(const struct style *style, const char *text, struct caller *caller)
{
	struct buf shown = {0};
	size_t used = strlen(caller->name), room = sizeof(caller->name) - 1 - used;
	calls_text(style, text, &shown);
	if (shown.len > room) {
		while (room > 0 && ((uint8_t)shown.at[room] & 0xC0) == 0x80)
			room--;
		shown.len = room;
	}
	if (!shown.failed && shown.len > 0)
		memcpy(caller->name + used, shown.at, shown.len);
	buf_close(&shown);
}

/* A program called "server" on the server's side says little: its command says more. */
static void caller_name(const struct style *style, const struct program_seen *program,
			struct caller *caller)
{
	const char *name = program->name ? program->name : "";
	bool plain = strcmp(name, "client") == 0 || strcmp(name, "server") == 0 || !name[0];
	if (!plain || program->argc == 0) {
		caller_text(style, name, caller);
		return;
	}
	for (size_t i = 0; i < program->argc; i++) {
		const char *word = program->argv[i];
		const char *slash = i == 0 ? strrchr(word, '/') : NULL;
		if (i > 0)
			caller_text(style, " ", caller);
		caller_text(style, slash ? slash + 1 : word, caller);
	}
}

static struct caller *calls_caller(const struct calls *calls, uint32_t program)
{
	for (size_t i = 0; i < calls->caller_count; i++) {
		if (calls->callers[i].id == program)
			return &calls->callers[i];
	}
	return NULL;
}

/* A process is told again as it executes something else: then that is its name. */
void calls_program(struct calls *calls, const struct style *style, const struct event *event)
{
	const struct program_seen *program = &event->program;
	struct caller *caller = calls_caller(calls, program->id);
	if (!caller && calls->caller_count == CALLERS)
		return;
	if (!caller)
		caller = &calls->callers[calls->caller_count++];
	*caller = (struct caller){.id = program->id, .pid = program->pid};
	caller_name(style, program, caller);
}

/* Behind the descriptor, what the kernel fills in is known only as the call returns. */
static size_t call_said(const struct call *call, const struct buf *text, size_t args)
{
	enum call_class class = call_classes[call->kind];
	bool fills = class == CALLS_RECEIVE || class == CALLS_ACCEPT || class == CALLS_WAIT;
	if (!fills || call->error || call->returned_ns == 0)
		return 0;
	if (call->fd < 0)
		return args;
	for (size_t at = args; at + 1 < text->len; at++) {
		if (text->at[at] == ',' && text->at[at + 1] == ' ')
			return at + 2;
	}
	return 0;
}

static void call_beside(const struct style *style, const struct call *call,
			struct beside *beside)
{
	struct buf *text = &beside->text;
	size_t args;
	*beside = (struct beside){.entered_ns = call->entered_ns,
				  .returned_ns = call->returned_ns,
				  .end = call->from,
				  .interrupted = call->interrupted,
				  .blocked = call->blocked};
	buf_printf(text, "%s(", call->name ? call->name : call_words[call->kind]);
	args = text->len;
	calls_text(style, call->args ? call->args : "", text);
	buf_add(text, ")", 1);
	beside->said = text->failed ? 0 : call_said(call, text, args);
	if (call->error)
		snprintf(beside->result, sizeof(beside->result), "= %s", call->error);
	else
		snprintf(beside->result, sizeof(beside->result), "= %" PRId64, call->ret);
}

void calls_add(struct calls *calls, const struct style *style, struct ladder *ladder,
	       const struct early *early)
{
	struct beside copy = early->beside;
	if (!ladder->streams && calls->shown == CALLS_SHOWN) {
		calls->left_out++;
		return;
	}
	calls->shown += !ladder->streams;
	copy.text = (struct buf){0};
	buf_add(&copy.text, early->beside.text.at, early->beside.text.len);
	beside_add(ladder, style, &copy);
}

const struct early *calls_latest(const struct calls *calls, uint32_t sock)
{
	const struct early *latest = NULL;
	for (size_t i = 0; i < calls->early_count; i++) {
		const struct early *early = &calls->early[i];
		if (early->sock == sock && early->conv > (latest ? latest->conv : 0))
			latest = early;
	}
	return latest;
}

/* The socket has a conversation. ladder NULL: which is not drawn. */
static void calls_place(struct calls *calls, const struct style *style, struct ladder *ladder,
			const struct event *event)
{
	for (size_t i = 0; i < calls->early_count; i++) {
		struct early *early = &calls->early[i];
		if (!early->sock || early->sock != event->call.sock ||
		    early->conv == event->conv ||
		    (early->conv && !early->makes))
			continue;
		early->conv = event->conv;
		early->beside.end = event->call.from;
		if (ladder)
			calls_add(calls, style, ladder, early);
	}
}

static void calls_wait(struct calls *calls, const struct call *call, struct early *early)
{
	enum call_class class = call_classes[call->kind];
	bool several = call->sock == 0 && class == CALLS_WAIT;
	bool wanted = !several || !calls->conversing;
	if (!wanted || calls->early_count == EARLY_CALLS || early->beside.text.failed) {
		calls->left_out += wanted;
		buf_close(&early->beside.text);
		return;
	}
	early->sock = call->sock;
	early->makes = class <= CALLS_LISTEN || class == CALLS_OPTION;
	early->waits = class == CALLS_WAIT;
	calls->early[calls->early_count++] = *early;
}

void calls_take(struct calls *calls, const struct style *style, struct ladder *ladder,
		const struct event *event)
{
	const struct call *call = &event->call;
	const struct caller *caller = calls_caller(calls, call->program);
	struct early early = {0};
	if (call->entering)
		return; /* it is told again */
	if (caller)
		early.caller = *caller;
	calls->conversing |= event->conv != 0;
	early.caller.pid = call->pid;
	if (event->conv)
		calls_place(calls, style, ladder, event);
	if (event->conv && !ladder)
		return;
	call_beside(style, call, &early.beside);
	if (!event->conv) {
		calls_wait(calls, call, &early);
		return;
	}
	if (!ladder->callers[call->from].id)
		ladder->callers[call->from] = early.caller;
	calls_add(calls, style, ladder, &early);
	buf_close(&early.beside.text);
}

/* As many columns of it as fit, and a sign if that is not all. */
static void fit_cut(const struct style *style, struct cursor text, unsigned room,
		    struct buf *out)
{
	size_t from = out->len;
	buf_add(out, text.at, cursor_left(&text));
	if (out->failed || style_columns(out, from) <= room)
		return;
	while (out->len > from && style_columns(out, from) + 1 > room)
		out->len--; /* a character's first byte is the last to go */
	if (room > 0)
		buf_printf(out, "%s", style->glyphs->cut);
}

void beside_fit(const struct style *style, struct cursor head, const struct buf *tail,
		unsigned room, struct buf *out)
{
	unsigned behind = style_columns(tail, 0);
	struct cursor end = cursor_init((const uint8_t *)tail->at, tail->len);
	out->failed |= tail->failed;
	if (tail->failed)
		return;
	if (behind < room)
		fit_cut(style, head, room - behind, out);
	fit_cut(style, end, room, out);
}

#define FILLED_MIN 6 /* columns of what the kernel filled in: less says nothing */

static void beside_result(const struct style *style, const struct beside *beside,
			  enum phase phase, struct buf *out)
{
	uint64_t entered = beside->entered_ns, returned = beside->returned_ns;
	buf_printf(out, "%s", returned ? beside->result : style->glyphs->more);
	if (phase != PHASE_WHOLE && returned > entered) {
		const char *listed = beside->blocked ? "  blocked " : "  in ";
		buf_printf(out, "%s", phase == PHASE_LISTED ? listed : "  after ");
		style_duration(style, out, returned - entered);
	}
	if (beside->interrupted)
		buf_printf(out, ", interrupted");
}

/* The bytes of its text that this line shows, and what stands before and behind them. */
static void beside_parts(const struct style *style, const struct beside *beside,
			 enum phase phase, struct buf parts[2])
{
	const char *text = beside->text.at;
	size_t said = beside->said, whole = beside->text.len - 1; /* but for the ) */
	if (phase == PHASE_ENTRY) {
		buf_add(&parts[0], text, said ? said : whole);
		buf_printf(&parts[1], "%s", said ? style->glyphs->more : ")");
		return;
	}
	if (phase == PHASE_RETURN && said)
		buf_printf(&parts[0], "%s", style->glyphs->more);
	else
		said = 0;
	if (phase != PHASE_RETURN || said) {
		buf_add(&parts[0], text + said, whole - said);
		buf_printf(&parts[1], ") ");
	}
	beside_result(style, beside, phase, &parts[1]);
}

void beside_text(const struct style *style, const struct beside *beside, enum phase phase,
		 unsigned room, struct buf *out)
{
	struct buf parts[2] = {{0}}; /* what is cut, what is not */
	if (beside->text.len == 0)
		return;
	beside_parts(style, beside, phase, parts);
	if (phase == PHASE_RETURN && style_columns(&parts[1], 0) + FILLED_MIN > room) {
		parts[0].len = parts[1].len = 0;
		beside_result(style, beside, phase, &parts[1]);
	}
	out->failed |= parts[0].failed;
	if (!parts[0].failed)
		beside_fit(style, cursor_init((const uint8_t *)parts[0].at, parts[0].len),
			   &parts[1], room, out);
	buf_close(&parts[0]);
	buf_close(&parts[1]);
}
