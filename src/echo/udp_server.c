/* The UDP server.
 *
 * Theory of operation. One socket for each family serves every client: no connection, no
 * accept(), no end of a conversation. Each datagram is answered to the address it came from.
 * Who has sent is remembered for PEER_NS only to say once that somebody new is there, and for
 * chat, where a datagram goes to everybody else who is remembered (PEERS_MOST; a newcomer takes
 * the place of whoever was silent longest).
 * Not handled: a sender's address can be forged, so two echo servers can be set to answer each
 * other for ever. RFC 862 knows no cure; this is a server for a laboratory. */
#include "udp_server.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "datagram.h"
#include "reply.h"
#include "talk.h"

#define PEER_NS (300 * NS_PER_S)

enum {
	PEERS_MOST = 256,
	ROUND_DATAGRAMS = 64, /* then the other socket has its turn */
};

struct udp_peer {
	struct datagram_peer peer;
	uint64_t heard_ns;
};

struct udp_server {
	const struct echo_server_config *config;
	struct listeners sockets;
	uint64_t received_count, sent_count;
	unsigned peer_count;
	struct udp_peer peers[PEERS_MOST];
	struct datagram datagram;
};

static void udp_give(struct udp_server *s, const struct datagram_peer *to, const void *bytes,
		     size_t count)
{
	char text[ADDRESS_TEXT_SIZE];
	if (datagram_send(to, bytes, count)) {
		s->sent_count++;
		return;
	}
	address_text(&to->address, text);
	talk_say(&s->config->talk, "cannot send %zu bytes to %s: %s", count, text,
		 strerror(errno));
}

/* The place of the sender among the peers: its old one, a new one, or the most silent one's. */
static struct udp_peer *udp_peer_place(struct udp_server *s, const struct address *address)
{
	struct udp_peer *oldest = &s->peers[0];
	for (unsigned i = 0; i < s->peer_count; i++) {
		if (address_same(&s->peers[i].peer.address, address))
			return &s->peers[i];
		if (s->peers[i].heard_ns < oldest->heard_ns)
			oldest = &s->peers[i];
	}
	if (s->peer_count < PEERS_MOST)
		oldest = &s->peers[s->peer_count++];
	*oldest = (struct udp_peer){.heard_ns = 0};
	return oldest;
}

static void udp_peer_hear(struct udp_server *s, const struct datagram *d, uint64_t now)
{
	struct udp_peer *place = udp_peer_place(s, &d->from.address);
	if (place->heard_ns == 0 || now - place->heard_ns > PEER_NS) {
		char text[ADDRESS_TEXT_SIZE];
		address_text(&d->from.address, text);
		talk_say(&s->config->talk, "%s sends datagrams (the first has %zu bytes)", text,
			 d->count);
	}
	place->peer = d->from; /* the newest local address, too */
	place->heard_ns = now;
}

static void udp_chat(struct udp_server *s, const struct datagram *d, uint64_t now)
{
	for (unsigned i = 0; i < s->peer_count; i++) {
		const struct udp_peer *to = &s->peers[i];
		if (now - to->heard_ns <= PEER_NS &&
		    !address_same(&to->peer.address, &d->from.address))
			udp_give(s, &to->peer, d->bytes, d->count);
	}
}

static void udp_answer(struct udp_server *s, struct datagram *d)
{
	uint64_t now = clock_monotonic_ns();
	size_t count = d->count;
	const uint8_t *answer;
	udp_peer_hear(s, d, now);
	if (s->config->reply == REPLY_CHAT) {
		udp_chat(s, d, now);
		return;
	}
	answer = reply_make(s->config->reply, d->bytes, &count);
	udp_give(s, &d->from, answer, count);
}

static bool udp_is_done(const struct udp_server *s)
{
	return s->config->max_clients && s->received_count >= s->config->max_clients;
}

static void udp_receive(struct udp_server *s, const struct listener *listener)
{
	for (int i = 0; i < ROUND_DATAGRAMS && !udp_is_done(s); i++) {
		if (!datagram_receive(&s->datagram, listener)) {
			/* Other errors tell of an earlier answer's fate: nothing to be done. */
			if (errno == EAGAIN)
				return;
			continue;
		}
		s->received_count++;
		udp_answer(s, &s->datagram);
	}
}

static bool udp_loop(struct udp_server *s, struct err *err)
{
	struct pollfd waits[ARRAY_COUNT(s->sockets.at) + 1] = {{.fd = s->config->stop_fd}};
	waits[0].events = POLLIN;
	for (unsigned i = 0; i < s->sockets.count; i++)
		waits[i + 1] = (struct pollfd){.fd = s->sockets.at[i].fd, .events = POLLIN};
	while (!udp_is_done(s)) {
		int count = poll(waits, s->sockets.count + 1, -1);
		if (count < 0 && errno != EINTR)
			return err_set(err, EXIT_PERMISSION, "cannot wait for datagrams: %s",
				       strerror(errno));
		for (unsigned i = 0; count > 0 && i < s->sockets.count; i++)
			if (waits[i + 1].revents)
				udp_receive(s, &s->sockets.at[i]);
		if (count > 0 && waits[0].revents)
			return true; /* after what had arrived was answered */
	}
	return true;
}

bool udp_server(const struct echo_server_config *config, struct err *err)
{
	struct udp_server *s = calloc(1, sizeof(*s));
	bool ok;
	if (!s)
		return err_memory(err);
	s->config = config;
	ok = listeners_open(&s->sockets, config, err);
	if (ok) {
		listeners_tell_port(&s->sockets, config);
		ok = udp_loop(s, err);
		talk_say(&config->talk,
			 "server stopped: %" PRIu64 " datagrams received, %" PRIu64 " sent",
			 s->received_count, s->sent_count);
	}
	listeners_close(&s->sockets);
	free(s);
	return ok;
}
