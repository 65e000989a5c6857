/* tap: packets of a live interface, through libpcap.
 *
 * Immediate mode: a packet can be read as soon as the kernel has it; its ring then has one slot
 * of the snap length per packet, which is why the default is short and the ring large.
 *
 * Nothing may be missed at either end of a session on a private loopback. Before tap_open
 * returns, the capture has seen a sentinel; and tap_next says FRAME_END only when it has seen
 * one that was sent after everything else. Sentinels pass the user's filter because the kernel
 * is given
 * `(the filter) or (udp port N)`; what that lets through besides is held against the user's own
 * filter here. */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "compile.h"
#include "sentinel.h"

#define SNAPLEN_DEFAULT 2048
#define RING_DEFAULT    (UINT32_C(32) << 20)
#define RING_LEAST      (UINT32_C(2) << 20)
#define POLL_MS         100
#define DRAIN_NS        (2 * NS_PER_S)  /* in silence */
#define DRAIN_BUSY_NS   (10 * NS_PER_S) /* while packets keep coming */

struct tap {
	pcap_t *pcap;
	char *name;
	struct vantage vantage;
	struct sentinel sentinel;
	bool private_loopback;
	bool filtered; /* `filter` is the user's own, checked here as well */
	struct bpf_program filter;
	bool draining, ended;
	bool seen;              /* the drain ended by a sentinel, not by its patience */
	uint32_t awaited;       /* serial of the first sentinel that ends the drain */
	uint64_t drain_ns;      /* when it began, clock_monotonic_ns */
	uint64_t drain_wall_ns; /* and on the clock of the packets */
	uint64_t n;
};

struct activation { /* what libpcap's code for a failed activation means */
	int code;
	const char *cause, *remedy;
};

static const char may_capture[] =
	"run `sudo setcap cap_net_raw,cap_net_admin+ep $(command -v wireladder)`, or "
	"`wireladder demo`, which needs no rights";

static const struct activation activations[] = {
	{PCAP_ERROR_PERM_DENIED, "you may not capture there", may_capture},
	{PCAP_ERROR_PROMISC_PERM_DENIED, "you may not capture there", may_capture},
	{PCAP_ERROR_NO_SUCH_DEVICE, "there is no such interface",
	 "`wireladder capture -D` lists them"},
	{PCAP_ERROR_IFACE_NOT_UP, "the interface is down", "bring it up with `ip link set`"},
};

static bool tap_activation_failed(const char *interface, pcap_t *pcap, int code,
				  struct err *err)
{
	for (size_t i = 0; i < ARRAY_COUNT(activations); i++) {
		if (activations[i].code == code)
			return err_set(err, EXIT_PERMISSION, "cannot capture on %.60s: %s; %s",
				       interface, activations[i].cause, activations[i].remedy);
	}
	return err_set(
		err, EXIT_PERMISSION,
		"cannot capture on %.60s: %.150s; `wireladder capture -D` lists the interfaces",
		interface, pcap_geterr(pcap));
}

static void tap_set(pcap_t *pcap, const struct tap_config *config, int ring_bytes)
{
	uint32_t snaplen = config->snaplen ? config->snaplen : SNAPLEN_DEFAULT;
	if (config->private_loopback && snaplen < SENTINEL_FRAME_BYTES)
		snaplen = SENTINEL_FRAME_BYTES; /* frames are cut again before delivery */
	pcap_set_snaplen(pcap, snaplen > INT32_MAX ? INT32_MAX : (int)snaplen);
	pcap_set_promisc(pcap, !config->private_loopback);
	pcap_set_timeout(pcap, POLL_MS);
	pcap_set_immediate_mode(pcap, 1);
	pcap_set_buffer_size(pcap, ring_bytes);
	pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
}

static bool tap_activate(struct tap *tap, const struct tap_config *config, struct err *err)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	uint32_t ring = config->ring_bytes ? config->ring_bytes : RING_DEFAULT;
	for (;;) {
		int code;
		tap->pcap = pcap_create(config->interface, why);
		if (!tap->pcap)
			return err_set(err, EXIT_PERMISSION, "cannot capture on %.60s: %.150s",
				       config->interface, why);
		tap_set(tap->pcap, config, ring < INT32_MAX ? (int)ring : INT32_MAX);
		code = pcap_activate(tap->pcap);
		if (code >= 0)
			return true;
		/* The general code may be memory for the ring: a smaller one is worth a try. */
		if (code != PCAP_ERROR || ring <= RING_LEAST)
			return tap_activation_failed(config->interface, tap->pcap, code, err);
		pcap_close(tap->pcap);
		tap->pcap = NULL;
		ring /= 4;
	}
}

