/* The two records of which there is one: meta and summary, built as trees of cJSON.
 *
 * Theory of operation. A tree costs kilobytes and microseconds, which is nothing once and too
 * much per packet. cJSON keeps numbers as doubles, so every number goes in as ready text. It
 * promises neither valid UTF-8 nor an escaped '<' for the strings it prints; json_printed mends
 * both. Any call may fail for want of memory: that is remembered in the tree and asked once. */
#include "record.h"

#include "wireladder/model_lesson.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct tree {
	cJSON *root;
	bool failed;
};

/* Gives the item to its parent (keys are literals) or, without a key, appends it to a list. */
static cJSON *tree_put(struct tree *tree, cJSON *parent, const char *key, cJSON *item)
{
	bool put = item && parent &&
		   (key ? cJSON_AddItemToObjectCS(parent, key, item) :
			  cJSON_AddItemToArray(parent, item));
	if (put)
		return item;
	cJSON_Delete(item);
	tree->failed = true;
	return NULL;
}

static cJSON *tree_object(struct tree *tree, cJSON *parent, const char *key)
{
	return tree_put(tree, parent, key, cJSON_CreateObject());
}

static void tree_number(struct tree *tree, cJSON *parent, const char *key, uint64_t value)
{
	char digits[24];
	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	tree_put(tree, parent, key, cJSON_CreateRaw(digits));
}

static void tree_count(struct tree *tree, cJSON *parent, const char *key, uint64_t value)
{
	if (value) /* the rule of defaults */
		tree_number(tree, parent, key, value);
}

static void tree_text(struct tree *tree, cJSON *parent, const char *key, const char *text)
{
	if (text && text[0])
		tree_put(tree, parent, key, cJSON_CreateString(text));
}

/* Lets go of objects and lists that stayed empty, again by the rule of defaults. */
static void tree_prune(cJSON *parent)
{
	cJSON *next;
	for (cJSON *item = parent ? parent->child : NULL; item; item = next) {
		next = item->next;
		if ((cJSON_IsObject(item) || cJSON_IsArray(item)) && !item->child)
			cJSON_Delete(cJSON_DetachItemViaPointer(parent, item));
	}
}

static void tree_begin(struct tree *tree, const char *kind)
{
	*tree = (struct tree){.root = cJSON_CreateObject()};
	tree_text(tree, tree->root, "k", kind);
}

static void tree_end(struct tree *tree, struct buf *out)
{
	char *text;
	tree_prune(tree->root);
	text = tree->failed ? NULL : cJSON_PrintUnformatted(tree->root);
	if (text)
		json_printed(out, text);
	else
		out->failed = true;
	cJSON_free(text);
	cJSON_Delete(tree->root);
}

static void meta_source(struct tree *tree, const struct meta *meta)
{
	cJSON *source = tree_object(tree, tree->root, "source");
	cJSON *files;
	tree_text(tree, source, "kind", meta->source);
	tree_text(tree, source, "name", meta->name);
	files = tree_put(tree, source, "files", cJSON_CreateArray());
	for (size_t i = 0; i < meta->file_count; i++)
		tree_put(tree, files, NULL, cJSON_CreateString(meta->files[i]));
	tree_text(tree, source, "filter", meta->filter);
	tree_text(tree, source, "lesson", meta->lesson ? meta->lesson->name : NULL);
	if (meta->has_seed) /* 0 is a seed like any other */
		tree_number(tree, source, "seed", meta->seed);
	tree_prune(source);
}

static cJSON *tree_list(struct tree *tree, cJSON *parent, const char *key)
{
	return tree_put(tree, parent, key, cJSON_CreateArray());
}

/* One direction of the wire, as far as the lesson sets it. */
static void lesson_direction(struct tree *tree, cJSON *link, const char *key,
			     const struct link_config *config)
{
	cJSON *object = tree_object(tree, link, key);
	tree_count(tree, object, "delay_ns", config->delay_ns);
	tree_count(tree, object, "rate", config->rate_bits_per_s);
	tree_count(tree, object, "mtu", config->mtu);
	tree_count(tree, object, "queue", config->queue_packets);
	tree_count(tree, object, "stall_from_ns", config->stall_from_ns);
	tree_count(tree, object, "stall_ns", config->stall_ns);
}

/* What a lesson tells its reader; its programs and what must hold are the runner's business. */
static void meta_lesson(struct tree *tree, const struct lesson *lesson)
{
	cJSON *object = tree_object(tree, tree->root, "lesson"), *link, *list;
	tree_text(tree, object, "title", lesson->title);
	tree_text(tree, object, "story", lesson->story);
	tree_text(tree, object, "group", lesson->group);
	list = tree_list(tree, object, "cites");
	for (size_t i = 0; i < lesson->cite_count; i++)
		tree_text(tree, list, NULL, lesson->cites[i]);
	link = tree_object(tree, object, "link");
	lesson_direction(tree, link, "to_server", &lesson->link[END_SERVER]);
	lesson_direction(tree, link, "to_client", &lesson->link[END_CLIENT]);
	tree_prune(link);
	list = tree_list(tree, object, "rules");
	for (size_t i = 0; i < lesson->rule_count; i++)
		tree_text(tree, list, NULL, lesson->rules[i].text);
	list = tree_list(tree, object, "questions");
	for (size_t i = 0; i < lesson->question_count; i++) {
		cJSON *question = tree_object(tree, list, NULL);
		tree_text(tree, question, "ask", lesson->questions[i].ask);
		tree_text(tree, question, "answer", lesson->questions[i].answer);
	}
	tree_prune(list);
	tree_prune(object);
}

