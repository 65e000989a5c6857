/* The lessons that are inside the program (captures/lessons/, in the order of SHELF there). */
#ifndef WIRELADDER_LAB_SHELF_H
#define WIRELADDER_LAB_SHELF_H

#include "wireladder/lab.h"

const struct shelf_lesson *shelf_find(const char *name); /* NULL: there is none of that name */
bool shelf_unknown(const char *name, struct err *err);   /* the sentence; returns false */

#endif
