/* Input that ends at a page nobody may read: one byte too many and the test dies on the spot,
 * without a sanitizer. */
#ifndef WIRELADDER_TESTS_GUARD_H
#define WIRELADDER_TESTS_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guard {
	uint8_t *pages;
	size_t readable; /* bytes before the forbidden page */
};

bool guard_open(struct guard *guard, size_t most); /* room for inputs of so many bytes */
/* A copy whose end is at the forbidden page; until the next call. */
const uint8_t *guard_place(struct guard *guard, const void *bytes, size_t count);
void guard_close(struct guard *guard);

#endif
