#include "wireladder/model_call.h"

#define X(name) #name,
static const char *const errno_names[] = {ERRNO_LIST(X)};
static const char *const pmtudisc_names[] = {PMTUDISC_LIST(X)};
#undef X

static const char *const sockopt_names[] = {
#define X(level, name, value) #name,
	SOCKOPT_LIST(X)
#undef X
};

const enum sockopt_value sockopt_values[] = {
#define X(level, name, value) SOCKOPT_##value,
	SOCKOPT_LIST(X)
#undef X
};

const char *const sockopt_takes[SOCKOPT_VALUE_COUNT] = {
#define X(name, takes) takes,
	SOCKOPT_VALUE_LIST(X)
#undef X
};

const struct words errno_words = {errno_names, ARRAY_COUNT(errno_names)};
const struct words sockopt_words = {sockopt_names, ARRAY_COUNT(sockopt_names)};
const struct words pmtudisc_words = {pmtudisc_names, ARRAY_COUNT(pmtudisc_names)};
