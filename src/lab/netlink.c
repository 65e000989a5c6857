#include "netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool netlink_open(struct netlink *nl)
{
	*nl = (struct netlink){.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
					    NETLINK_ROUTE)};
	return nl->fd >= 0;
}

void netlink_close(struct netlink *nl)
{
	if (nl->fd >= 0)
		close(nl->fd);
	nl->fd = -1;
}

/* Appended and padded to 4 bytes, as everything there is. */
void netlink_raw(struct netlink *nl, const void *bytes, size_t count)
{
	size_t padded = (count + 3) & ~(size_t)3;
	if (nl->overflow || padded > sizeof(nl->bytes) - nl->used) {
		nl->overflow = true;
		return;
	}
	memset(nl->bytes + nl->used, 0, padded);
	if (count > 0)
		memcpy(nl->bytes + nl->used, bytes, count);
	nl->used += padded;
}

void netlink_begin(struct netlink *nl, const struct netlink_request *request)
{
	struct nlmsghdr header = {.nlmsg_type = request->type, .nlmsg_seq = ++nl->serial};
	header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | request->flags);
	nl->used = 0;
	nl->overflow = false;
	netlink_raw(nl, &header, sizeof(header));
	netlink_raw(nl, request->header, request->header_bytes);
}

void netlink_put(struct netlink *nl, uint16_t type, const void *value, size_t count)
{
	struct rtattr attribute = {.rta_type = type};
	attribute.rta_len = (uint16_t)(sizeof(attribute) + count);
	netlink_raw(nl, &attribute, sizeof(attribute));
	netlink_raw(nl, value, count);
}

void netlink_put_u32(struct netlink *nl, uint16_t type, uint32_t value)
{
	netlink_put(nl, type, &value, sizeof(value));
}

size_t netlink_nest(struct netlink *nl, uint16_t type)
{
	size_t nest = nl->used;
	netlink_put(nl, type, NULL, 0);
	return nest;
}

void netlink_nest_end(struct netlink *nl, size_t nest)
{
	uint16_t length = (uint16_t)(nl->used - nest);
	if (!nl->overflow)
		memcpy(nl->bytes + nest, &length, sizeof(length)); /* rta_len comes first */
}

/* The answer to this very request; answers to older ones are passed over. */
static bool netlink_answer(struct netlink *nl)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		uint8_t rest[NETLINK_BYTES];
	} answer;
	ssize_t got;
	do {
		got = recv(nl->fd, &answer, sizeof(answer), 0);
		if (got < 0 && errno != EINTR)
			return false;
	} while (got < (ssize_t)(sizeof(answer.header) + sizeof(answer.error.error)) ||
		 answer.header.nlmsg_type != NLMSG_ERROR ||
		 answer.header.nlmsg_seq != nl->serial);
	errno = -answer.error.error;
	return answer.error.error == 0;
}

bool netlink_do(struct netlink *nl)
{
	uint32_t length = (uint32_t)nl->used;
	if (nl->overflow) {
		errno = EMSGSIZE;
		return false;
	}
	memcpy(nl->bytes, &length, sizeof(length)); /* nlmsg_len comes first */
	return send(nl->fd, nl->bytes, nl->used, 0) == (ssize_t)nl->used && netlink_answer(nl);
}
