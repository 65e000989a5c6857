#include "compile.h"

#include <nss.h>
#include <string.h>

/* libpcap's parser recurses; no expression that a person writes is as long. */
#define FILTER_BYTES_MAX 65536

/* Where the two numberings differ, for link types that packets of ours may have. */
static const struct {
	uint16_t linktype;
	int dlt;
} renumbered[] = {
	{101, DLT_RAW},
	{14, DLT_RAW}, /* OpenBSD's number for it, found in old files */
	{100, DLT_ATM_RFC1483},
};

int compile_dlt(uint16_t linktype)
{
	for (size_t i = 0; i < ARRAY_COUNT(renumbered); i++) {
		if (renumbered[i].linktype == linktype)
			return renumbered[i].dlt;
	}
	return linktype;
}

uint16_t compile_linktype(int dlt)
{
	for (size_t i = 0; i < ARRAY_COUNT(renumbered); i++) {
		if (renumbered[i].dlt == dlt)
			return renumbered[i].linktype;
	}
	return (uint16_t)dlt;
}

bool compile_filter(pcap_t *pcap, const char *expression, struct bpf_program *program,
		    struct err *err)
{
	const char *why, *hint = "; see `man pcap-filter`";
	if (strlen(expression) > FILTER_BYTES_MAX)
		return err_set(err, EXIT_USAGE,
			       "the filter is longer than %d bytes: shorten it",
			       FILTER_BYTES_MAX);
	/* `host NAME` would ask a name server; /etc/hosts is as far as a filter may look. */
	__nss_configure_lookup("hosts", "files");
	if (pcap_compile(pcap, program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0)
		return true;
	why = pcap_geterr(pcap);
	if (strstr(why, "host"))
		hint = "; names are not looked up, give an address";
	return err_set(err, EXIT_USAGE, "the filter `%.120s` is not understood: %.150s%s",
		       expression, why, hint);
}
