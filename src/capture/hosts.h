/* hosts: the names that files give to addresses, each once however often it is given. */
#ifndef WIRELADDER_CAPTURE_HOSTS_H
#define WIRELADDER_CAPTURE_HOSTS_H

#include "wireladder/capture.h"

#define HOSTS_MAX       10000
#define HOST_NAME_BYTES 255 /* as long as a name can be (RFC 1035 2.3.4); more is cut off */
#define HOSTS_SLOTS     32768

struct hosts {
	struct host *list; /* their names are owned here */
	size_t count, cap;
	uint16_t *slots; /* of a hash table: an index into the list, and one; 0: free */
	uint64_t beyond; /* given when the list was full */
};

/* Borrows the name, which ends at its first NUL if it has one. false when out of memory. */
bool hosts_add(struct hosts *hosts, const struct addr *addr, struct cursor name);
void hosts_close(struct hosts *hosts);

#endif
