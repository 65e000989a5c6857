/* A lesson's story above its ladder. */
#ifndef OUT_TEXT_STORY_H
#define OUT_TEXT_STORY_H

#include "text_style.h"

/* Title, story, where to read on and the seed of a lesson, and an empty line. */
void story_text(const struct style *style, const struct meta *meta, struct buf *out);

#endif
