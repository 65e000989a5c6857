#include "actor.h"

#include <errno.h>

/* What calls of lessons fail with. EAGAIN stands before the other name of the same number. */
#define ERRNO_LIST(X)                                                                          \
	X(EACCES) X(EADDRINUSE) X(EADDRNOTAVAIL) X(EAFNOSUPPORT) X(EAGAIN) X(EALREADY)         \
	X(EBADF) X(ECONNABORTED) X(ECONNREFUSED) X(ECONNRESET) X(EDESTADDRREQ) X(EHOSTDOWN)    \
	X(EHOSTUNREACH) X(EINPROGRESS) X(EINVAL) X(EISCONN) X(EMFILE) X(EMSGSIZE) X(ENETDOWN)  \
	X(ENETUNREACH) X(ENOBUFS) X(ENODEV) X(ENOENT) X(ENOMEM) X(ENOPROTOOPT) X(ENOTCONN)     \
	X(ENOTSOCK) X(EOPNOTSUPP) X(EPERM) X(EPIPE) X(EPROTO) X(EPROTONOSUPPORT) X(ETIMEDOUT)  \
	X(EWOULDBLOCK)

static const char *const errno_names[] = {
#define X(name) #name,
	ERRNO_LIST(X)
#undef X
};

static const int errno_numbers[] = {
#define X(name) name,
	ERRNO_LIST(X)
#undef X
};

static const struct words errnos = {errno_names, ARRAY_COUNT(errno_names)};

bool errno_find(const char *name, int *error)
{
	size_t i;
	if (!words_find(&errnos, name, &i))
		return false;
	*error = errno_numbers[i];
	return true;
}

const char *errno_near(const char *name)
{
	return words_nearest(&errnos, name);
}

const char *actor_errno_name(int error)
{
	for (size_t i = 0; i < ARRAY_COUNT(errno_numbers); i++) {
		if (errno_numbers[i] == error)
			return errno_names[i];
	}
	return NULL;
}
