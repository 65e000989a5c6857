/* What the kernel says of a TCP socket: TCP_INFO (tcp(7)), by a descriptor that is borrowed for
 * the moment of asking. */
#include "tracing.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ASK_TCP_INFO 11 /* TCP_INFO; libc's header brings an older struct with it */
#define NS_PER_US    UINT64_C(1000)

/* struct tcp_info of Linux's include/uapi/linux/tcp.h, as of 6.18. Older kernels fill in less
 * of it and say how much: the rest stays 0. */
struct tcp_told {
	uint8_t state, ca_state, retransmits, probes, backoff, options, scales, app_limited;
	uint32_t rto, ato, snd_mss, rcv_mss;
	uint32_t unacked, sacked, lost, retrans, fackets;
	uint32_t last_data_sent, last_ack_sent, last_data_recv, last_ack_recv;
	uint32_t pmtu, rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd, advmss, reordering;
	uint32_t rcv_rtt, rcv_space, total_retrans;
	uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
	uint32_t segs_out, segs_in, notsent_bytes, min_rtt, data_segs_in, data_segs_out;
	uint64_t delivery_rate, busy_time, rwnd_limited, sndbuf_limited;
	uint32_t delivered, delivered_ce;
	uint64_t bytes_sent, bytes_retrans;
	uint32_t dsack_dups, reord_seen, rcv_ooopack, snd_wnd, rcv_wnd, rehash;
	uint16_t total_rto, total_rto_recoveries;
	uint32_t total_rto_time;
	uint32_t received_ce, delivered_e1_bytes, delivered_e0_bytes, delivered_ce_bytes;
	uint32_t received_e1_bytes, received_e0_bytes, received_ce_bytes;
	uint16_t accecn_fail_mode, accecn_opt_seen;
};
_Static_assert(sizeof(struct tcp_told) == 280, "the kernel's struct has no holes");

/* Linux's enum of include/net/tcp_states.h, which counts otherwise than RFC 9293. */
static enum tcp_state sample_state(uint8_t number)
{
	static const uint8_t states[] = {
		[1] = STATE_ESTABLISHED, [2] = STATE_SYN_SENT,    [3] = STATE_SYN_RECEIVED,
		[4] = STATE_FIN_WAIT_1,  [5] = STATE_FIN_WAIT_2,  [6] = STATE_TIME_WAIT,
		[7] = STATE_CLOSED,      [8] = STATE_CLOSE_WAIT,  [9] = STATE_LAST_ACK,
		[10] = STATE_LISTEN,     [11] = STATE_CLOSING,    [12] = STATE_SYN_RECEIVED,
		[13] = STATE_CLOSED, /* bound, and not yet listening or connected */
	};
	return number < ARRAY_COUNT(states) ? (enum tcp_state)states[number] : STATE_UNKNOWN;
}

/* The kernel says "none so far" with the largest number of the type. */
static uint64_t sample_finite(uint64_t value, uint64_t none)
{
	return value >= none ? 0 : value;
}

static void sample_times(struct kernel_sample *sample, const struct tcp_told *told)
{
	sample->srtt = told->rtt * NS_PER_US;
	sample->rttvar = told->rttvar * NS_PER_US;
	sample->min_rtt = sample_finite(told->min_rtt, UINT32_MAX) * NS_PER_US;
	sample->rto = told->rto * NS_PER_US;
	sample->ato = told->ato * NS_PER_US;
}

static void sample_sender(struct kernel_sample *sample, const struct tcp_told *told)
{
	sample->cwnd = told->snd_cwnd;
	sample->ssthresh = sample_finite(told->snd_ssthresh, INT32_MAX); /* infinite */
	sample->unacked = told->unacked;
	sample->sacked = told->sacked;
	sample->lost = told->lost;
	sample->retrans = told->retrans;
	sample->total_retrans = told->total_retrans;
	sample->backoff = told->backoff;
	sample->reordering = told->reordering;
	sample->snd_mss = told->snd_mss;
	sample->snd_wnd = told->snd_wnd;
	sample->notsent = told->notsent_bytes;
	sample->bytes_acked = told->bytes_acked;
	sample->delivery_rate = told->delivery_rate;
	sample->pacing_rate = sample_finite(told->pacing_rate, UINT64_MAX); /* not paced */
}

static void sample_fill(struct kernel_sample *sample, const struct tcp_told *told)
{
	sample->state = sample_state(told->state);
	sample->ca_state = told->ca_state < CA_COUNT ? (enum ca_state)told->ca_state : CA_OPEN;
	if (sample->state == STATE_LISTEN)
		return; /* its unacked and sacked are the accept queue, the rest is not set */
	sample_times(sample, told);
	sample_sender(sample, told);
	sample->rcv_mss = told->rcv_mss;
	sample->rcv_space = told->rcv_space;
	sample->rcv_ssthresh = told->rcv_ssthresh;
	sample->rcv_wnd = told->rcv_wnd;
	sample->bytes_received = told->bytes_received;
}

static bool sample_equal(const struct kernel_sample *a, const struct kernel_sample *b)
{
	bool equal = a->sock == b->sock && a->state == b->state && a->ca_state == b->ca_state;
#define X(name) equal = equal && a->name == b->name;
	KERNEL_FIELD_LIST(X)
#undef X
	return equal;
}

bool sample_take(struct sockets_seen *sockets, const struct socket_seen *socket,
		 struct kernel_sample *sample, struct kernel_sample *before)
{
	struct tcp_told told = {0};
	socklen_t size = sizeof(told);
	int borrowed = socket->ends.udp ? -1 : sockets_seen_borrow(sockets, socket);
	bool ok;
	if (borrowed < 0)
		return false;
	ok = getsockopt(borrowed, IPPROTO_TCP, ASK_TCP_INFO, &told, &size) == 0;
	close(borrowed);
	if (!ok)
		return false;
	*sample = (struct kernel_sample){.sock = socket->sock, .ends = socket->ends};
	sample_fill(sample, &told);
	if (sample_equal(sample, before))
		return false;
	*before = *sample;
	return true;
}
