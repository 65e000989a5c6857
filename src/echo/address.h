/* Socket addresses, IPv4 and IPv6 alike: as text, by name, and the port in words. */
#ifndef ECHO_ADDRESS_H
#define ECHO_ADDRESS_H

#include "wireladder/echo.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum { ADDRESS_TEXT_SIZE = 96 };

struct address {
	socklen_t len; /* of the member in use */
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
};

/* A list of addresses that one name stands for, in the order in which to try them. */
struct address_list {
	struct address at[16]; /* a name with more of them is tried no further */
	unsigned count;
};

/* [::1]:7777 and 127.0.0.1:7777; and as words, ::1 port 7777 */
void address_text(const struct address *a, char text[static ADDRESS_TEXT_SIZE]);
void address_words(const struct address *a, char text[static ADDRESS_TEXT_SIZE]);
uint16_t address_port(const struct address *a);
void address_set_port(struct address *a, uint16_t port);
bool address_same(const struct address *a, const struct address *b);
const char *address_family_name(const struct address *a); /* IPv4 or IPv6 */

/* A number up to 65535, or a service name (RFC 6335) that this machine knows. */
bool port_parse(const char *text, bool udp, uint16_t *port, struct err *err);
/* Every address of a server's host: one that is written out, or (NULL) :: and 0.0.0.0. */
bool address_list_bind(struct address_list *list, const char *host, struct err *err);
/* Every address of a client's server: may ask the network's name servers. */
bool address_list_lookup(struct address_list *list, const struct echo_client_config *config,
			 struct err *err);

#endif
