/* What lies under the programs: the link each way, and settings of the hosts' kernels. */
#include "lesson.h"

#include <stdio.h>
#include <string.h>

enum link_key { LINK_DELAY, LINK_RATE, LINK_QUEUE, LINK_MTU, LINK_STALL, LINK_COUNT };
static const char *const link_keys[LINK_COUNT] = {"delay_ms", "rate_kbit", "queue", "mtu",
						  "stall"};
static const struct form link_form = {"a link", {link_keys, LINK_COUNT}, 0};
static const char *const way_keys[END_COUNT] = {"to_client", "to_server"};
static const struct form way_form = {"a link for each way", {way_keys, END_COUNT}, 0};
static const char *const stall_keys[] = {"after_ms", "for_ms"};
static const struct form stall_form = {"a stall", {stall_keys, 2}, 3};

#define BITS_PER_KBIT 1000

static bool link_stall(struct reading *r, const cJSON *node, struct link_config *link)
{
	const cJSON *slots[2];
	if (!node)
		return true;
	return reading_object(r, node, &stall_form, slots) &&
	       reading_ms(r, slots[0], &link->stall_from_ns) &&
	       reading_ms(r, slots[1], &link->stall_ns);
}

static bool link_read(struct reading *r, const cJSON *node, struct link_config *link)
{
	const cJSON *slots[LINK_COUNT];
	int64_t rate_kbit = 0, queue = 0, mtu = 0;
	if (!node)
		return true;
	if (!reading_object(r, node, &link_form, slots) ||
	    !reading_ms(r, slots[LINK_DELAY], &link->delay_ns) ||
	    !reading_number(r, slots[LINK_RATE], (struct range){1, 10000000}, &rate_kbit) ||
	    !reading_number(r, slots[LINK_QUEUE], (struct range){1, 65535}, &queue) ||
	    !reading_number(r, slots[LINK_MTU], (struct range){576, 1500}, &mtu) ||
	    !link_stall(r, slots[LINK_STALL], link))
		return false;
	link->rate_bits_per_s = (uint64_t)rate_kbit * BITS_PER_KBIT;
	link->queue_packets = (uint32_t)queue;
	link->mtu = (uint32_t)mtu;
	return true;
}

bool lesson_links(struct reading *r, const cJSON *node, struct lesson *lesson)
{
	const cJSON *slots[END_COUNT] = {node, node};
	if (node && (cJSON_GetObjectItemCaseSensitive(node, way_keys[END_CLIENT]) ||
		     cJSON_GetObjectItemCaseSensitive(node, way_keys[END_SERVER]))) {
		if (!reading_object(r, node, &way_form, slots))
			return false;
	}
	return link_read(r, slots[END_CLIENT], &lesson->link[END_CLIENT]) &&
	       link_read(r, slots[END_SERVER], &lesson->link[END_SERVER]);
}

enum { HOST_BOTH = END_COUNT, HOST_KEYS };
static const char *const host_keys[HOST_KEYS] = {"client", "server", "both"};
static const struct form host_form = {"the hosts", {host_keys, HOST_KEYS}, 0};

/* The name becomes a path below /proc/sys: nothing in it may lead elsewhere. */
static bool sysctl_is_good(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
	return strncmp(name, "net.", 4) == 0 && name[strspn(name, letters)] == '\0' &&
	       !strstr(name, "..") && strlen(name) <= LESSON_NAME;
}

static bool host_setting(struct reading *r, const cJSON *node, struct setting *setting)
{
	char number[24];
	int64_t value = 0;
	if (!sysctl_is_good(node->string))
		return reading_mistake(r, node,
				       "\"%.60s\" is no setting of the network; one is "
				       "written \"net.ipv4.tcp_sack\": \"0\"",
				       node->string);
	setting->name = arena_text(r->arena, node->string);
	setting->line = lines_find(&r->lines, node);
	if (cJSON_IsNumber(node)) {
		if (!reading_number(r, node, (struct range){INT32_MIN, INT32_MAX}, &value))
			return false;
		snprintf(number, sizeof(number), "%lld", (long long)value);
		setting->value = arena_text(r->arena, number);
	} else if (!reading_text(r, node, LESSON_NAME, &setting->value)) {
		return false;
	}
	return (setting->name && setting->value) || reading_memory(r);
}

/* First what both hosts have, then the host's own, which so has the last word. */
static bool host_read(struct reading *r, const cJSON *const nodes[static 2],
		      struct host_config *host)
{
	struct setting *settings = arena_take(r->arena, 2 * LESSON_SYSCTLS, sizeof(*settings));
	if (!settings)
		return reading_memory(r);
	host->sysctls = settings;
	for (size_t i = 0; i < 2; i++) {
		const cJSON *item;
		if (nodes[i] && (!cJSON_IsObject(nodes[i]) ||
				 cJSON_GetArraySize(nodes[i]) > LESSON_SYSCTLS))
			return reading_mistake(r, nodes[i], "\"%s\" holds settings in braces, "
					       "{\"net.ipv4.tcp_sack\": \"0\"}, at most %d",
					       nodes[i]->string, LESSON_SYSCTLS);
		cJSON_ArrayForEach(item, nodes[i])
		{
			if (!host_setting(r, item, &settings[host->sysctl_count++]))
				return false;
		}
	}
	return true;
}

bool lesson_hosts(struct reading *r, const cJSON *node, struct lesson *lesson)
{
	const cJSON *slots[HOST_KEYS];
	if (!node)
		return true;
	if (!reading_object(r, node, &host_form, slots))
		return false;
	for (size_t end = 0; end < END_COUNT; end++) {
		const cJSON *nodes[2] = {slots[HOST_BOTH], slots[end]};
		if (!host_read(r, nodes, &lesson->hosts[end]))
			return false;
	}
	return true;
}
