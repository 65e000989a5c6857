#include "port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wireladder/base_namespace.h"

#define PORT_BLOCK_BYTES 65536
#define PORT_MARGIN      64          /* the kernel aligns what it puts into a slot */
#define PORT_RING_BYTES  (32U << 20) /* 0.2 s of 100,000 packets a second */
#define PORT_RING_LEAST  (1U << 20)

/* As large as the kernel has memory for. A slot holds the kernel's header, its address record
 * and the frame; a block holds whole slots. */
static bool port_ring(struct port *port, size_t frame_bytes)
{
	size_t slot = (sizeof(struct tpacket2_hdr) + sizeof(struct sockaddr_ll) + PORT_MARGIN +
		       frame_bytes + PORT_MARGIN) & ~(size_t)(PORT_MARGIN - 1);
	size_t block = slot > PORT_BLOCK_BYTES ? 2U * PORT_BLOCK_BYTES : PORT_BLOCK_BYTES;
	struct tpacket_req request = {.tp_frame_size = (unsigned)slot,
				      .tp_block_size = (unsigned)block};
	size_t bytes = PORT_RING_BYTES;
	int version = TPACKET_V2, done = -1;
	if (setsockopt(port->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) != 0)
		return false;
	for (; done != 0 && bytes >= PORT_RING_LEAST; bytes /= 2) {
		request.tp_block_nr = (unsigned)(bytes / block);
		request.tp_frame_nr = (unsigned)(block / slot * request.tp_block_nr);
		port->ring_bytes = block * request.tp_block_nr;
		done = setsockopt(port->fd, SOL_PACKET, PACKET_RX_RING, &request,
				  sizeof(request));
	}
	port->slot_bytes = slot;
	port->block_bytes = block;
	port->slots = request.tp_frame_nr;
	if (done == 0)
		port->ring = mmap(NULL, port->ring_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
				  port->fd, 0);
	if (port->ring == MAP_FAILED)
		port->ring = NULL;
	return port->ring != NULL;
}

/* What the wire itself sends is not the wire's business. */
static bool port_bind(const struct port *port, const char *interface)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET};
	int on = 1;
	address.sll_protocol = htons(ETH_P_ALL);
	address.sll_ifindex = (int)if_nametoindex(interface);
	return address.sll_ifindex != 0 &&
	       setsockopt(port->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) == 0 &&
	       bind(port->fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

bool port_open(struct port *port, const char *interface, size_t frame_bytes, struct err *err)
{
	*port = (struct port){.fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)};
	if (port->fd >= 0 && port_ring(port, frame_bytes) && port_bind(port, interface))
		return true;
	namespace_refused("opening the wire's end", errno, err);
	port_close(port);
	return false;
}

static struct tpacket2_hdr *port_header(const struct port *port)
{
	size_t in_block = port->block_bytes / port->slot_bytes;
	return (void *)(port->ring + port->next / in_block * port->block_bytes +
			port->next % in_block * port->slot_bytes);
}

bool port_peek(const struct port *port, struct port_frame *frame)
{
	const struct tpacket2_hdr *header = port_header(port);
	if (!(__atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
		return false;
	frame->bytes = (const uint8_t *)header + header->tp_mac;
	frame->len = header->tp_snaplen;
	frame->ns = header->tp_sec * NS_PER_S + header->tp_nsec;
	return true;
}

void port_release(struct port *port)
{
	__atomic_store_n(&port_header(port)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	port->next = (port->next + 1) % port->slots;
}

#define PORT_TRIES 5000
#define PORT_PAUSE_NS 20000

/* The far host may be too busy for the moment to take it. */
bool port_send(const struct port *port, const uint8_t *bytes, size_t count)
{
	for (int i = 0; i < PORT_TRIES; i++) {
		if (send(port->fd, bytes, count, MSG_DONTWAIT) == (ssize_t)count)
			return true;
		if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			return false;
		clock_sleep_ns(PORT_PAUSE_NS);
	}
	return false;
}

uint64_t port_dropped(const struct port *port)
{
	struct tpacket_stats counts = {0};
	socklen_t size = sizeof(counts);
	if (port->fd < 0 ||
	    getsockopt(port->fd, SOL_PACKET, PACKET_STATISTICS, &counts, &size) != 0)
		return 0;
	return counts.tp_drops;
}

void port_close(struct port *port)
{
	if (port->ring)
		munmap(port->ring, port->ring_bytes);
	if (port->fd >= 0)
		close(port->fd);
	*port = (struct port){.fd = -1};
}
