#include "wireladder/model.h"

#include <stdio.h>

/* Names of the tcpdump group's registry of link-layer header types, without LINKTYPE_. */
static const struct {
	uint16_t number;
	const char *name;
} linktypes[] = {
	{0, "NULL"},         {1, "ETHERNET"},
	{9, "PPP"},          {10, "FDDI"},
	{12, "RAW"},         {14, "RAW"},
	{50, "PPP_HDLC"},    {51, "PPP_ETHER"},
	{101, "RAW"},        {104, "C_HDLC"},
	{105, "IEEE802_11"}, {108, "LOOP"},
	{113, "LINUX_SLL"},  {127, "IEEE802_11_RADIOTAP"},
	{192, "PPI"},        {228, "IPV4"},
	{229, "IPV6"},       {253, "NETLINK"},
	{276, "LINUX_SLL2"},
};

void linktype_text(uint16_t linktype, char text[static LINKTYPE_TEXT])
{
	for (size_t i = 0; i < ARRAY_COUNT(linktypes); i++) {
		if (linktypes[i].number == linktype) {
			snprintf(text, LINKTYPE_TEXT, "%s", linktypes[i].name);
			return;
		}
	}
	snprintf(text, LINKTYPE_TEXT, "%u", linktype);
}
