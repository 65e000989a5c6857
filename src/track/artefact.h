/* What a tracker remembers to see that its capture saw a packet twice (artefact.c). */
#ifndef WIRELADDER_TRACK_ARTEFACT_H
#define WIRELADDER_TRACK_ARTEFACT_H

#include "wireladder/model.h"

#define RECENT_SLOTS 256 /* a power of two; a newer packet takes the slot of an older one */
#define SUSPECTS_MAX 32  /* remembered, until the capture has shown what it does */

struct recent {                  /* a packet that passed a moment ago */
	uint64_t identity;       /* of all that the same packet has everywhere */
	uint64_t ns, n, answers; /* answers: packets of the other end by then */
	uint16_t interface;
	uint8_t ttl;
	bool copied; /* came a second time on the same interface */
};

struct suspect { /* a second copy that may be the network's or the capture's */
	uint64_t n, of, gap_ns;
	struct conversation *conversation; /* whose memory may be another's by then: */
	uint32_t number;
	size_t verdict_count;
	enum verdict_id verdicts[VERDICTS_MAX]; /* that it was given */
};

struct artefacts {
	struct recent recent[RECENT_SLOTS];
	uint64_t seen[END_COUNT], doubled[END_COUNT]; /* what each kind of end sent */
	struct suspect suspects[SUSPECTS_MAX];
	size_t suspect_count;
};

#endif
