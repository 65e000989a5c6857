// The small enumerations that columns hold, and the one question every view asks of a packet:
// what kind of arrow is it? Kinds follow the palette (draw/theme.js): one hue and one line style
// each.

/** Kind names in the order of their numbers. */
export const KINDS = ['data', 'ack', 'dup', 'resent', 'lost', 'ctl'];
export const KIND_DATA = 0;
export const KIND_ACK = 1;
export const KIND_DUP = 2;
export const KIND_RESENT = 3;
export const KIND_LOST = 4;
export const KIND_CTL = 5;
/** What stands out in the large picture, in the order of its columns. */
export const KINDS_RARE = [KIND_RESENT, KIND_DUP, KIND_LOST];

export const PROTO_TCP = 0;
export const PROTO_UDP = 1;
export const PROTO_ICMP = 2;
export const PROTO_FRAGMENT = 3;
export const PROTO_NAMES = ['TCP', 'UDP', 'ICMP', 'fragment'];

/** Flag words by bit, as they stand in the header from the lowest bit up. */
export const FLAG_WORDS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE'];
export const FLAG_FIN = 1;
export const FLAG_SYN = 2;
export const FLAG_RST = 4;
export const FLAG_ACK = 16;

/** What is known of a packet beside its numbers; one bit each. */
export const BIT_SERVER = 1;
export const BIT_LOST = 2;
export const BIT_VERDICT = 4;
export const BIT_FLAW = 8;
export const BIT_NOTE = 16;
export const BIT_COPY = 32;
export const BIT_ESTIMATED = 64;
/** An ICMP message whose sender is neither end: it starts on the wire. */
export const BIT_BETWEEN = 128;

/** The conversation of packets that belong to none. */
export const NO_CONV = 0xffffffff;

/** Verdicts that say a packet was sent again, and those drawn in the hue of duplicates and late ones. */
const KIND_RESENT_IDS = /retransmission$|^rto-|^tail-loss-probe$/;
const KIND_DUP_IDS = /^dup-ack$|^dsack$|^out-of-order$|duplicate$|^reordered$/;

/** The kind that a verdict makes of an arrow, -1 for none. A tail loss probe may carry new bytes
 * (RFC 8985 7.3): then it repeats no packet. @param {import('./records.js').Rec|undefined} verdict */
export function kindByVerdict(verdict) {
	const id = verdict?.id ?? '';
	if (KIND_RESENT_IDS.test(id)) return verdict?.of || id !== 'tail-loss-probe' ? KIND_RESENT : -1;
	return KIND_DUP_IDS.test(id) ? KIND_DUP : -1;
}

/**
 * Which of several verdicts names the arrow: one that changes its kind comes first; that it was
 * lost is seen anyway.
 * @param {import('./records.js').Rec[]} verdicts
 */
export function kindVerdict(verdicts) {
	const of = (/** @type {number} */ kind) => verdicts.find((v) => kindByVerdict(v) === kind);
	return of(KIND_RESENT) ?? of(KIND_DUP) ?? verdicts.find((v) => v.id !== 'lost') ?? verdicts[0];
}

/**
 * @param {number} bits @param {number} proto @param {number} flags @param {number} len
 * @param {number} told the kind that its verdict makes of it, or -1
 */
export function kindOf(bits, proto, flags, len, told) {
	if (bits & BIT_LOST) return KIND_LOST;
	if (told >= 0) return told;
	if (bits & BIT_COPY) return KIND_DUP;
	if (proto === PROTO_ICMP) return KIND_CTL;
	if (proto !== PROTO_TCP) return KIND_DATA;
	if (flags & (FLAG_SYN | FLAG_FIN | FLAG_RST)) return KIND_CTL;
	return len > 0 ? KIND_DATA : KIND_ACK;
}

/** @param {number} flags bits -> words, in the record's order */
export function flagWords(flags) {
	const order = [1, 0, 2, 3, 4, 5, 6, 7, 8];
	return order.filter((bit) => flags & (1 << bit)).map((bit) => FLAG_WORDS[bit]);
}

/** @param {unknown} words */
export function flagBits(words) {
	const list = String(words).split(' ');
	return FLAG_WORDS.reduce((bits, word, bit) => bits | Number(list.includes(word)) << bit, 0);
}
