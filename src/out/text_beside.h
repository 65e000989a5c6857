/* What stands beside the lifelines: calls at the margins, and states that only calls show. */
#ifndef OUT_TEXT_BESIDE_H
#define OUT_TEXT_BESIDE_H

#include "text_style.h"

struct beside {
	uint64_t entered_ns, returned_ns; /* returned 0: it never did */
	enum end end;
	struct buf text;  /* "recv(4, "hello", 1024)"; empty: a state alone */
	size_t said;      /* so many bytes of it the program said; what is behind them the
			   * kernel filled in. 0: the program said all */
	char result[48];  /* "= 5", "= EINTR" */
	bool interrupted, blocked;
	struct state_change state; /* after it; STATE_UNKNOWN: none */
};

struct mark { /* where in a ladder's lines a row with a time of its own begins */
	uint64_t ns;
	size_t at;
};

struct ladder;

/* Takes what beside holds. Of a ladder whose rows go out as they come it is drawn now, in one
 * line, else as the ladder is composed. */
void beside_add(struct ladder *ladder, const struct style *style, struct beside *beside);
/* A state that no packet shows, with the call that shows it, or alone. */
void beside_state(struct ladder *ladder, const struct style *style, const struct event *event);
void beside_mark(struct ladder *ladder, uint64_t ns);
/* `old` bytes from `at` on were replaced by `new` others. */
void beside_moved(struct ladder *ladder, size_t at, size_t old, size_t new);
/* The ladder's rows and what stands beside them, in order of time. */
void beside_compose(const struct ladder *ladder, const struct style *style, struct buf *out);
void beside_close(struct ladder *ladder);

/* A line for a call: whole, as it began, as it ended, and whole with how long it took; in a
 * list, where no packets stand around it, also whether it waited. */
enum phase { PHASE_ENTRY, PHASE_WHOLE, PHASE_RETURN, PHASE_LATE, PHASE_LISTED };
void beside_text(const struct style *style, const struct beside *beside, enum phase phase,
		 unsigned room, struct buf *out);
/* Both, but of the first only what leaves room for the second. */
void beside_fit(const struct style *style, struct cursor head, const struct buf *tail,
		unsigned room, struct buf *out);

#endif
