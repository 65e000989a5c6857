#include "matcher.h"

#include <stdlib.h>
#include <string.h>

struct rule_state {
	uint32_t seen[END_COUNT]; /* frames that the rule looks for, each way */
	uint64_t rng[END_COUNT];
};

/* Without ECE and CWR: an ACK that carries them is still a pure one (RFC 3168 6.1.4). */
#define FLAGS_ANY (TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_ACK | TCP_URG)
#define PROTOCOL_ICMP  1
#define PROTOCOL_UDP   17
#define PROTOCOL_ICMP6 58

static bool is_tcp(const struct meaning *m)
{
	return m->protocol == PROTOCOL_TCP && m->first;
}

static bool is_any(const struct meaning *m)
{
	(void)m;
	return true;
}

static bool is_syn(const struct meaning *m)
{
	return is_tcp(m) && (m->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static bool is_syn_ack(const struct meaning *m)
{
	return is_tcp(m) && (m->tcp_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
}

static bool is_fin(const struct meaning *m)
{
	return is_tcp(m) && m->tcp_flags & TCP_FIN;
}

static bool is_rst(const struct meaning *m)
{
	return is_tcp(m) && m->tcp_flags & TCP_RST;
}

static bool is_ack(const struct meaning *m)
{
	return is_tcp(m) && (m->tcp_flags & FLAGS_ANY) == TCP_ACK && m->payload_len == 0;
}

static bool is_data(const struct meaning *m)
{
	return is_tcp(m) && m->payload_len > 0;
}

static bool is_datagram(const struct meaning *m)
{
	return m->protocol == PROTOCOL_UDP && m->first;
}

static bool is_fragment(const struct meaning *m)
{
	return m->fragment;
}

static bool is_icmp(const struct meaning *m)
{
	return (m->family == 4 && m->protocol == PROTOCOL_ICMP) ||
	       (m->family == 6 && m->protocol == PROTOCOL_ICMP6);
}

static bool (*const kinds[WIRE_MATCH_COUNT])(const struct meaning *) = {
	[WIRE_ANY] = is_any,           [WIRE_SYN] = is_syn,
	[WIRE_SYN_ACK] = is_syn_ack,   [WIRE_FIN] = is_fin,
	[WIRE_RST] = is_rst,           [WIRE_ACK] = is_ack,
	[WIRE_DATA] = is_data,         [WIRE_DATAGRAM] = is_datagram,
	[WIRE_FRAGMENT] = is_fragment, [WIRE_ICMP] = is_icmp,
};

bool matcher_open(struct matcher *matcher, const struct lesson *lesson, uint64_t seed)
{
	*matcher = (struct matcher){.rules = lesson->rules, .count = lesson->rule_count};
	matcher->states = calloc(lesson->rule_count + 1, sizeof(*matcher->states));
	if (!matcher->states || !flows_open(&matcher->flows)) {
		matcher_close(matcher);
		return false;
	}
	for (size_t i = 0; i < matcher->count; i++) {
		matcher->states[i].rng[END_CLIENT] = rng_next(&seed);
		matcher->states[i].rng[END_SERVER] = rng_next(&seed);
	}
	return true;
}

void matcher_close(struct matcher *matcher)
{
	flows_close(&matcher->flows);
	free(matcher->states);
	*matcher = (struct matcher){0};
}

static bool rule_looks_for(const struct wire_rule *rule, const struct meaning *m,
			   const struct place *place)
{
	if (!kinds[rule->match](m))
		return false;
	if (rule->port && (!m->first || (rule->port != m->sport && rule->port != m->dport)))
		return false;
	if (rule->copy && rule->copy != place->copy)
		return false;
	return rule->bytes[0] < 0 ||
	       (place->from < place->to && (int64_t)place->to > rule->bytes[0] &&
		(rule->bytes[1] < 0 || (int64_t)place->from <= rule->bytes[1]));
}

/* Whether the k-th such frame is among those that the rule wants. */
static bool rule_wants(const struct wire_rule *rule, uint32_t k)
{
	uint32_t first = rule->first ? rule->first : 1;
	return k >= first && (rule->last == 0 || k <= rule->last) &&
	       (rule->every <= 1 || (k - first + 1) % rule->every == 0);
}

#define PPM 1000000

static bool rule_fits(const struct wire_rule *rule, struct rule_state *state,
		      const struct meaning *m, const struct place *place, enum end to)
{
	if (!rule->to[to] || !rule_looks_for(rule, m, place))
		return false;
	if (!rule_wants(rule, ++state->seen[to]))
		return false;
	return rule->chance_ppm == 0 || rng_next(&state->rng[to]) % PPM < rule->chance_ppm;
}

uint32_t matcher_rule(struct matcher *matcher, const struct meaning *meaning, enum end to)
{
	struct place place = {.copy = 1};
	uint32_t found = 0;
	if (is_tcp(meaning))
		place = flows_place(&matcher->flows, meaning, to);
	matcher->place = place;
	for (size_t i = 0; i < matcher->count; i++) {
		bool fits = rule_fits(&matcher->rules[i], &matcher->states[i], meaning, &place,
				      to);
		if (fits && found == 0)
			found = (uint32_t)i + 1;
	}
	return found;
}