static void tree_signed(struct tree *tree, cJSON *parent, const char *key, int64_t value)
{
	char digits[24];
	snprintf(digits, sizeof(digits), "%" PRId64, value);
	tree_put(tree, parent, key, cJSON_CreateRaw(digits));
}

/* How the clock was set right. All three always: that it is right is something to say. */
static void meta_offset(struct tree *tree, cJSON *object, const struct vantage *vantage)
{
	cJSON *offset = tree_object(tree, object, "offset");
	int64_t ppb = vantage->drift_ppb, size = ppb < 0 ? -ppb : ppb;
	char ppm[32];
	snprintf(ppm, sizeof(ppm), "%s%" PRId64 ".%03" PRId64, ppb < 0 ? "-" : "", size / 1000,
		 size % 1000);
	tree_signed(tree, offset, "ns", vantage->offset_ns);
	tree_put(tree, offset, "ppm", cJSON_CreateRaw(ppm));
	tree_number(tree, offset, "uncertainty_ns", vantage->uncertainty_ns);
}

static void meta_vantages(struct tree *tree, const struct meta *meta)
{
	cJSON *vantages = tree_put(tree, tree->root, "vantages", cJSON_CreateArray());
	for (size_t i = 0; i < meta->vantage_count; i++) {
		const struct vantage *vantage = &meta->vantages[i];
		cJSON *object = tree_object(tree, vantages, NULL);
		char linktype[LINKTYPE_TEXT];
		linktype_text(vantage->linktype, linktype);
		tree_number(tree, object, "id", i);
		tree_text(tree, object, "name", vantage->name);
		tree_text(tree, object, "linktype", linktype);
		tree_count(tree, object, "snaplen", vantage->snaplen);
		tree_text(tree, object, "precision", vantage->nanoseconds ? "ns" : "us");
		if (vantage->aligned)
			meta_offset(tree, object, vantage);
	}
}

/* A name's addresses stand together where they are given one after another. */
static void meta_hosts(struct tree *tree, const struct meta *meta)
{
	cJSON *hosts = tree_put(tree, tree->root, "hosts", cJSON_CreateArray());
	cJSON *addrs = NULL;
	for (size_t i = 0; i < meta->host_count; i++) {
		const struct host *host = &meta->hosts[i];
		char text[ADDR_TEXT];
		if (i == 0 || strcmp(host->name, meta->hosts[i - 1].name) != 0) {
			cJSON *object = tree_object(tree, hosts, NULL);
			tree_text(tree, object, "name", host->name);
			if (host->tapped)
				tree_number(tree, object, "vantage", host->vantage);
			addrs = tree_put(tree, object, "addrs", cJSON_CreateArray());
		}
		addr_text(&host->addr, text);
		tree_put(tree, addrs, NULL, cJSON_CreateString(text));
	}
}

static void meta_glossary(struct tree *tree)
{
	cJSON *object = tree_object(tree, tree->root, "glossary");
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		cJSON *entry = tree_object(tree, object, glossary[i].id);
		tree_text(tree, entry, "label", glossary[i].label);
		tree_text(tree, entry, "text", glossary[i].text);
		tree_text(tree, entry, "cite", glossary[i].cite);
	}
}

void record_meta(struct buf *out, const struct meta *meta)
{
	struct tree tree;
	char start[31], start_ns[24];
	tree_begin(&tree, "meta");
	tree_text(&tree, tree.root, "wireladder", WIRELADDER_VERSION);
	tree_number(&tree, tree.root, "format", 1);
	if (meta->has_start) {
		clock_rfc3339(meta->start_ns, start);
		snprintf(start_ns, sizeof(start_ns), "%" PRIu64, meta->start_ns);
		tree_text(&tree, tree.root, "start", start);
		tree_text(&tree, tree.root, "start_ns", start_ns);
	}
	meta_source(&tree, meta);
	if (meta->lesson)
		meta_lesson(&tree, meta->lesson);
	meta_vantages(&tree, meta);
	meta_hosts(&tree, meta);
	meta_glossary(&tree);
	tree_end(&tree, out);
}

static void summary_count(struct tree *tree, const char *key, const struct count *count)
{
	cJSON *object = tree_object(tree, tree->root, key);
	tree_count(tree, object, "packets", count->packets);
	tree_count(tree, object, "bytes", count->bytes);
}

static void summary_datagrams(struct tree *tree, const struct summary *summary)
{
	cJSON *object = tree_object(tree, tree->root, "datagrams");
	tree_count(tree, object, "joined", summary->joins.joined);
	tree_count(tree, object, "incomplete", summary->joins.incomplete);
	tree_count(tree, object, "timed_out", summary->joins.timed_out);
	tree_count(tree, object, "refused", summary->joins.refused);
	tree_count(tree, object, "evicted", summary->joins.evicted);
}

