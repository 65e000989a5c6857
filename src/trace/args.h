/* What the files that write arguments share. Each piece that follows another begins with its
 * own comma; what cannot be read in the program's memory is written as the pointer it is. */
#ifndef WIRELADDER_TRACE_ARGS_H
#define WIRELADDER_TRACE_ARGS_H

#include "names.h"
#include "tracing.h"

#include <sys/uio.h>

static inline int args_int(const struct asked *asked, size_t index)
{
	return (int)(uint32_t)asked->args[index]; /* the kernel takes no more of it either */
}

static inline bool args_done(const struct asked *asked) /* returned, and without an error */
{
	return asked->returned && asked->ret >= 0;
}

/* All of what an argument points at. */
static inline bool args_read(const struct asked *asked, size_t index, void *bytes, size_t count)
{
	return memory_read(asked->tid, asked->args[index], bytes, count) == count;
}

/* args.c */
void args_pointer(struct buf *out, uint64_t address); /* 0x7ffc…, NULL */
/* "printable", …: escaped, in quotes. shown of them were read, there are `whole`. */
void args_quote(struct buf *out, const void *bytes, size_t shown, uint64_t whole);

/* args_address.c */
struct args_name { /* a socket address where the program has it */
	uint64_t address;
	uint32_t size;
};
void args_name_add(struct buf *out, pid_t tid, const struct args_name *name);
bool args_name(const struct asked *asked, struct args_name *name); /* false: no such argument */
void args_bind(struct buf *out, const struct asked *asked);   /* and connect */
void args_accept(struct buf *out, const struct asked *asked); /* and accept4 */

/* args_option.c */
void args_getsockopt(struct buf *out, const struct asked *asked);
void args_setsockopt(struct buf *out, const struct asked *asked);

/* args_message.c: all that has payload */
void args_message(struct buf *out, const struct asked *asked);
struct msghdr;
bool args_header(const struct asked *asked, struct msghdr *header); /* the first of several */

/* args_wait.c */
void args_poll(struct buf *out, const struct asked *asked);
void args_select(struct buf *out, const struct asked *asked);
void args_epoll(struct buf *out, const struct asked *asked);
size_t args_waits_for(const struct asked *asked, int *fds, size_t room);

#endif
