/* A capture for each link type and each tunnel: a TCP session within it, and a UDP question and
 * answer for each further variant of its header. */
#include "captures.h"

#include <stdio.h>

struct layered {
	const char *name, *layers;
	uint8_t family, variants;
};

static const struct layered captures[] = {
	{"links-null", "NULL", 6, 3},
	{"links-ethernet", "ethernet ETHERNET", 4, 2},
	{"links-ppp", "PPP", 4, 6},
	{"links-fddi", "FDDI", 4, 1},
	{"links-raw-12", "RAW-12", 4, 1},
	{"links-raw-14", "RAW-14", 6, 1},
	{"links-ppp-hdlc", "PPP_HDLC", 6, 1},
	{"links-ppp-ether", "PPP_ETHER", 4, 1},
	{"links-raw", "RAW", 4, 1},
	{"links-c-hdlc", "C_HDLC", 4, 1},
	{"links-802-11", "IEEE802_11", 4, 12},
	{"links-loop", "LOOP", 6, 1},
	{"links-sll", "LINUX_SLL", 4, 1},
	{"links-radiotap", "RADIOTAP", 4, 12},
	{"links-ppi", "PPI", 4, 4},
	{"links-ipv4", "IPV4", 4, 1},
	{"links-ipv6", "IPV6", 6, 1},
	{"links-sll2", "LINUX_SLL2", 6, 1},
	{"vlan", "vlan ethernet ETHERNET", 4, 4},
	{"qinq", "vlan vlan ethernet ETHERNET", 4, 4},
	{"pbb", "ethernet pbb vlan ethernet ETHERNET", 4, 1},
	{"llc-snap", "snap ETHERNET", 4, 1},
	{"llc-ip", "sap ETHERNET", 4, 1},
	{"pppoe", "pppoe ethernet ETHERNET", 4, 1},
	{"pppoe-in-vlan", "pppoe vlan ethernet ETHERNET", 6, 1},
	{"mpls", "mpls ethernet ETHERNET", 4, 1},
	{"mpls-stack", "mpls mpls mpls ethernet ETHERNET", 6, 1},
	{"mpls-ethernet", "ethernet mpls ethernet ETHERNET", 4, 1},
	{"mpls-ppp", "mpls PPP", 4, 1},
	{"mpls-in-ip", "mpls mpls-in-ip ethernet ETHERNET", 4, 2},
	{"tunnel-4in4", "ip4 ethernet ETHERNET", 4, 1},
	{"tunnel-6in4", "ip4 ethernet ETHERNET", 6, 1},
	{"tunnel-4in6", "ip6 ethernet ETHERNET", 4, 1},
	{"tunnel-6in6", "ip6 ethernet ETHERNET", 6, 1},
	{"tunnel-ah", "ah ethernet ETHERNET", 4, 1},
	{"tunnel-ah6", "ah ethernet ETHERNET", 6, 1},
	{"tunnel-ah-4in4", "ip4 ah RAW", 4, 1},
	{"tunnel-gre", "gre ethernet ETHERNET", 4, 8},
	{"tunnel-gre-ethernet", "ethernet gre RAW", 4, 2},
	{"tunnel-gre-mpls", "mpls gre RAW", 4, 2},
	{"tunnel-erspan", "ethernet erspan gre ethernet ETHERNET", 4, 2},
	{"tunnel-pptp", "pptp ethernet ETHERNET", 4, 6},
	{"tunnel-vxlan", "ethernet vxlan ethernet ETHERNET", 4, 2},
	{"tunnel-geneve", "geneve ethernet ETHERNET", 4, 4},
	{"tunnel-geneve-ethernet", "ethernet geneve RAW", 6, 2},
	{"tunnel-gtp-u", "gtp-u ethernet ETHERNET", 4, 8},
	{"tunnel-teredo", "teredo ethernet ETHERNET", 6, 6},
	{"nested", "ip6 vlan ethernet vxlan gre mpls pppoe vlan vlan ethernet ETHERNET", 6, 2},
	{"nested-tunnels", "gre gtp-u geneve ip4 ah ip6 mpls mpls-in-ip LINUX_SLL", 4, 1},
	{"nested-16",
		"gre gre gre gre gre gre gre gre gre gre gre gre gre gre gre gre RAW", 4, 1},
};

static void variants_say(struct capture *capture, const struct layered *row)
{
	for (uint8_t variant = 0; variant < row->variants; variant++) {
		capture->seed = 100u * variant;
		capture->client_port = (uint16_t)(40000 + variant);
		if (variant == 0)
			talk_tcp(capture, row->family, 20);
		else
			talk_udp(capture, row->family, 20);
	}
}

/* 17 and 20 tags: one more than records name, and more. What is behind them stays shut. */
static void too_deep_write(struct capture *capture)
{
	static const uint8_t depths[] = {17, 20};
	struct stack *stack = capture->stack;
	struct packet_bytes p;

	packet_udp(&p, &(struct udp_spec){
		.ip = {.src = "192.0.2.10:1000", .dst = "192.0.2.20:7"}, .payload = "deep"});
	capture->spec.linktype = 1;
	capture_begin(capture);
	for (size_t i = 0; i < ARRAY_COUNT(depths); i++) {
		stack_begin(stack, &p, 1);
		for (uint8_t depth = 0; depth < depths[i]; depth++) {
			stack->draft.expected.tunnel.count = 0; /* nobody asks for it */
			stack_put(stack, "vlan");
		}
		stack_put(stack, "ethernet ETHERNET");
		capture_frame(capture, &stack->frames[0]);
	}
	capture_end(capture, "nested-too-deep.pcap");
}

void layered_write(const char *folder, struct stack *stack)
{
	struct capture capture = {.folder = folder, .stack = stack};

	for (size_t i = 0; i < ARRAY_COUNT(captures); i++) {
		char name[64];
		capture.layers = captures[i].layers;
		capture_begin(&capture);
		variants_say(&capture, &captures[i]);
		snprintf(name, sizeof(name), "%s.pcap", captures[i].name);
		capture_end(&capture, name);
	}
	too_deep_write(&capture);
}
