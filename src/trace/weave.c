#include "weave.h"

#include <stdlib.h>

bool weave_emit(struct weave *weave, const struct event *event)
{
	return weave->sink.take(weave->sink.context, event);
}

struct weave *weave_open(const struct weave_config *config, struct sink sink, struct err *err)
{
	struct weave *weave = calloc(1, sizeof(*weave));
	if (weave)
		weave->strands = calloc(STRANDS, sizeof(*weave->strands));
	if (!weave || !weave->strands) {
		free(weave);
		err_memory(err);
		return NULL;
	}
	weave->config = *config;
	weave->sink = sink;
	weave->release_ns = shut_release_ns();
	pool_init(&weave->talks, sizeof(struct talk), TALKS + 1);
	pool_init(&weave->sends, sizeof(struct waiting_send), SENDS);
	return weave;
}

static bool weave_called(struct weave *weave, const struct event *event)
{
	struct event call = *event;
	bool told = weave_call(weave, &call);
	if (!told)
		return false;
	return (event->call.entering && !weave->config.live) || weave_emit(weave, &call);
}

static bool weave_sampled(struct weave *weave, const struct event *event)
{
	struct event sample = *event, note = {0};
	bool disagrees = weave_kernel(weave, &sample, &note);
	return weave_emit(weave, &sample) && (!disagrees || weave_emit(weave, &note));
}

static bool weave_packed(struct weave *weave, const struct event *event)
{
	struct event packet = *event;
	return weave_packet(weave, &packet) && weave_emit(weave, &packet);
}

bool weave_take(struct weave *weave, const struct event *event)
{
	switch (event->kind) {
	case EVENT_CALL:
		return weave_called(weave, event);
	case EVENT_KERNEL:
		return weave_sampled(weave, event);
	case EVENT_PACKET:
		return weave_packed(weave, event);
	case EVENT_CONVERSATION:
		talk_begins(weave, event);
		return weave_emit(weave, event) &&
		       weave_listens(weave, talk_of(weave, event->conv), NULL);
	case EVENT_CLOSED:
		talk_ends(weave, event->conv);
		return weave_emit(weave, event);
	case EVENT_STATE:
		weave_state(weave, event);
		return weave_emit(weave, event);
	default:
		return weave_emit(weave, event);
	}
}

void weave_close(struct weave *weave)
{
	if (!weave)
		return;
	strands_close(weave);
	pool_close(&weave->talks);
	pool_close(&weave->sends);
	buf_close(&weave->by_conv);
	free(weave);
}
