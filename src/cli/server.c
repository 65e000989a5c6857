#include "cli.h"

#include "wireladder/echo.h"

#include <string.h>
#include <unistd.h>

void talk_line(void *context, const char *line)
{
	say(context, "%s", line);
}

bool proto_parse(const struct options *options, bool *udp, struct err *err)
{
	const char *proto = options->word_count ? options->words[0] : "";
	*udp = strcmp(proto, "udp") == 0;
	if (*udp || strcmp(proto, "tcp") == 0)
		return true;
	return err_set(err, EXIT_USAGE,
		       "the protocol comes first, tcp or udp, not '%s': for example "
		       "`wireladder server tcp 7777`",
		       proto);
}

enum exit_status command_server(struct options *options, struct err *err)
{
	struct echo_server_config config = {
		.host = options->host,
		.port = ECHO_PORT,
		.ready_fd = -1,
		.talk = {.say = talk_line, .context = options},
	};
	if (!proto_parse(options, &config.udp, err))
		return err->status;
	if (options->word_count > 2) {
		err_set(err, EXIT_USAGE,
			"'%s' is one word too many: `wireladder server %s [PORT]`",
			options->words[2], options->words[0]);
		return err->status;
	}
	if (options->word_count == 2)
		config.port = options->words[1];
	if (options->reply && !echo_reply_parse(options->reply, &config.reply)) {
		err_set(err, EXIT_USAGE, "--reply is echo, upper, thanks or chat, not '%s'",
			options->reply);
		return err->status;
	}
	signals_catch();
	config.stop_fd = signals_fd();
	return echo_server(&config, err) ? EXIT_DONE : err->status;
}
