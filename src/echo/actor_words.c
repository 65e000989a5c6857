#include "actor.h"

#include <errno.h>

static const int errno_numbers[] = {
#define X(name) name,
	ERRNO_LIST(X)
#undef X
};

bool errno_find(const char *name, int *error)
{
	size_t i;
	if (!words_find(&errno_words, name, &i))
		return false;
	*error = errno_numbers[i];
	return true;
}

const char *errno_near(const char *name)
{
	return words_nearest(&errno_words, name);
}

const char *actor_errno_name(int error)
{
	for (size_t i = 0; i < ARRAY_COUNT(errno_numbers); i++) {
		if (errno_numbers[i] == error)
			return errno_words.at[i];
	}
	return NULL;
}
