/* What stands below the ladders: calls of programs that no packet tells of. */
#include "text_calls.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* "python3 echo.py[4121]: ", in a third of the line. */
static void list_caller(const struct style *style, const struct caller *caller, struct buf *out)
{
	struct buf tail = {0};
	if (!caller->id)
		return;
	buf_printf(&tail, "[%" PRIu32 "]: ", caller->pid);
	beside_fit(style, cursor_init((const uint8_t *)caller->name, strlen(caller->name)),
		   &tail, style->columns / 3, out);
	buf_close(&tail);
}

static void list_row(const struct style *style, const struct early *early, struct buf *out)
{
	size_t line = out->len;
	unsigned used;
	style_time(style, out, early->beside.entered_ns, early->beside.entered_ns);
	style_pad(out, line, style->time + 2);
	list_caller(style, &early->caller, out);
	used = style_columns(out, line);
	beside_text(style, &early->beside, PHASE_LISTED,
		    used < style->columns ? style->columns - used : 0, out);
	buf_add(out, "\n", 1);
}

/* What is told first returned first; of equal times the order stays. */
static int list_by_entry(const void *a, const void *b)
{
	const struct early *left = *(const struct early *const *)a;
	const struct early *right = *(const struct early *const *)b;
	uint64_t left_ns = left->beside.entered_ns, right_ns = right->beside.entered_ns;
	if (left_ns != right_ns)
		return left_ns < right_ns ? -1 : 1;
	return (left > right) - (left < right);
}

static bool list_has(const struct calls *calls, const struct early *early)
{
	if (early->conv || (early->sock && calls_latest(calls, early->sock)))
		return false;
	return early->sock || !early->waits || !calls->conversing;
}

void calls_list(struct calls *calls, const struct style *style, struct buf *out)
{
	const struct early **listed = calloc(calls->early_count + 1, sizeof(*listed));
	size_t count = 0;
	out->failed |= !listed;
	for (size_t i = 0; listed && i < calls->early_count; i++) {
		if (list_has(calls, &calls->early[i]))
			listed[count++] = &calls->early[i];
	}
	if (count > 0) {
		qsort(listed, count, sizeof(*listed), list_by_entry);
		buf_printf(out, "%scalls without packets:\n", out->len > 0 ? "\n" : "");
	}
	for (size_t i = 0; i < count; i++)
		list_row(style, listed[i], out);
	free(listed);
}
