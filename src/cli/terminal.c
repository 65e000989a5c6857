#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_is(FILE *stream)
{
	return isatty(fileno(stream)) == 1;
}

unsigned terminal_columns(void)
{
	struct winsize size = {0};
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

bool terminal_wants_color(const struct options *options)
{
	const char *none = getenv("NO_COLOR"), *kind = getenv("TERM");
	if (options->color && strcmp(options->color, "auto") != 0)
		return strcmp(options->color, "always") == 0;
	if ((none && none[0]) || !kind || strcmp(kind, "dumb") == 0)
		return false;
	return terminal_is(stdout);
}

void say(const struct options *options, const char *format, ...)
{
	struct err line;
	char text[sizeof(line.text)];
	va_list arguments;
	if (options->quiet)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	err_set(&line, EXIT_DONE, "%s", text); /* makes names from outside safe to print */
	fprintf(stderr, "wireladder: %s\n", line.text);
}
