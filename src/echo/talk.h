/* What server and client tell while they run, and how they put times into words. */
#ifndef ECHO_TALK_H
#define ECHO_TALK_H

#include "wireladder/echo.h"

enum { WAIT_TEXT_SIZE = 32 };

void talk_say(const struct echo_talk *talk, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void wait_text(uint64_t ns, char text[static WAIT_TEXT_SIZE]); /* 2 s, or 250 ms */
int wait_poll_ms(uint64_t ns); /* for poll(2): rounded up, so that it never wakes too early */

#endif
