/* compile: libpcap's filter language, with its complaints as sentences and without looking up
 * names beyond this machine. */
#ifndef WIRELADDER_CAPTURE_COMPILE_H
#define WIRELADDER_CAPTURE_COMPILE_H

#include <pcap/pcap.h>

#include "wireladder/base.h"

/* Fills *program, to be freed with pcap_freecode. EXIT_USAGE: the expression is at fault. */
bool compile_filter(pcap_t *pcap, const char *expression, struct bpf_program *program,
		    struct err *err);

/* LINKTYPE_ numbers are those of files, DLT_ numbers those of libpcap's calls. */
int compile_dlt(uint16_t linktype);
uint16_t compile_linktype(int dlt);

#endif