/* On a loopback each packet passes twice, out and in again. libpcap throws the first away, but
 * only after it has had its slot of the ring and, when that is full, its share of the drop
 * count. */
static void tap_ignore_outgoing(struct tap *tap)
{
	struct ifreq request = {0};
	int fd = pcap_fileno(tap->pcap), on = 1;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%.15s", tap->name);
	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_LOOPBACK))
		setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
}

static bool tap_filter(struct tap *tap, const char *expression, struct err *err)
{
	struct bpf_program program = {0};
	struct buf both = {0};
	bool done;
	if (!expression)
		return true;
	if (!compile_filter(tap->pcap, expression, &tap->filter, err))
		return false;
	tap->filtered = tap->private_loopback;
	buf_printf(&both, "(%s) or (udp port %u)", expression[0] ? expression : "len >= 0",
		   tap->sentinel.port);
	done = !both.failed || err_memory(err);
	if (done && tap->private_loopback)
		done = compile_filter(tap->pcap, both.at, &program, err);
	if (done &&
	    pcap_setfilter(tap->pcap, tap->private_loopback ? &program : &tap->filter) != 0)
		done = err_set(
			err, EXIT_PERMISSION,
			"the kernel refuses the filter `%.120s`: %.120s; try a shorter one",
			expression, pcap_geterr(tap->pcap));
	pcap_freecode(&program);
	buf_close(&both);
	return done;
}

/* The tap is open once it has seen a sentinel. Whatever it sees before that was there too
 * early. */
static bool tap_ready(struct tap *tap, struct err *err)
{
	struct pollfd readable = {.fd = tap_fd(tap), .events = POLLIN};
	struct frame frame;
	enum frame_status status;
	if (!tap->private_loopback)
		return true;
	if (!tap_drain(tap, err))
		return false;
	while ((status = tap_next(tap, &frame, err)) != FRAME_END) {
		if (status == FRAME_FAILED)
			return false;
		if (status == FRAME_NOT_YET)
			poll(&readable, 1, POLL_MS);
	}
	if (!tap->seen)
		return err_set(
			err, EXIT_PERMISSION,
			"the capture on %.60s does not see what is sent there: is another "
			"packet filter in the way?",
			tap->name);
	tap->draining = tap->ended = tap->seen = false;
	tap->n = 0;
	return true;
}

static bool tap_start(struct tap *tap, const struct tap_config *config, struct err *err)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	if (!tap_activate(tap, config, err))
		return false;
	tap_ignore_outgoing(tap);
	if (pcap_setnonblock(tap->pcap, 1, why) != 0)
		return err_set(err, EXIT_PERMISSION, "cannot capture on %.60s: %.150s",
			       config->interface, why);
	tap->vantage = (struct vantage){
		.name = tap->name,
		.linktype = compile_linktype(pcap_datalink(tap->pcap)),
		.snaplen = config->snaplen ? config->snaplen : SNAPLEN_DEFAULT,
		.nanoseconds =
			pcap_get_tstamp_precision(tap->pcap) == PCAP_TSTAMP_PRECISION_NANO,
	};
	return tap_filter(tap, config->filter, err) && tap_ready(tap, err);
}

struct tap *tap_open(const struct tap_config *config, struct err *err)
{
	struct tap *tap = calloc(1, sizeof(*tap));
	if (!tap || !(tap->name = strdup(config->interface))) {
		free(tap);
		err_memory(err);
		return NULL;
	}
	tap->private_loopback = config->private_loopback;
	if ((tap->private_loopback && !sentinel_open(&tap->sentinel, err)) ||
	    !tap_start(tap, config, err)) {
		tap_close(tap);
		return NULL;
	}
	return tap;
}

int tap_fd(const struct tap *tap)
{
	return pcap_get_selectable_fd(tap->pcap);
}

