/* The same captures, as tshark calls their frames. */
#include "score_judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const tshark_words[TSHARK_COUNT] = {
#define X(name, word) word,
	TSHARK_LIST(X)
#undef X
	"nothing",
};

/* The first word of the list that it has. Its lines are "12,,1,,,1". */
static enum tshark_word line_word(const char *line, uint64_t *frame)
{
	char *at;
	*frame = strtoull(line, &at, 10);
	for (unsigned word = 0; word < TSHARK_NONE && *at == ','; word++) {
		if (*++at != ',' && *at != '\n' && *at != '\0')
			return (enum tshark_word)word;
	}
	return TSHARK_NONE;
}

static void tap_line(struct score_run *score, const struct score_truth *truth, enum end tap,
		     const char *line)
{
	uint64_t number;
	enum tshark_word word = line_word(line, &number);
	const struct score_frame *frame;
	if (number == 0 || number > truth->count[tap])
		return;
	frame = &truth->frames[tap][number - 1];
	if (frame->is < SCORE_TRUTHS)
		score->peers[frame->departs ? SCORE_SENDER : SCORE_RECEIVER][frame->is][word]++;
}

/* The capture may be a file of this process alone: tshark finds it through /proc. */
static void tap_command(const struct lab_run *run, enum end tap, struct buf *command)
{
	static const char own[] = "/proc/self/";
	const char *path = run->paths[tap];
	bool memory = strncmp(path, own, sizeof(own) - 1) == 0;
	buf_printf(command, "exec tshark -n -E separator=, -T fields -e frame.number");
	for (size_t i = 0; i < TSHARK_NONE; i++)
		buf_printf(command, " -e tcp.analysis.%s", tshark_words[i]);
	if (memory)
		buf_printf(command, " -r /proc/%d/%s", (int)getpid(), path + sizeof(own) - 1);
	else
		buf_printf(command, " -r '%s'", path);
	buf_printf(command, " 2>/dev/null");
	buf_add(command, "", 1);
}

static bool tap_ask(struct score_run *score, const struct lab_run *run,
		    const struct score_truth *truth, enum end tap)
{
	struct buf command = {0};
	char line[256];
	FILE *answers;
	tap_command(run, tap, &command);
	answers = command.failed ? NULL : popen(command.at, "r");
	buf_close(&command);
	if (!answers)
		return false;
	while (fgets(line, sizeof(line), answers))
		tap_line(score, truth, tap, line);
	return pclose(answers) == 0;
}

bool score_tshark(struct score_run *score, const struct lab_run *run,
		  const struct score_truth *truth)
{
	return tap_ask(score, run, truth, END_CLIENT) && tap_ask(score, run, truth, END_SERVER);
}
