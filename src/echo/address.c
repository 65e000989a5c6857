#include "address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void address_host(const struct address *a, char *host, size_t size)
{
	if (getnameinfo(&a->any, a->len, host, (socklen_t)size, NULL, 0, NI_NUMERICHOST) != 0)
		snprintf(host, size, "?");
}

void address_text(const struct address *a, char text[static ADDRESS_TEXT_SIZE])
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
	address_host(a, host, sizeof host);
	snprintf(text, ADDRESS_TEXT_SIZE, a->any.sa_family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 host, address_port(a));
}

void address_words(const struct address *a, char text[static ADDRESS_TEXT_SIZE])
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
	address_host(a, host, sizeof host);
	snprintf(text, ADDRESS_TEXT_SIZE, "%s port %u", host, address_port(a));
}

/* sin_port and sin6_port lie at the same place; writing that out costs less than a surprise. */
uint16_t address_port(const struct address *a)
{
	return ntohs(a->any.sa_family == AF_INET6 ? a->v6.sin6_port : a->v4.sin_port);
}

void address_set_port(struct address *a, uint16_t port)
{
	if (a->any.sa_family == AF_INET6)
		a->v6.sin6_port = htons(port);
	else
		a->v4.sin_port = htons(port);
}

bool address_same(const struct address *a, const struct address *b)
{
	if (a->any.sa_family != b->any.sa_family || address_port(a) != address_port(b))
		return false;
	if (a->any.sa_family == AF_INET)
		return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	return memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) == 0 &&
	       a->v6.sin6_scope_id == b->v6.sin6_scope_id;
}

const char *address_family_name(const struct address *a)
{
	return a->any.sa_family == AF_INET6 ? "IPv6" : "IPv4";
}

static void address_list_fill(struct address_list *list, const struct addrinfo *found)
{
	for (; found && list->count < ARRAY_COUNT(list->at); found = found->ai_next) {
		struct address *a = &list->at[list->count];
		if (found->ai_addrlen > sizeof(struct sockaddr_in6))
			continue;
		*a = (struct address){.len = found->ai_addrlen};
		memcpy(&a->any, found->ai_addr, found->ai_addrlen);
		list->count++;
	}
}

/* getaddrinfo would take 70000 for 4464 without a word, so numbers are read here. */
bool port_parse(const char *text, bool udp, uint16_t *port, struct err *err)
{
	struct addrinfo hints = {.ai_family = AF_INET}, *found = NULL;
	struct address_list list = {.count = 0};
	char *end = NULL;
	hints.ai_socktype = udp ? SOCK_DGRAM : SOCK_STREAM;
	if (text[0] >= '0' && text[0] <= '9') {
		unsigned long number = strtoul(text, &end, 10);
		*port = (uint16_t)number;
		if (*end == '\0' && number <= UINT16_MAX)
			return true;
	} else if (text[0] && getaddrinfo(NULL, text, &hints, &found) == 0) {
		address_list_fill(&list, found);
		freeaddrinfo(found);
		*port = list.count ? address_port(&list.at[0]) : 0;
		return true;
	}
	return err_set(err, EXIT_USAGE,
		       "\"%.60s\" is no port: give a number from 0 to 65535, or a name from "
		       "/etc/services",
		       text);
}

bool address_list_bind(struct address_list *list, const char *host, struct err *err)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	list->count = 0;
	if (!host) {
		list->at[0] = (struct address){.len = sizeof(struct sockaddr_in6)};
		list->at[0].v6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
		list->at[1] = (struct address){.len = sizeof(struct sockaddr_in)};
		list->at[1].v4 = (struct sockaddr_in){.sin_family = AF_INET};
		list->count = 2;
		return true;
	}
	hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE; /* a server looks no names up */
	if (!host[0] || getaddrinfo(host, NULL, &hints, &found) != 0)
		return err_set(err, EXIT_USAGE,
			       "\"%.100s\" is no address to serve on: give one of this "
			       "machine's, such as 127.0.0.1 or ::1",
			       host);
	address_list_fill(list, found);
	freeaddrinfo(found);
	list->count = 1;
	return true;
}

static bool lookup_fail(const struct echo_client_config *config, int code, struct err *err)
{
	if (config->family && code != EAI_AGAIN)
		return err_set(err, EXIT_USAGE,
			       "no IPv%d address is known for \"%.100s\": check the spelling, "
			       "or leave out -%d",
			       config->family, config->host, config->family);
	if (code == EAI_NONAME)
		return err_set(err, EXIT_USAGE,
			       "no host is called \"%.100s\": check the spelling, or give its "
			       "address",
			       config->host);
	if (code == EAI_AGAIN)
		return err_set(err, EXIT_PERMISSION,
			       "the name servers do not answer for \"%.100s\": check the "
			       "spelling and the network, or give its address",
			       config->host);
	return err_set(err, EXIT_USAGE, "cannot look up \"%.100s\" (%s): check the spelling",
		       config->host, gai_strerror(code));
}

bool address_list_lookup(struct address_list *list, const struct echo_client_config *config,
			 struct err *err)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC}, *found = NULL;
	uint16_t port = 0;
	int code;
	list->count = 0;
	hints.ai_socktype = config->udp ? SOCK_DGRAM : SOCK_STREAM;
	if (config->family)
		hints.ai_family = config->family == 6 ? AF_INET6 : AF_INET;
	if (!port_parse(config->port, config->udp, &port, err))
		return false;
	if (port == 0)
		return err_set(err, EXIT_USAGE,
			       "nobody can be reached on port 0: give the server's port");
	/* An empty name would mean this machine to getaddrinfo; nobody types it on purpose. */
	code = config->host[0] ? getaddrinfo(config->host, NULL, &hints, &found) : EAI_NONAME;
	if (code != 0)
		return lookup_fail(config, code, err);
	address_list_fill(list, found);
	freeaddrinfo(found);
	for (unsigned i = 0; i < list->count; i++)
		address_set_port(&list->at[i], port);
	return list->count > 0 || lookup_fail(config, EAI_NONAME, err);
}
