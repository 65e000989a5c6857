#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "wireladder/capture.h"

#define FILTER_SNAPLEN 262144

struct compiled {
	uint16_t linktype;
	struct bpf_program program;
};

struct filter {
	char *expression;
	struct compiled *compiled; /* one for each link type met */
	size_t count, latest;      /* latest: the one used last */
};

static bool filter_compile(struct filter *filter, uint16_t linktype, struct err *err)
{
	struct compiled *more;
	char name[LINKTYPE_TEXT];
	struct err why = {0};
	bool done;
	pcap_t *pcap = pcap_open_dead(compile_dlt(linktype), FILTER_SNAPLEN);
	more = realloc(filter->compiled, (filter->count + 1) * sizeof(*more));
	if (more)
		filter->compiled = more;
	if (!pcap || !more) {
		if (pcap)
			pcap_close(pcap);
		return err_memory(err);
	}
	more[filter->count] = (struct compiled){.linktype = linktype};
	done = compile_filter(pcap, filter->expression, &more[filter->count].program, &why);
	pcap_close(pcap);
	if (done) {
		filter->latest = filter->count++;
		return true;
	}
	linktype_text(linktype, name);
	return err_set(err, why.status, "%s%s%s", why.text,
		       filter->count > 0 ? "; it cannot be used on packets of link type " : "",
		       filter->count > 0 ? name : "");
}

struct filter *filter_open(const char *expression, struct err *err)
{
	struct filter *filter = calloc(1, sizeof(*filter));
	if (!filter || !(filter->expression = strdup(expression))) {
		filter_close(filter);
		err_memory(err);
		return NULL;
	}
	if (!filter_compile(filter, DLT_EN10MB, err)) {
		filter_close(filter);
		return NULL;
	}
	return filter;
}

static bool filter_find(struct filter *filter, uint16_t linktype)
{
	for (size_t i = 0; i < filter->count; i++) {
		if (filter->compiled[i].linktype == linktype) {
			filter->latest = i;
			return true;
		}
	}
	return false;
}

bool filter_matches(struct filter *filter, const struct frame *frame, bool *matches,
		    struct err *err)
{
	struct pcap_pkthdr header = {.caplen = frame->caplen, .len = frame->len};
	if (filter->compiled[filter->latest].linktype != frame->linktype &&
	    !filter_find(filter, frame->linktype) &&
	    !filter_compile(filter, frame->linktype, err))
		return false;
	*matches = pcap_offline_filter(&filter->compiled[filter->latest].program, &header,
				       frame->bytes) != 0;
	return true;
}

void filter_close(struct filter *filter)
{
	if (!filter)
		return;
	for (size_t i = 0; i < filter->count; i++)
		pcap_freecode(&filter->compiled[i].program);
	free(filter->compiled);
	free(filter->expression);
	free(filter);
}
