#include "wireladder/base.h"

#include <stdarg.h>
#include <stdio.h>

/* A name from outside (a file's, a host's) may stand in a sentence: what a terminal would obey
 * and what is no UTF-8 is made visible, and the text ends at a whole character. */
static void err_keep(struct err *err, const char *raw, size_t count)
{
	struct buf clean = {0};
	size_t length;
	text_add_visible(&clean, raw, count);
	length = clean.len < sizeof(err->text) ? clean.len : sizeof(err->text) - 1;
	while (length > 0 && length < clean.len && ((uint8_t)clean.at[length] & 0xC0) == 0x80)
		length--;
	for (size_t i = 0; i < length; i++)
		err->text[i] = clean.at[i];
	err->text[length] = '\0';
	buf_close(&clean);
}

bool err_set(struct err *err, enum exit_status status, const char *format, ...)
{
	char raw[1024];
	va_list arguments;
	int length;
	if (!err)
		return false;
	err->status = status;
	va_start(arguments, format);
	length = vsnprintf(raw, sizeof(raw), format, arguments);
	va_end(arguments);
	if (length < 0)
		length = 0;
	err_keep(err, raw, (size_t)length < sizeof(raw) ? (size_t)length : sizeof(raw) - 1);
	return false;
}

bool err_memory(struct err *err)
{
	return err_set(err, EXIT_MEMORY,
		       "out of memory: end other programs or give a smaller --max-memory");
}
