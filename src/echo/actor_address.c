#include "actor.h"

#include <string.h>

enum { HOST_TEXT = 80 };

struct address_words {        /* "[fd77::9]:7" in its parts */
	char host[HOST_TEXT]; /* "": every address */
	const char *port;
};

/* In brackets or without a colon: where a bare IPv6 address ends nobody could tell. */
static bool address_split(const char *text, struct address_words *words)
{
	const char *colon = strrchr(text, ':');
	size_t count = colon ? (size_t)(colon - text) : 0;
	bool brackets = count >= 2 && text[0] == '[' && text[count - 1] == ']';
	words->port = colon ? colon + 1 : text;
	words->host[0] = '\0';
	if (!colon)
		return true;
	if (brackets) {
		text++;
		count -= 2;
	}
	if (count == 0 || count >= sizeof(words->host))
		return false;
	memcpy(words->host, text, count);
	words->host[count] = '\0';
	return brackets || !strchr(words->host, ':');
}

/* What the words server and client stand for; another host is itself. */
static const char *address_of_host(const struct actor_config *config, int family,
				   const char *host)
{
	static const char *const names[END_COUNT] = {"client", "server"};
	static const struct words words = {names, END_COUNT};
	size_t end;
	if (!words_find(&words, host, &end))
		return host;
	return family == AF_INET6 ? config->addrs6[end] : config->addrs4[end];
}

bool actor_address(struct actor *a, int family, const char *text, struct address *address)
{
	struct address_words words = {.host = ""};
	struct address_list list;
	const char *host = NULL;
	uint16_t port = 0;
	bool ok = text && address_split(text, &words) &&
		  port_parse(words.port, false, &port, NULL);
	if (ok && words.host[0]) {
		host = address_of_host(a->config, family, words.host);
		if (!host) {
			actor_tell(a, EXIT_USAGE, "the %s has no %s address here", words.host,
				   family == AF_INET6 ? "IPv6" : "IPv4");
			return false;
		}
	}
	if (!ok || !address_list_bind(&list, host, NULL)) {
		actor_tell(a, EXIT_USAGE,
			   "\"%.60s\" is no address: write \"server:7777\", \"10.77.0.9:7\", "
			   "\"[fd77::9]:7\", or to bind \"7777\"",
			   text ? text : "");
		return false;
	}
	*address = list.at[!host && family == AF_INET ? 1 : 0]; /* :: stands before 0.0.0.0 */
	address_set_port(address, port);
	return true;
}
