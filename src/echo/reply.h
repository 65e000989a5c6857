/* What the server answers to the bytes of one message. */
#ifndef ECHO_REPLY_H
#define ECHO_REPLY_H

#include "wireladder/echo.h"

const char *reply_name(enum echo_reply reply);

/* The answer to bytes[0..*count), and its length in *count: the same bytes (changed in place),
 * or a constant. It lives as long as the bytes do. */
const uint8_t *reply_make(enum echo_reply reply, uint8_t *bytes, size_t *count);

#endif
