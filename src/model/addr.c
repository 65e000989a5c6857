#include "wireladder/model.h"

#include <arpa/inet.h>
#include <string.h>

void addr_text(const struct addr *addr, char text[static ADDR_TEXT])
{
	int family = addr->family == 6 ? AF_INET6 : AF_INET;
	text[0] = '\0';
	if (addr->family)
		inet_ntop(family, addr->bytes, text, ADDR_TEXT);
}

bool addr_is_loopback(const struct addr *addr)
{
	static const uint8_t one[16] = {[15] = 1};
	if (addr->family == 4)
		return addr->bytes[0] == 127; /* RFC 1122 3.2.1.3 (g) */
	return addr->family == 6 && memcmp(addr->bytes, one, sizeof(one)) == 0;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}
