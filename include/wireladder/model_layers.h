/* The layers below and around IP: whose numbers name what is unknown, and the tunnels. */
#ifndef WIRELADDER_MODEL_LAYERS_H
#define WIRELADDER_MODEL_LAYERS_H

#include "wireladder/base.h"

/* Whose number names what nobody here knows: LINKTYPE_, ethertype, IP protocol, PPP protocol,
 * 802.2 service access point, 802.11 frame (enum wifi_frame). */
enum layer {
	LAYER_LINK, LAYER_ETHERTYPE, LAYER_IP_PROTOCOL, LAYER_PPP, LAYER_SAP, LAYER_WIFI,
};

/* What an 802.11 frame is that carries no packet anybody could read. */
enum wifi_frame {
	WIFI_MANAGEMENT, WIFI_CONTROL, WIFI_EXTENSION, WIFI_NO_DATA, WIFI_ENCRYPTED,
	WIFI_FRAGMENT,
};

/* Layers around the innermost IP packet, and what their number is, if they have one. */
#define TUNNEL_LIST(X) \
	X(VLAN, "vlan")       /* 802.1Q, 802.1ad: VLAN id */ \
	X(PBB, "802.1ah")     /* provider backbone bridge: service instance (I-SID) */ \
	X(MPLS, "mpls")       /* label; one for each of the stack (RFC 3032) */ \
	X(PPPOE, "pppoe")     /* session id (RFC 2516) */ \
	X(AH, "ah")           /* security parameters index (RFC 4302) */ \
	X(GRE, "gre")         /* key (RFC 2890), call id (RFC 2637), or none */ \
	X(ERSPAN, "erspan")   /* mirror session */ \
	X(4IN4, "4in4")       /* IP in IP, by the versions of inner and outer: RFC 2003 */ \
	X(6IN4, "6in4")       /* RFC 4213 */ \
	X(4IN6, "4in6")       /* RFC 2473 */ \
	X(6IN6, "6in6")       /* RFC 2473 */ \
	X(VXLAN, "vxlan")     /* network identifier (RFC 7348) */ \
	X(GENEVE, "geneve")   /* network identifier (RFC 8926) */ \
	X(GTP_U, "gtp-u")     /* tunnel endpoint identifier (3GPP TS 29.281) */ \
	X(TEREDO, "teredo")   /* RFC 4380 */

enum tunnel_kind {
#define X(name, word) TUNNEL_##name,
	TUNNEL_LIST(X)
#undef X
	TUNNEL_COUNT
};

extern const char *const tunnel_words[TUNNEL_COUNT];

/* The layers passed to reach the innermost IP packet, outermost first; deeper ones stay
 * shut. */
#define TUNNEL_MAX 16
struct tunnel {
	uint8_t count;
	uint8_t kind[TUNNEL_MAX];    /* enum tunnel_kind */
	uint16_t numbered;           /* bit i: layer i has a number */
	uint32_t number[TUNNEL_MAX];
};

#endif
