#include "talk.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

void talk_say(const struct echo_talk *talk, const char *format, ...)
{
	char line[400];
	va_list arguments;
	if (!talk->say)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	talk->say(talk->context, line);
}

void wait_text(uint64_t ns, char text[static WAIT_TEXT_SIZE])
{
	if (ns % NS_PER_S == 0)
		snprintf(text, WAIT_TEXT_SIZE, "%" PRIu64 " s", ns / NS_PER_S);
	else
		snprintf(text, WAIT_TEXT_SIZE, "%" PRIu64 " ms", ns / NS_PER_MS);
}

int wait_poll_ms(uint64_t ns)
{
	uint64_t ms = ns / NS_PER_MS + (ns % NS_PER_MS != 0);
	return ms > INT_MAX ? INT_MAX : (int)ms;
}
