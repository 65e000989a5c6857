#include "guard.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool guard_open(struct guard *guard, size_t most)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	guard->readable = (most + page - 1) / page * page;
	guard->pages = mmap(NULL, guard->readable + page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (guard->pages == MAP_FAILED)
		return false;
	return mprotect(guard->pages + guard->readable, page, PROT_NONE) == 0;
}

const uint8_t *guard_place(struct guard *guard, const void *bytes, size_t count)
{
	uint8_t *place = guard->pages + guard->readable - count;

	if (count > 0)
		memcpy(place, bytes, count);
	return place;
}

void guard_close(struct guard *guard)
{
	munmap(guard->pages, guard->readable + (size_t)sysconf(_SC_PAGESIZE));
}
