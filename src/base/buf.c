#include "wireladder/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool buf_reserve(struct buf *buf, size_t more)
{
	size_t cap = buf->cap ? buf->cap : 256;
	char *at;
	if (buf->failed || more > SIZE_MAX / 4 - buf->len)
		return !(buf->failed = true);
	while (cap < buf->len + more)
		cap *= 2;
	if (cap == buf->cap)
		return true;
	at = realloc(buf->at, cap);
	if (!at)
		return !(buf->failed = true);
	buf->at = at;
	buf->cap = cap;
	return true;
}

bool buf_add(struct buf *buf, const void *bytes, size_t count)
{
	if (!buf_reserve(buf, count))
		return false;
	if (count > 0)
		memcpy(buf->at + buf->len, bytes, count);
	buf->len += count;
	return true;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list arguments, again;
	size_t room = buf->failed ? 0 : buf->cap - buf->len;
	int length;
	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(room ? buf->at + buf->len : NULL, room, format, arguments);
	va_end(arguments);
	if (length >= 0 && (size_t)length >= room) {
		if (buf_reserve(buf, (size_t)length + 1))
			vsnprintf(buf->at + buf->len, (size_t)length + 1, format, again);
		else
			length = 0;
	}
	va_end(again);
	if (length > 0)
		buf->len += (size_t)length;
}

void buf_close(struct buf *buf)
{
	free(buf->at);
	*buf = (struct buf){0};
}
