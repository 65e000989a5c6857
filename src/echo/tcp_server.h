/* Inside of the TCP server: what its loop (tcp_server.c), its connections (connection.c) and
 * its chat (chat.c) share. tcp_server.c has the theory of operation. */
#ifndef ECHO_TCP_SERVER_H
#define ECHO_TCP_SERVER_H

#include "listen.h"
#include "queue.h"

enum {
	CHUNK_BYTES = 64 * 1024, /* one recv() at most */
	QUEUE_BYTES = 64 * 1024, /* answers that wait before their client is read no more */
	LINE_BYTES = 64 * 1024,  /* chat: a longer line is passed on in pieces */
};

/* What an epoll event is about; the upper half of its 64 bits, the index is the lower one. */
enum watch { WATCH_LISTENER, WATCH_STOP, WATCH_CONNECTION };

struct connection {
	int connection_fd; /* the socket that accept() made, of this client alone */
	uint32_t index;    /* in the pool */
	uint32_t events;   /* what epoll is told to watch */
	bool read_ended;   /* the client half-closed (or closed): no more will come */
	bool write_ended;  /* we said shutdown(SHUT_WR) */
	bool ended;        /* over; it goes when this round of events is through */
	bool full;         /* chat: too much waits for it, the others are held back */
	uint64_t full_ns;  /* chat: when it became full or last took something */
	uint64_t line_ns;  /* chat: when its unfinished line last grew */
	uint64_t received_bytes, sent_bytes;
	struct connection *next, *previous;
	struct queue out;  /* answers that its socket has no room for */
	struct buf line;   /* chat: an unfinished line */
	struct address peer;
};

struct tcp_server {
	const struct echo_server_config *config;
	struct listeners listeners;
	int epoll_fd;
	struct pool pool;
	struct connection *open, *ended; /* lists */
	uint64_t open_count, accepted_count;
	bool accept_paused, accept_limit_said;
	bool stopping;
	uint64_t stop_by_ns;       /* when stopping: the latest */
	uint32_t full_count;       /* chat: clients for which too much waits */
	uint32_t unfinished_count; /* chat: clients with an unfinished line */
	bool full_changed;         /* chat: who may be read has to be worked out anew */
	uint64_t chat_tick_ns;     /* chat: when its waits are looked at next */
	uint8_t chunk[CHUNK_BYTES];
};

bool tcp_server(const struct echo_server_config *config, struct err *err);
bool server_watch(struct tcp_server *s, int fd, enum watch watch, uint32_t index);

/* connection.c */
void connection_open(struct tcp_server *s, int connection_fd, const struct address *peer);
void connection_ready(struct tcp_server *s, struct connection *c, uint32_t events);
void connection_read(struct tcp_server *s, struct connection *c); /* one recv(), its answer */
/* Sends bytes, or keeps them until the client takes them. */
void connection_give(struct tcp_server *s, struct connection *c, const void *bytes,
		     size_t count);
void connection_settle(struct tcp_server *s, struct connection *c); /* what next? */
void connection_end(struct tcp_server *s, struct connection *c, const char *why);
void connection_close(struct tcp_server *s, struct connection *c); /* the ended one's memory */

/* chat.c */
bool chat_holds_back(const struct tcp_server *s, const struct connection *c);
void chat_take(struct tcp_server *s, struct connection *from, const uint8_t *bytes,
	       size_t count);
void chat_pass_unfinished(struct tcp_server *s, struct connection *from);
void chat_measure(struct tcp_server *s, struct connection *c, bool took_something);
void chat_leave(struct tcp_server *s, struct connection *c); /* c has ended */
bool chat_waits(const struct tcp_server *s); /* is there anything for chat_tick to do? */
void chat_tick(struct tcp_server *s);

#endif
