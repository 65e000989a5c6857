/* The trace as the kernel prints it: an event a line, and behind a frame's the functions that
 * were running, the innermost first. */
#include "stacks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *function;
	enum stack_call from, to; /* what it makes of what is known so far */
} calls[] = {
	{"tcp_xmit_retransmit_queue", STACK_OTHER, STACK_RETRANSMIT},
	{"tcp_retransmit_timer", STACK_OTHER, STACK_TIMEOUT},
	{"tcp_send_loss_probe", STACK_OTHER, STACK_LOSS_PROBE},
	{"tcp_send_probe0", STACK_OTHER, STACK_WINDOW_PROBE},
	{"tcp_keepalive_timer", STACK_OTHER, STACK_KEEP_ALIVE},
	{"tcp_rtx_synack", STACK_OTHER, STACK_SYN_ACK},
	{"reqsk_timer_handler", STACK_SYN_ACK, STACK_SYN_ACK_TIMER},
};

/* A frame that is sent while another is being received has both on its stack: the receiving is
 * where softirqs are handled, and what they interrupted sent something else. */
static const char *const floors[] = {"handle_softirqs", "__do_softirq"};

static struct stack_event *text_last(const struct stack_text *text)
{
	struct stack_event *events = (struct stack_event *)(void *)text->events.at;
	return text->events.len ? &events[text->events.len / sizeof(*events) - 1] : NULL;
}

/* "function", or "function.part.0" as compilers split it. */
static bool name_is(const char *name, const char *function)
{
	size_t length = strlen(function);
	return strncmp(name, function, length) == 0 && strchr(".\n", name[length]);
}

static void text_function(struct stack_text *text, const char *name)
{
	struct stack_event *frame = text_last(text);
	if (!frame || !frame->is_frame || text->below)
		return;
	for (size_t i = 0; i < ARRAY_COUNT(floors); i++)
		text->below = text->below || name_is(name, floors[i]);
	if (text->below)
		return;
	frame->tcp = frame->tcp || strncmp(name, "tcp_", 4) == 0 ||
		     strncmp(name, "__tcp_", 6) == 0;
	for (size_t i = 0; i < ARRAY_COUNT(calls); i++) {
		if (frame->call == calls[i].from && name_is(name, calls[i].function)) {
			frame->call = calls[i].to;
			return;
		}
	}
}

/* The number behind this word, and 0 where there is none. */
static uint32_t rest_number(const char *rest, const char *word)
{
	const char *at = strstr(rest, word);
	return at ? (uint32_t)strtoul(at + strlen(word), NULL, 10) : 0;
}

static bool text_frame(struct stack_text *text, uint64_t ns, const char *rest)
{
	struct stack_event event = {.ns = ns, .is_frame = true};
	char device[16] = "";
	if (sscanf(rest, "dev=%15s", device) != 1)
		return true;
	while (event.host < END_COUNT && strcmp(device, lab_interface(event.host)) != 0)
		event.host++;
	event.len = rest_number(rest, " len=");
	text->below = false;
	return event.host == END_COUNT || buf_add(&text->events, &event, sizeof(event));
}

static bool text_state(struct stack_text *text, uint64_t ns, const char *rest)
{
	struct stack_event event = {
		.ns = ns,
		.sport = (uint16_t)rest_number(rest, " sport="),
		.dport = (uint16_t)rest_number(rest, " dport="),
		.congestion = rest_number(rest, " cong_state="),
	};
	return buf_add(&text->events, &event, sizeof(event));
}

static const struct {
	const char *word;
	bool (*take)(struct stack_text *text, uint64_t ns, const char *rest);
} kinds[] = {
	{": net_dev_start_xmit: ", text_frame},
	{": tcp_cong_state_set: ", text_state},
};

/* Seconds and millionths stand before the word. */
static uint64_t line_ns(const char *line, const char *word)
{
	uint64_t ns = 0, digit = NS_PER_S;
	const char *at = word;
	while (at > line && at[-1] != ' ')
		at--;
	for (; *at >= '0' && *at <= '9'; at++)
		ns = ns * 10 + (uint64_t)(*at - '0') * NS_PER_S;
	for (at += *at == '.'; *at >= '0' && *at <= '9'; at++) {
		digit /= 10;
		ns += (uint64_t)(*at - '0') * digit;
	}
	return ns;
}

bool stack_text_line(struct stack_text *text, const char *line)
{
	static const char function[] = " => ";
	if (strncmp(line, function, sizeof(function) - 1) == 0) {
		text_function(text, line + sizeof(function) - 1);
		return true;
	}
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		const char *word = strstr(line, kinds[i].word);
		if (word)
			return kinds[i].take(text, line_ns(line, word) + text->zero_ns,
					     word + strlen(kinds[i].word));
	}
	return true;
}

void stack_text_close(struct stack_text *text)
{
	buf_close(&text->events);
}
