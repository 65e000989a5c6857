/* A SYN that the kernel sent and no tap saw: then the captures do not show all that happened.
 */
#ifndef WIRELADDER_CLI_LAB_SYNS_H
#define WIRELADDER_CLI_LAB_SYNS_H

#include "wireladder/model.h"

#define LAB_SYNS_MAX 4096 /* different ones; beyond them nothing is claimed */

struct lab_syns {        /* that left one host */
	struct buf seen; /* a number for each */
	uint64_t again;  /* those that had been seen before */
	bool full;
};

bool lab_syns_add(struct lab_syns *syns, const struct segment *segment);
/* How many of a kernel's SYN retransmissions cannot be told from what was seen: their first
 * sending is missing. */
uint64_t lab_syns_unseen(const struct lab_syns *syns, int64_t retransmitted);
void lab_syns_close(struct lab_syns *syns);

#endif
