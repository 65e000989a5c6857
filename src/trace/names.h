/* The names that numbers have in a program's source. */
#ifndef WIRELADDER_TRACE_NAMES_H
#define WIRELADDER_TRACE_NAMES_H

#include "wireladder/base.h"

struct names {
	const struct name {
		uint64_t value;
		const char *name;
	} *at;
	size_t count;
};

extern const struct names names_family, names_type, names_type_flags, names_protocol, names_msg,
	names_shut, names_poll, names_epoll, names_splice, names_open, names_pmtudisc,
	names_level;

const char *names_find(const struct names *names, uint64_t value); /* NULL: it has none */
void names_add(struct buf *out, const struct names *names, uint64_t value); /* or the number */
/* A|B|0x40: each bit by its name, what is left as a number; 0: "0" */
void names_add_flags(struct buf *out, const struct names *names, uint64_t value);

#endif
