#include "cli.h"

#include <locale.h>
#include <string.h>

/* Everything ends here: one sentence for what failed, one status (see cli help exit). */

static int main_fail(const struct err *err, enum exit_status status)
{
	if (err->text[0])
		fprintf(stderr, "wireladder: %s\n", err->text);
	return (int)status;
}

static enum exit_status main_run(const struct command *command, char **argv, struct err *err)
{
	struct options options = {0};
	enum exit_status status = EXIT_USAGE;
	if (!options_parse(command, argv, &options, err))
		status = err->status;
	else if (options.help)
		status = command_help(
			&(struct options){.words = &command->name, .word_count = 1}, err);
	else
		status = command->run(&options, err);
	options_close(&options);
	return status;
}

int main(int argc, char **argv)
{
	struct err err = {0};
	const struct command *command;
	const char *name = argc > 1 ? argv[1] : "help";
	enum exit_status status;
	setlocale(LC_CTYPE, "");
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		name = "version";
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	command = command_find(name);
	if (!command) {
		err_set(&err, EXIT_USAGE,
			"there is no command '%s': `wireladder help` lists them", name);
		return main_fail(&err, err.status);
	}
	status =
		main_run(command, argc > 1 ? argv + 1 : argv, &err);
	if (status == EXIT_DONE && fflush(stdout) != 0)
		status = EXIT_OUTPUT;
	return main_fail(&err, status);
}
