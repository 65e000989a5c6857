/* Inside the reader of lessons. lesson.c reads a file from top to bottom and asks the others
 * for its parts; whoever finds a mistake says it with reading_mistake and gives up at once. */
#ifndef WIRELADDER_LAB_LESSON_READER_H
#define WIRELADDER_LAB_LESSON_READER_H

#include <cjson/cJSON.h>

#include "wireladder/base_words.h"
#include "wireladder/lab.h"

/* How much a lesson may hold; one thing more is a mistake, told with its line. */
#define LESSON_BYTES      (256 * 1024)
#define LESSON_TEXT       8192
#define LESSON_NAME       64
#define LESSON_CITES      16
#define LESSON_SYSCTLS    64 /* of a host */
#define LESSON_PROGRAMS   64
#define LESSON_STEPS      1024 /* of a program */
#define LESSON_RULES      64
#define LESSON_EXPECTS    64
#define LESSON_QUESTIONS  32
#define LESSON_SEND_BYTES (64 << 20)
#define LESSON_REPEAT     1000000
#define LESSON_WAIT_MS    600000

/* arena: what is given lives until all of it is freed; zeroed; NULL when memory is out */
struct arena {
	struct arena_block *blocks;
	size_t left;
};

void *arena_take(struct arena *arena, size_t count, size_t size);
const char *arena_text(struct arena *arena, const char *text);
void arena_close(struct arena *arena);

/* lines: where each value of the file stands; cJSON does not say */
struct lines {
	struct line_of {
		const cJSON *node;
		unsigned line; /* of its key, if it has one */
	} *at;
	size_t count;
};

/* The text is that from which cJSON made the tree. */
bool lines_open(struct lines *lines, const cJSON *root, struct cursor text);
unsigned lines_find(const struct lines *lines, const cJSON *node);
unsigned lines_count(const uint8_t *from, const uint8_t *to); /* the line of *to */
void lines_close(struct lines *lines);

/* reading: one lesson being read */
struct reading {
	const char *file; /* as sentences call it */
	struct lines lines;
	struct arena *arena;
	struct err *err;
};

/* These return false. The node tells the line. */
bool reading_mistake(const struct reading *r, const cJSON *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool reading_unknown(const struct reading *r, const cJSON *node, const char *what,
		     const char *word, const struct words *known);
bool reading_memory(const struct reading *r);

/* An object with keys of a closed list: slots[i] is the value of keys[i], or NULL. */
struct form {
	const char *what; /* "a wire rule" */
	struct words keys;
	uint32_t required; /* 1 << index */
};

bool reading_object(const struct reading *r, const cJSON *node, const struct form *form,
		    const cJSON **slots);

/* Each reads a value into *out. No node (the key was not there): *out stays as it is. */
struct range {
	int64_t least, most;
};

bool reading_text(const struct reading *r, const cJSON *node, size_t longest,
		  const char **out);
bool reading_number(const struct reading *r, const cJSON *node, struct range range,
		    int64_t *out);
/* One number, which is both; [first, last]; or [first], and the last stays as it is. */
bool reading_numbers(const struct reading *r, const cJSON *node, struct range range,
		     int64_t out[static 2]);
/* Milliseconds, not only whole ones. */
bool reading_ms(const struct reading *r, const cJSON *node, uint64_t *ns);
bool reading_word(const struct reading *r, const cJSON *node, const struct words *words,
		  size_t *index);
bool reading_flag(const struct reading *r, const cJSON *node, bool *out);
/* How many items a list has; range: how many it may have. */
bool reading_list(const struct reading *r, const cJSON *node, struct range range,
		  size_t *count);

/* The parts of a lesson, each in its file. */
bool lesson_links(struct reading *r, const cJSON *node, struct lesson *lesson);
bool lesson_hosts(struct reading *r, const cJSON *node, struct lesson *lesson);
bool lesson_programs(struct reading *r, const cJSON *node, struct lesson *lesson);
bool lesson_step(struct reading *r, const cJSON *node, struct step *step);
/* A step's ["TCP_NODELAY", 1]: a text, and a text or a number. */
bool lesson_option(struct reading *r, const cJSON *name, const cJSON *value);
/* Whether a step of this kind works on a socket. */
bool step_needs_socket(enum step_kind kind);
bool lesson_rules(struct reading *r, const cJSON *node, struct lesson *lesson);
/* The rule in words, as ladders and expectations call it: "drop data 5, copy 2". */
const char *rule_text(struct arena *arena, const struct wire_rule *rule);
bool lesson_expects(struct reading *r, const cJSON *node, struct lesson *lesson);
/* A lesson from its text. The file is what sentences call it. */
struct lesson *lesson_read(const char *name, const char *file, struct cursor text,
			   struct err *err);

extern const char *const lesson_ends[END_COUNT];

#endif
