/* The door of src/decode: the bytes of a frame become a segment. Never fails: what is strange
 * is a flaw, what is unknown is named. Reads nothing outside frame->bytes[0 .. caplen). */
#ifndef WIRELADDER_DECODE_H
#define WIRELADDER_DECODE_H

#include "wireladder/model.h"

/* Fills every field of *segment that its kind uses; the rest is 0. */
void decode_frame(const struct frame *frame, struct segment *segment);

/* Whether frames of this LINKTYPE_ can be taken apart at all. */
bool decode_linktype_known(uint16_t linktype);

#endif