static void summary_unknown(struct tree *tree, const struct summary *summary)
{
	cJSON *list = tree_put(tree, tree->root, "unknown", cJSON_CreateArray());
	for (size_t i = 0; i < summary->unknown_count && i < UNKNOWN_KINDS; i++) {
		cJSON *object = tree_object(tree, list, NULL);
		struct buf what = {0};
		unknown_text(&summary->unknown[i], &what);
		buf_add(&what, "", 1);
		tree->failed |= what.failed;
		tree_text(tree, object, "what", what.failed ? NULL : what.at);
		tree_count(tree, object, "packets", summary->unknown[i].count.packets);
		tree_count(tree, object, "bytes", summary->unknown[i].count.bytes);
		buf_close(&what);
	}
}

static void summary_skipped(struct tree *tree, const struct summary *summary)
{
	cJSON *list = tree_put(tree, tree->root, "skipped", cJSON_CreateArray()), *all;
	uint64_t places = 0;
	for (size_t i = 0; i < summary->skipped_count; i++) {
		const struct skipped *skipped = &summary->skipped[i];
		cJSON *object = tree_object(tree, list, NULL);
		tree_number(tree, object, "at", skipped->at);
		tree_number(tree, object, "bytes", skipped->bytes);
		tree_text(tree, object, "why", skipped->why);
		places += skipped->bytes > 0;
	}
	if (summary->skipped_places <= places)
		return;
	all = tree_object(tree, tree->root, "skipped_all");
	tree_number(tree, all, "places", summary->skipped_places);
	tree_number(tree, all, "bytes", summary->skipped_bytes);
}

static void summary_words(struct tree *tree, const struct summary *summary)
{
	cJSON *verdicts = tree_object(tree, tree->root, "verdicts");
	cJSON *flaws = tree_object(tree, tree->root, "flaws");
	for (size_t i = 0; i < VERDICT_COUNT; i++)
		tree_count(tree, verdicts, glossary[i].id, summary->verdicts[i]);
	for (size_t i = 0; i < FLAW_COUNT; i++)
		tree_count(tree, flaws, flaw_words[i], summary->flaws[i]);
}

static void summary_dropped(struct tree *tree, const struct summary *summary)
{
	cJSON *dropped = tree_object(tree, tree->root, "dropped");
	tree_count(tree, dropped, "kernel", summary->dropped_kernel);
	tree_count(tree, dropped, "interface", summary->dropped_interface);
}

/* An object for each host; a counter that did not grow is left out, by the rule of defaults. */
static void summary_counters(struct tree *tree, const struct summary *summary)
{
	cJSON *hosts = tree_object(tree, tree->root, "counters"), *host = NULL;
	for (size_t i = 0; i < summary->counter_count; i++) {
		const struct kernel_counter *counter = &summary->counters[i];
		if (i == 0 || strcmp(counter->host, counter[-1].host) != 0)
			host = tree_object(tree, hosts, counter->host);
		if (counter->value)
			tree_signed(tree, host, counter->name, counter->value);
	}
	tree_prune(hosts);
}

static void summary_quality(struct tree *tree, const struct summary *summary)
{
	cJSON *list = tree_put(tree, tree->root, "quality", cJSON_CreateArray());
	struct buf sentences = {0};
	char *rest;
	quality_text(summary, &sentences);
	buf_add(&sentences, "", 1);
	tree->failed |= sentences.failed;
	rest = sentences.failed ? NULL : sentences.at;
	for (char *end; rest && (end = strchr(rest, '\n')); rest = end + 1) {
		*end = '\0';
		tree_put(tree, list, NULL, cJSON_CreateString(rest));
	}
	buf_close(&sentences);
}

void record_summary(struct buf *out, const struct summary *summary)
{
	struct tree tree;
	tree_begin(&tree, "summary");
	tree_number(&tree, tree.root, "packets", summary->all.packets);
	tree_number(&tree, tree.root, "bytes", summary->all.bytes);
	summary_count(&tree, "tcp", &summary->tcp);
	summary_count(&tree, "udp", &summary->udp);
	summary_count(&tree, "icmp", &summary->icmp);
	summary_count(&tree, "fragments", &summary->fragments);
	summary_datagrams(&tree, summary);
	summary_count(&tree, "other", &summary->other);
	summary_unknown(&tree, summary);
	tree_count(&tree, tree.root, "conversations", summary->conversations);
	summary_words(&tree, summary);
	summary_skipped(&tree, summary);
	summary_dropped(&tree, summary);
	if (summary->truncated)
		tree_put(&tree, tree.root, "truncated", cJSON_CreateTrue());
	tree_count(&tree, tree.root, "evicted", summary->evicted);
	tree_count(&tree, tree.root, "elapsed", summary->elapsed_ns);
	summary_counters(&tree, summary);
	summary_quality(&tree, summary);
	tree_end(&tree, out);
}
