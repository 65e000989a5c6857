#include "record.h"

/* ICMP for IPv4 (RFC 792 and IANA's list) and for IPv6 (RFC 4443, RFC 4861, RFC 3810). */
struct icmp_type {
	uint8_t family, type;
	const char *name;
};

static const struct icmp_type icmp_types[] = {
	{4, 0, "echo reply"},
	{4, 3, "destination unreachable"},
	{4, 4, "source quench"},
	{4, 5, "redirect"},
	{4, 8, "echo request"},
	{4, 9, "router advertisement"},
	{4, 10, "router solicitation"},
	{4, 11, "time exceeded"},
	{4, 12, "parameter problem"},
	{4, 13, "timestamp request"},
	{4, 14, "timestamp reply"},
	{6, 1, "destination unreachable"},
	{6, 2, "packet too big"},
	{6, 3, "time exceeded"},
	{6, 4, "parameter problem"},
	{6, 128, "echo request"},
	{6, 129, "echo reply"},
	{6, 130, "multicast listener query"},
	{6, 131, "multicast listener report"},
	{6, 132, "multicast listener done"},
	{6, 133, "router solicitation"},
	{6, 134, "router advertisement"},
	{6, 135, "neighbor solicitation"},
	{6, 136, "neighbor advertisement"},
	{6, 137, "redirect"},
	{6, 143, "multicast listener report"},
};

static const struct {
	uint8_t family, type, code;
	const char *name;
} icmp_codes[] = {
	{4, 3, 0, "network"},
	{4, 3, 1, "host"},
	{4, 3, 2, "protocol"},
	{4, 3, 3, "port"},
	{4, 3, 4, "fragmentation needed"},
	{4, 3, 5, "source route failed"},
	{4, 3, 6, "network unknown"},
	{4, 3, 7, "host unknown"},
	{4, 3, 9, "network prohibited"},
	{4, 3, 10, "host prohibited"},
	{4, 3, 11, "network for this type of service"},
	{4, 3, 12, "host for this type of service"},
	{4, 3, 13, "filtered"},
	{4, 5, 0, "for the network"},
	{4, 5, 1, "for the host"},
	{4, 11, 0, "hop limit"},
	{4, 11, 1, "reassembly"},
	{4, 12, 0, "pointer"},
	{4, 12, 1, "missing option"},
	{4, 12, 2, "length"},
	{6, 1, 0, "no route"},
	{6, 1, 1, "filtered"},
	{6, 1, 2, "beyond scope"},
	{6, 1, 3, "address"},
	{6, 1, 4, "port"},
	{6, 1, 5, "source address failed policy"},
	{6, 1, 6, "route rejected"},
	{6, 3, 0, "hop limit"},
	{6, 3, 1, "reassembly"},
	{6, 4, 0, "header field"},
	{6, 4, 1, "next header"},
	{6, 4, 2, "option"},
};

static const struct icmp_type *icmp_type_find(uint8_t family, uint8_t type)
{
	for (size_t i = 0; i < ARRAY_COUNT(icmp_types); i++) {
		if (icmp_types[i].family == family && icmp_types[i].type == type)
			return &icmp_types[i];
	}
	return NULL;
}

static const char *icmp_code_name(const struct icmp_type *type, uint8_t code)
{
	for (size_t i = 0; i < ARRAY_COUNT(icmp_codes); i++) {
		if (icmp_codes[i].family == type->family && icmp_codes[i].type == type->type &&
		    icmp_codes[i].code == code)
			return icmp_codes[i].name;
	}
	return NULL;
}

void icmp_text(const struct segment *segment, struct buf *out)
{
	const struct icmp_type *type =
		icmp_type_find(segment->ends.src.family, segment->icmp.type);
	const char *code = type ? icmp_code_name(type, segment->icmp.code) : NULL;
	if (!type) {
		buf_printf(out, "type %u code %u", segment->icmp.type, segment->icmp.code);
		return;
	}
	buf_add(out, type->name, strlen(type->name));
	if (code)
		buf_printf(out, ": %s", code);
	else if (segment->icmp.code)
		buf_printf(out, ": code %u", segment->icmp.code);
}
