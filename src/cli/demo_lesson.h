#ifndef WIRELADDER_CLI_DEMO_LESSON_H
#define WIRELADDER_CLI_DEMO_LESSON_H

#include "cli.h"

/* Writes the page. *played: of a lesson played just now, not of the shipped captures. */
bool demo_lesson(const char *path, bool *played);

#endif
