#include "cli.h"

#include "wireladder/echo.h"

#include <signal.h>
#include <unistd.h>

enum exit_status command_client(struct options *options, struct err *err)
{
	struct echo_client_config config = {
		.input_fd = STDIN_FILENO,
		.output_fd = STDOUT_FILENO,
		.family = options->family,
		.wait_ns = options->wait_ns,
		.talk = {.say = talk_line, .context = options},
	};
	if (!proto_parse(options, &config.udp, err))
		return err->status;
	if (options->word_count < 3) {
		err_set(err, EXIT_USAGE,
			"host or port is missing: `wireladder client %s HOST PORT "
			"[TEXT…]`",
			options->words[0]);
		return err->status;
	}
	config.host = options->words[1];
	config.port = options->words[2];
	config.texts = options->words + 3;
	config.text_count = options->word_count - 3;
	/* Ctrl-C ends it as it ends any filter; a closed pipe is a failed write, told once. */
	signal(SIGPIPE, SIG_IGN);
	return echo_client(&config, err) ? EXIT_DONE : err->status;
}