static void tap_fill(struct tap *tap, const struct pcap_pkthdr *header, struct frame *frame)
{
	/* In nanosecond precision tv_usec holds nanoseconds. */
	uint64_t unit = tap->vantage.nanoseconds ? 1 : NS_PER_MS / 1000;
	uint32_t snaplen = tap->vantage.snaplen;
	frame->caplen = header->caplen < snaplen ? header->caplen : snaplen;
	frame->len = header->len;
	frame->ns =
		(uint64_t)header->ts.tv_sec * NS_PER_S + (uint64_t)header->ts.tv_usec * unit;
	frame->n = ++tap->n;
	frame->linktype = tap->vantage.linktype;
}

/* A frame was read: is it for the caller, nothing, or the sentinel that ends the drain? */
static enum frame_status tap_take(struct tap *tap, const struct pcap_pkthdr *header,
				  const uint8_t *bytes, struct frame *frame)
{
	uint32_t serial;
	*frame = (struct frame){.bytes = bytes, .caplen = header->caplen};
	if (sentinel_find(&tap->sentinel, frame, &serial)) {
		tap->seen = tap->draining && seq_diff(serial, tap->awaited) >= 0;
		tap->ended |= tap->seen;
		return tap->ended ? FRAME_END : FRAME_NOT_YET;
	}
	if (tap->filtered && !pcap_offline_filter(&tap->filter, header, bytes))
		return FRAME_NOT_YET;
	tap_fill(tap, header, frame);
	return FRAME_READY;
}

/* While draining: the sentinel may have found the ring full, and an interface that is not ours
 * may never fall silent. *delivered: a frame that would be returned otherwise; NULL: nothing
 * waits. */
static enum frame_status tap_drained(struct tap *tap, const struct frame *delivered,
				     struct err *err)
{
	uint64_t patience = delivered ? DRAIN_BUSY_NS : DRAIN_NS;
	if (tap->private_loopback)
		tap->ended = clock_monotonic_ns() - tap->drain_ns >= patience;
	else
		tap->ended = !delivered || delivered->ns > tap->drain_wall_ns;
	if (tap->ended)
		return FRAME_END;
	if (tap->private_loopback && !sentinel_send_again(&tap->sentinel, err))
		return FRAME_FAILED;
	return delivered ? FRAME_READY : FRAME_NOT_YET;
}

enum frame_status tap_next(struct tap *tap, struct frame *frame, struct err *err)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int got = 0;
	while (!tap->ended && (got = pcap_next_ex(tap->pcap, &header, &bytes)) > 0) {
		enum frame_status status = tap_take(tap, header, bytes, frame);
		if (status == FRAME_READY && tap->draining)
			status = tap_drained(tap, frame, err);
		if (status != FRAME_NOT_YET)
			return status;
	}
	if (tap->ended)
		return FRAME_END;
	if (got == 0)
		return tap->draining ? tap_drained(tap, NULL, err) : FRAME_NOT_YET;
	tap->ended = true;
	err_set(err, EXIT_PARTIAL,
		"the capture on %.60s has ended early: %.150s; the %llu packets before that "
		"are kept",
		tap->name, pcap_geterr(tap->pcap), (unsigned long long)tap->n);
	return FRAME_END;
}

bool tap_drain(struct tap *tap, struct err *err)
{
	if (tap->draining)
		return true;
	tap->draining = true;
	tap->drain_ns = clock_monotonic_ns();
	tap->drain_wall_ns = clock_now_ns();
	tap->awaited = tap->sentinel.serial + 1;
	return !tap->private_loopback || sentinel_send(&tap->sentinel, err);
}

void tap_vantage(const struct tap *tap, struct vantage *vantage)
{
	*vantage = tap->vantage;
}

bool tap_dropped(struct tap *tap, uint64_t *kernel, uint64_t *interface)
{
	struct pcap_stat stat = {0};
	if (pcap_stats(tap->pcap, &stat) != 0)
		return false;
	*kernel = stat.ps_drop;
	*interface = stat.ps_ifdrop;
	return true;
}

void tap_close(struct tap *tap)
{
	if (!tap)
		return;
	pcap_freecode(&tap->filter);
	if (tap->pcap)
		pcap_close(tap->pcap);
	sentinel_close(&tap->sentinel);
	free(tap->name);
	free(tap);
}
