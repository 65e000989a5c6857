#include "record.h"

/* What a tracer sees: programs, their calls, and what the kernel says of their sockets. */

static void trace_time(struct recorder *recorder, const char *key, uint64_t ns)
{
	json_raw(&recorder->line, key);
	json_i64(&recorder->line, (int64_t)(ns - recorder->start_ns));
}

static void trace_string(struct buf *out, const char *key, const char *text)
{
	if (!text || !text[0])
		return;
	json_raw(out, key);
	json_string(out, text, strlen(text));
}

/* The end that the socket is can be said only where there is a conversation. */
static void trace_place(struct buf *out, uint32_t conv, const char *key, enum end end)
{
	if (conv == 0)
		return;
	json_field(out, ",\"conv\":", conv);
	json_raw(out, key);
	json_raw(out, end_words[end]);
	json_raw(out, "\"");
}

void record_program(struct recorder *recorder, const struct event *event)
{
	struct buf *out = &recorder->line;
	const struct program_seen *program = &event->program;
	trace_time(recorder, "{\"k\":\"program\",\"t\":", event->ns);
	json_raw(out, ",\"id\":");
	json_u64(out, program->id);
	trace_string(out, ",\"name\":", program->name);
	for (size_t i = 0; i < program->argc; i++) {
		json_raw(out, i ? "," : ",\"argv\":[");
		json_string(out, program->argv[i], strlen(program->argv[i]));
	}
	json_field_true(out, "]", program->argc > 0);
	json_field(out, ",\"pid\":", program->pid);
	if (program->has_host)
		trace_string(out, ",\"host\":", end_words[program->host]);
	json_raw(out, "}");
}

/* There as soon as it has returned; 0 is a value. */
static void call_result(struct buf *out, const struct call *call)
{
	if (!call->returned_ns)
		return;
	json_raw(out, ",\"ret\":");
	json_i64(out, call->ret);
	trace_string(out, ",\"errno\":", call->error);
}

static void call_range(struct buf *out, const struct call *call)
{
	if (call->range[0] == call->range[1])
		return;
	json_raw(out, ",\"range\":[");
	json_i64(out, call->range[0]);
	json_raw(out, ",");
	json_i64(out, call->range[1]);
	json_raw(out, "]");
}

static void call_reads(struct buf *out, const struct call *call)
{
	if (!call->reads[0])
		return;
	json_raw(out, ",\"reads\":[");
	json_u64(out, call->reads[0]);
	json_raw(out, ",");
	json_u64(out, call->reads[1]);
	json_raw(out, "]");
}

/* A call is told twice; only who reads along wants to know it before it has returned. */
void record_call(struct recorder *recorder, const struct event *event)
{
	struct buf *out = &recorder->line;
	const struct call *call = &event->call;
	if (call->entering && !recorder->live)
		return;
	json_raw(out, "{\"k\":\"call\",\"id\":");
	json_u64(out, call->id);
	trace_time(recorder, ",\"t\":", call->entered_ns);
	if (call->returned_ns)
		trace_time(recorder, ",\"end\":", call->returned_ns);
	json_field(out, ",\"program\":", call->program);
	json_field(out, ",\"pid\":", call->pid);
	json_field(out, ",\"tid\":", call->tid);
	trace_string(out, ",\"call\":", call->name ? call->name : call_words[call->kind]);
	if (call->fd >= 0) {
		json_raw(out, ",\"fd\":");
		json_i64(out, call->fd);
	}
	trace_string(out, ",\"args\":", call->args);
	call_result(out, call);
	json_field(out, ",\"bytes\":", call->bytes);
	json_field(out, ",\"sock\":", call->sock);
	json_field(out, ",\"new_sock\":", call->new_sock);
	trace_place(out, event->conv, ",\"from\":\"", call->from);
	call_range(out, call);
	call_reads(out, call);
	json_field_true(out, ",\"blocked\":true", call->blocked);
	json_field_true(out, ",\"interrupted\":true", call->interrupted);
	json_field_true(out, ",\"peek\":true", call->peek);
	json_raw(out, "}");
}

void record_kernel(struct recorder *recorder, const struct event *event)
{
	struct buf *out = &recorder->line;
	const struct kernel_sample *kernel = &event->kernel;
	trace_time(recorder, "{\"k\":\"kernel\",\"t\":", event->ns);
	trace_place(out, event->conv, ",\"who\":\"", kernel->who);
	json_field(out, ",\"sock\":", kernel->sock);
	trace_string(out, ",\"state\":", state_words[kernel->state]);
	trace_string(out, ",\"ca_state\":", ca_state_words[kernel->ca_state]);
#define X(name) json_field(out, ",\"" #name "\":", kernel->name);
	KERNEL_FIELD_LIST(X)
#undef X
	json_raw(out, "}");
}
