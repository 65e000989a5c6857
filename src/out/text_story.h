/* A lesson's story above its ladder. */
#ifndef OUT_TEXT_STORY_H
#define OUT_TEXT_STORY_H

#include "text_style.h"

struct lesson;
/* Title, story and where to read on, and an empty line. */
void story_text(const struct style *style, const struct lesson *lesson, struct buf *out);

#endif
