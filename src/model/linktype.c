#include "wireladder/model.h"

#include <stdio.h>

/* Names of the tcpdump group's registry of link-layer header types, without LINKTYPE_. */
static const struct {
	uint16_t number;
	const char *name;
} linktypes[] = {
	{0, "NULL"},                            {1, "ETHERNET"},
	{3, "AX25"},                            {6, "IEEE802_5"},
	{7, "ARCNET_BSD"},                      {8, "SLIP"},
	{9, "PPP"},                             {10, "FDDI"},
	{12, "RAW"},                            {14, "RAW"},
	{50, "PPP_HDLC"},                       {51, "PPP_ETHER"},
	{100, "ATM_RFC1483"},                   {101, "RAW"},
	{104, "C_HDLC"},                        {105, "IEEE802_11"},
	{107, "FRELAY"},                        {108, "LOOP"},
	{109, "ENC"},                           {113, "LINUX_SLL"},
	{114, "LTALK"},                         {117, "PFLOG"},
	{119, "IEEE802_11_PRISM"},              {122, "IP_OVER_FC"},
	{127, "IEEE802_11_RADIOTAP"},           {143, "DOCSIS"},
	{144, "LINUX_IRDA"},                    {147, "USER0"},
	{163, "IEEE802_11_AVS"},                {165, "BACNET_MS_TP"},
	{166, "PPP_PPPD"},                      {177, "LINUX_LAPD"},
	{187, "BLUETOOTH_HCI_H4"},              {189, "USB_LINUX"},
	{192, "PPI"},                           {195, "IEEE802_15_4_WITHFCS"},
	{201, "BLUETOOTH_HCI_H4_WITH_PHDR"},    {204, "PPP_WITH_DIR"},
	{205, "C_HDLC_WITH_DIR"},               {219, "MPLS"},
	{220, "USB_LINUX_MMAPPED"},             {227, "CAN_SOCKETCAN"},
	{228, "IPV4"},                          {229, "IPV6"},
	{230, "IEEE802_15_4_NOFCS"},            {239, "NFLOG"},
	{249, "USBPCAP"},                       {251, "BLUETOOTH_LE_LL"},
	{252, "WIRESHARK_UPPER_PDU"},           {253, "NETLINK"},
	{256, "BLUETOOTH_LE_LL_WITH_PHDR"},     {272, "NORDIC_BLE"},
	{276, "LINUX_SLL2"},                    {283, "IEEE802_15_4_TAP"},
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
