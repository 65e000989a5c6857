/* score: are the verdicts right? Wires that are made by chance, and the lessons of the shelf,
 * against what the wire and the kernels wrote down. */
#include "score_print.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define RUNS_DEFAULT 300
#define RUNS_SHORT   16
#define RUNS_MOST    100000
#define SEED_DEFAULT 1

/* Thousandths: of all events right, of all wrong at most. */
static const struct goal {
	enum score_vantage vantage;
	uint64_t right, wrong;
} goals[] = {
	{SCORE_SENDER, 990, 10},
	{SCORE_RECEIVER, 950, 5},
	{SCORE_BOTH, 990, 10},
};
#define GOAL_NEEDED   990
#define GOAL_DUP_ACKS 950

static bool goal_met(uint64_t part, uint64_t of, uint64_t thousandths)
{
	return part * 1000 >= of * thousandths;
}

static bool score_goals(const struct score_total *total, struct err *err)
{
	uint64_t of, right = score_needed_right(&total->tables[SCORE_BOTH], &of);
	for (size_t i = 0; i < ARRAY_COUNT(goals); i++) {
		const struct goal *goal = &goals[i];
		struct score_sum sum = score_sum(&total->tables[goal->vantage]);
		if (!goal_met(sum.right + sum.named, sum.events, goal->right) ||
		    sum.wrong * 1000 > sum.events * goal->wrong)
			return err_set(err, EXIT_EXPECTATION,
				       "score: from the vantage %s fewer causes are right, or "
				       "more are wrong, than promised (%u.%u %% right, at most "
				       "%u.%u %% wrong)",
				       score_vantages[goal->vantage],
				       (unsigned)goal->right / 10, (unsigned)goal->right % 10,
				       (unsigned)goal->wrong / 10, (unsigned)goal->wrong % 10);
	}
	if (!goal_met(right, of, GOAL_NEEDED))
		return err_set(err, EXIT_EXPECTATION,
			       "score: whether a retransmission was needed is right less often "
			       "than 99 %%");
	if (!goal_met(total->runs_within, total->acked_runs, GOAL_DUP_ACKS))
		return err_set(err, EXIT_EXPECTATION,
			       "score: in fewer than 95 %% of the runs the duplicate ACKs are "
			       "within 1 of what the kernels counted");
	return total->explained == total->hosts[0] + total->hosts[1] ||
	       err_set(err, EXIT_EXPECTATION,
		       "score: a host sent other duplicate ACKs than its kernel counted, and "
		       "nothing explains it");
}

static enum exit_status score_report(const struct score_config *config, struct err *err)
{
	struct score_total *total = calloc(1, sizeof(*total));
	bool done = total != NULL || err_memory(err);
	for (size_t i = 0; done && i < config->count; i++) {
		if (config->runs[i].done || config->runs[i].dropped[0])
			score_total_add(total, &config->runs[i]);
	}
	if (done) {
		total->config = config;
		score_print(total, stdout);
	}
	for (size_t i = 0; done && i < config->options->output_count; i++)
		done = score_write(total, config->options->outputs[i], err);
	done = done && (signals_stop() || score_goals(total, err));
	free(total);
	return done ? EXIT_DONE : err->status;
}

/* Random wires first, then the shelf. */
static void score_plan(const struct score_config *config, size_t random)
{
	size_t count;
	const struct shelf_lesson *shelf = lesson_shelf(&count);
	for (size_t i = 0; i < config->count; i++) {
		config->runs[i].seed = config->options->seed + i;
		if (i >= random)
			snprintf(config->runs[i].lesson, sizeof(config->runs[i].lesson), "%s",
				 shelf[i - random].name);
	}
}

static bool tshark_is_there(void)
{
	int status = system("command -v tshark >/dev/null 2>&1");
	return status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* They are a second witness: without them there is still the first. */
static struct stacks *score_stacks_open(struct options *options)
{
	struct err refused = {0};
	struct stacks *stacks = options->stacks ? stacks_open(&refused) : NULL;
	if (refused.text[0])
		say(options, "score: %s; it goes on without", refused.text);
	return stacks;
}

enum exit_status command_score(struct options *options, struct err *err)
{
	size_t random = options->brief ? RUNS_SHORT : RUNS_DEFAULT, shelf = 0, bytes;
	struct score_config config = {.options = options};
	enum exit_status status;
	if (options->word_count > 0 || options->runs > RUNS_MOST) {
		err_set(err, EXIT_USAGE,
			"`wireladder score` takes options only, and at most %d runs: see "
			"`wireladder help score`", RUNS_MOST);
		return err->status;
	}
	if (options->runs_set)
		random = (size_t)options->runs;
	if (options->list || !(options->runs_set || options->brief))
		lesson_shelf(&shelf);
	if (random + shelf == 0) {
		err_set(err, EXIT_USAGE,
			"--runs 0 leaves nothing to run: give a number from 1 on, or --lessons "
			"for the shelf alone");
		return err->status;
	}
	if (!options->seed_set)
		options->seed = SEED_DEFAULT;
	options->tshark = !options->no_tshark && !options->brief && tshark_is_there();
	config.count = random + shelf;
	bytes = (config.count + 1) * sizeof(*config.runs);
	config.runs = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (config.runs == MAP_FAILED) {
		err_memory(err);
		return err->status;
	}
	signals_catch();
	score_plan(&config, random);
	config.stacks = score_stacks_open(options);
	status = score_runs_make(&config, err) ? score_report(&config, err) : err->status;
	stacks_close(config.stacks);
	munmap(config.runs, bytes);
	return status;
}
