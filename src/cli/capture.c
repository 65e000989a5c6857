#include "pipeline.h"

#include "wireladder/capture.h"

#include <inttypes.h>

static void interface_print(void *context, const struct interface_listed *one)
{
	FILE *to = context;
	struct err safe;
	err_set(&safe, EXIT_DONE, "%s%s%s%s%s%s", one->name, one->description ? "  " : "",
		one->description ? one->description : "", one->loopback ? "  (loopback)" : "",
		one->up ? "" : "  (down)", one->addr_count ? " " : "");
	fputs(safe.text, to);
	for (size_t i = 0; i < one->addr_count; i++) {
		char text[ADDR_TEXT];
		addr_text(&one->addrs[i], text);
		fprintf(to, " %s", text);
	}
	fputc('\n', to);
}

static enum exit_status capture_dropped(const struct pipeline_end *end, struct err *err)
{
	const struct summary *summary = &end->summary;
	uint64_t dropped = summary->dropped_kernel + summary->dropped_interface;
	if (dropped == 0)
		return EXIT_DONE;
	err_set(err, EXIT_PARTIAL,
		"%" PRIu64 " packets were dropped before we saw them (kernel %" PRIu64
		", interface %" PRIu64 "): a filter or a smaller -s makes less to keep",
		dropped, summary->dropped_kernel, summary->dropped_interface);
	return end->interrupted ? EXIT_DONE : EXIT_PARTIAL;
}

enum exit_status command_capture(struct options *options, struct err *err)
{
	struct tap_source_config config = {
		.kind = "capture",
		.interface = options->interface,
		.write_pcap = options->write_pcap,
		.snaplen = (uint32_t)options->snaplen,
		.count = options->count,
		.duration_ns = options->duration_ns,
	};
	struct tap_source *tap;
	struct source source;
	struct pipeline_end end;
	enum exit_status status;
	bool told; /* the timeline is whole: a failed dump is then what there is to say */
	if (options->list_interfaces)
		return tap_list(interface_print, stdout, err) ? EXIT_DONE : err->status;
	if (!options->interface) {
		err_set(err, EXIT_USAGE,
			"no interface named: `wireladder capture -i IF`; -D lists them");
		return EXIT_USAGE;
	}
	if (options->word_count && !options_filter_from(options, 0, err))
		return err->status;
	config.filter = options->filter;
	options_bytes_default(options, OUTPUT_BYTES_READ);
	signals_catch();
	tap = tap_source_open(&config, err);
	if (!tap)
		return err->status;
	tap_source_get(tap, &source);
	say(options, "listening on %s; Ctrl-C ends it", options->interface);
	if (!pipeline_run(&source, options, &end, err))
		status = err->status;
	else
		status = tap_source_gone(tap, err) ? err->status : capture_dropped(&end, err);
	told = status == EXIT_DONE || status == EXIT_PARTIAL;
	if (!tap_source_close(tap, told ? err : NULL) && told)
		status = err->status;
	return status;
}
