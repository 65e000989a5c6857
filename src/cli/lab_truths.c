#include "lab_truths.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define APART_MAX 64 /* frames that lie between the places of one in tap and wire */

/* Two processors may send for one host at once, and its tap and the wire need not agree on who
 * was first. A frame is known by its bytes; those before it have found their places. */
static void lab_place(const struct lab_truths *truths, enum end end,
		      const struct lab_frame *frame)
{
	const struct truth **sent = truths->sent[end];
	size_t from = frame->n, most = truths->count[end];
	if (most - from > APART_MAX)
		most = from + APART_MAX;
	for (size_t at = from; at < most && sent[at]; at++) {
		const struct truth *truth = sent[at];
		if (truth->hash != frame->hash)
			continue;
		sent[at] = sent[from];
		sent[from] = truth;
		return;
	}
}

static void lab_places(const struct lab_truths *truths)
{
	for (size_t end = 0; end < END_COUNT; end++) {
		const struct lab_frames *frames = &truths->run->frames[end];
		for (size_t i = 0; i < frames->count; i++) {
			const struct lab_frame *frame = &frames->at[i];
			if (frame->hash && frame->n > 0 && frame->n < truths->count[end])
				lab_place(truths, (enum end)end, frame);
		}
	}
}

bool lab_truths_open(struct lab_truths *truths, const struct lab_run *run, struct err *err)
{
	*truths = (struct lab_truths){.run = run};
	for (size_t i = 0; i < END_COUNT; i++) {
		truths->sent[i] = calloc(run->truth_count + 1, sizeof(struct truth *));
		if (!truths->sent[i])
			return err_memory(err);
		truths->count[i] = run->truth_count + 1;
	}
	for (size_t i = 0; i < run->truth_count; i++) {
		const struct truth *truth = &run->truth[i];
		if (truth->n == 0 || truth->n >= truths->count[!truth->to])
			continue;
		truths->sent[!truth->to][truth->n] = truth;
		if (truth->n > truths->entered[!truth->to])
			truths->entered[!truth->to] = truth->n;
	}
	lab_places(truths);
	return true;
}

/* As which of its sender's frames this one of its capture left; 0: it did not leave there. */
static uint32_t lab_number(const struct lab_truths *truths, enum end end, uint64_t frame)
{
	const struct lab_frames *frames = &truths->run->frames[end];
	return frame > 0 && frame <= frames->count ? frames->at[frame - 1].n : 0;
}

const struct truth *lab_truths_of(const struct lab_truths *truths, enum end end, uint64_t frame)
{
	uint32_t n = lab_number(truths, end, frame);
	return n > 0 && n < truths->count[end] ? truths->sent[end][n] : NULL;
}

bool lab_truths_ended(const struct lab_truths *truths, enum end end, uint64_t frame)
{
	return lab_number(truths, end, frame) > truths->entered[end];
}

void lab_truths_close(struct lab_truths *truths)
{
	free(truths->sent[END_CLIENT]);
	free(truths->sent[END_SERVER]);
	*truths = (struct lab_truths){0};
}

static struct addr lab_addr(const char *text)
{
	struct addr addr = {.family = strchr(text, ':') ? 6 : 4};
	inet_pton(addr.family == 6 ? AF_INET6 : AF_INET, text, addr.bytes);
	return addr;
}

void lab_known_init(struct lab_known *known, const struct lab_run *run)
{
	static const char *const addrs[END_COUNT][2] = {{LAB_CLIENT_ADDR4, LAB_CLIENT_ADDR6},
							{LAB_SERVER_ADDR4, LAB_SERVER_ADDR6}};
	known->config = (struct match_config){
		.content = MATCH_CONTENT_ALL,
		.local = {known->locals[END_CLIENT], known->locals[END_SERVER]},
		.local_count = {2, 2},
		.one_wire = true,
		.whole = run->missed == 0,
	};
	for (size_t end = 0; end < END_COUNT; end++) {
		for (size_t i = 0; i < 2; i++)
			known->locals[end][i] = lab_addr(addrs[end][i]);
	}
}
