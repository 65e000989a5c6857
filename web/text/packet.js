// A packet in words: the label on its arrow, the chip and title in the panel, one sentence for
// the live region. Sentences about verdicts come with the records (meta.glossary); here they are
// only filled.

import {
	BIT_COPY, BIT_LOST, BIT_SERVER, FLAG_ACK, FLAG_FIN, FLAG_RST, FLAG_SYN, KIND_CTL, KIND_DATA,
	KIND_DUP, KIND_RESENT, PROTO_FRAGMENT, PROTO_ICMP, PROTO_NAMES, PROTO_TCP, PROTO_UDP, flagWords, kindByVerdict, kindVerdict,
} from '../core/kinds.js';
import { visibleText } from '../core/bytes.js';
import { recordList, recordObject, recordWord } from '../core/records.js';
import { bytesText, countText } from './format.js';
import { isNumber, round } from '../core/math.js';

/** @typedef {import('../core/columns.js').Timeline} Timeline */
/** @typedef {import('../core/records.js').Extra} Extra */

/** @param {Timeline} tl @param {string} id */
export function verdictLabel(tl, id) {
	const label = tl.glossary.get(id)?.label;
	return visibleText(typeof label === 'string' && label !== '' ? label : id.replaceAll('-', ' '));
}

/** A verdict in a few words, as on an arrow. @param {Timeline} tl @param {import('../core/records.js').Rec} verdict */
export function verdictWords(tl, verdict) {
	const { id, number, needed } = verdict;
	return (verdictCandidates(tl, verdict) || verdictLabel(tl, id))
		+ (number > 1 || (number === 1 && id === 'dup-ack') ? ' ' + number : '') + (needed === 'no' ? ', needless' : '');
}

/** @param {Timeline} tl @param {import('../core/records.js').Rec} verdict */
function verdictCandidates(tl, { candidates }) {
	return recordList(candidates).map((id) => verdictLabel(tl, String(id))).join(' or ');
}

/**
 * The glossary's sentence, its places filled from the verdict and its facts. A part in [ ] is left
 * out when nothing is known for one of its places.
 * @param {Timeline} tl @param {import('../core/records.js').Rec} verdict
 */
export function verdictText(tl, verdict) {
	const text = tl.glossary.get(verdict.id)?.text;
	if (typeof text !== 'string') return '';
	const known = { ...recordObject(verdict.facts), of: verdict.of, number: verdict.number,
		because: becauseText(recordList(verdict.because)), candidates: verdictCandidates(tl, verdict) };
	return visibleText(text.split(/[[\]]/).map((part, at) => {
		let whole = true;
		const filled = part.replace(/\{(\w+)\}/g, (_, name) => {
			const word = factText(name, recordWord(known, name, ''));
			whole = whole && word !== '';
			return word;
		});
		return whole || at % 2 === 0 ? filled : '';
	}).join(''));
}

/** `packets 8, 9 and 10` @param {unknown[]} list */
function becauseText(list) {
	return list.length > 0 && (list.length > 1 ? 'packets ' : 'packet ') + list.join(', ').replace(/, (\S+)$/, ' and $1');
}

/** What stands in a place follows from its name alone. @param {string} name @param {any} value */
function factText(name, value) {
	if (!isNumber(value)) return String(value || '');
	if (name.endsWith('_ns')) return factDuration(value);
	if (name === 'srtts') return (value / 10).toFixed(1);
	return /^(of|number|left|right|tsval|ip_id)$/.test(name) ? String(value) : countText(value, ',');
}

/** Three digits at most; rounded first, so that 999.7 µs are 1.00 ms. @param {number} ns @returns {string} */
function factDuration(ns) {
	if (ns < 0) return '-' + factDuration(-ns);
	let unit = 1e3, at = 0;
	for (const most of [1e3, 1e3, 60, 60]) {
		if (round(ns / unit) < most) break;
		unit *= most;
		at++;
	}
	const hundredths = round(ns * 100 / unit);
	return (hundredths < 1000 ? (hundredths / 100).toFixed(2) : round(ns / unit)) + ' ' + ['µs', 'ms', 's', 'min', 'h'][at];
}

/** The verdict that names the arrow. @param {Timeline} tl @param {number} row */
function rowNamed(tl, row) {
	return kindVerdict(tl.extras.get(row)?.verdicts ?? []);
}

/** @param {Timeline} tl @param {number} row @returns {string} its verdict in words, or '' */
export function rowVerdict(tl, row) {
	const verdict = rowNamed(tl, row);
	return verdict ? verdictWords(tl, verdict) : '';
}

/** Whether it was sent again, lost or not. @param {Timeline} tl @param {number} row */
function rowAgain(tl, row) {
	return kindByVerdict(rowNamed(tl, row)) === KIND_RESENT;
}

/**
 * The label on the arrow: what it says first, then what can be left out when there is no room.
 * @param {Timeline} tl @param {number} row
 * @returns {string[]} from long to short
 */
export function arrowLabels(tl, row) {
	const c = tl.cols, extra = tl.extras.get(row);
	if (c.proto[row] === PROTO_ICMP) return icmpLabels(extra);
	if (c.proto[row] === PROTO_FRAGMENT) return fragmentLabels(extra);
	const head = c.proto[row] === PROTO_UDP ? udpHead(tl, row, extra) : tcpHead(tl, row);
	const told = rowAgain(tl, row) ? '⟳ ' : '', short = told + head;
	const fate = c.bits[row] & (BIT_COPY | BIT_LOST) ? '' : fateWords(extra);
	const marked = short + (fate && ' · ' + fate), verdict = arrowVerdict(tl, row) + (fate && ' · ' + fate + ' by the wire');
	const preview = extra?.preview ? ' “' + extra.preview + '”' : '';
	// `dup ACK 2 ack 1449` says ACK once.
	const middle = c.kind[row] === KIND_DUP && verdict
		? verdict + ' ' + (/ack/i.test(verdict) ? short.replace(/^ACK /, '') : short) : short + verdict;
	// Where there is room for little, why says more than what.
	return [middle + arrowOptions(extra) + preview, middle + arrowOptions(extra), middle, verdict && told + verdict, marked, short]
		.map((text) => text.replace(/ +/g, ' ').trim())
		.filter((text, at, all) => text && all.indexOf(text) === at);
}

/** @param {Timeline} tl @param {number} row */
function tcpHead(tl, row) {
	const c = tl.cols, flags = c.flags[row];
	const parts = [];
	if (flags & (FLAG_SYN | FLAG_FIN | FLAG_RST)) parts.push(ctlWords(flags));
	else if (c.len[row] === 0) parts.push('ACK');
	if (flags & (FLAG_SYN | FLAG_FIN) || c.len[row] > 0 || (flags & FLAG_RST && !(flags & FLAG_ACK))) parts.push('seq ' + c.seq[row]);
	if (c.len[row] > 0) parts.push('len ' + c.len[row]);
	else if (!isNaN(c.ack[row])) parts.push('ack ' + c.ack[row]);
	return parts.join(' ');
}

/** @param {number} flags */
function ctlWords(flags) {
	return flagWords(flags).filter((word) => word !== 'PSH').join(', ');
}

/** @param {Timeline} tl @param {number} row @param {Extra|undefined} extra */
function udpHead(tl, row, extra) {
	const parts = extra?.fragments ? ' in ' + extra.fragments.length + ' fragments' : '';
	return 'datagram len ' + tl.cols.len[row] + parts;
}

/** @param {Timeline} tl @param {number} row */
function arrowVerdict(tl, row) {
	if (tl.cols.bits[row] & BIT_COPY) return ' copy';
	return rowNamed(tl, row)?.id === 'lost' ? '' : ' ' + rowVerdict(tl, row);
}

/** @param {Extra|undefined} extra */
function arrowOptions(extra) {
	const opts = extra?.opts;
	if (!opts) return '';
	const sack = recordList(opts.sack).map((s) => Array.isArray(s) ? s[0] + '–' + s[1] : '?').join(' ');
	return (isNumber(opts.mss) ? ' mss ' + opts.mss : '') + (opts.sack_ok ? ' sackOK' : '')
		+ (isNumber(opts.wscale) ? ' ws ' + opts.wscale : '') + (sack && ' SACK ' + sack);
}

/** What the wire can do to a packet, in words for its arrow.
 * @type {Record<string, string>} */
const FATE_WORDS = {
	delay: 'delayed', hold: 'held back', duplicate: 'doubled', corrupt: 'damaged', 'mark-ce': 'marked CE',
	stall: 'held up', 'queue-drop': 'dropped: the queue is full', 'too-big': 'dropped: too big for the link',
	'lab-ended': 'still under way when the lab ended',
};

/** @param {Extra|undefined} extra */
function fateWords(extra) {
	return (extra?.fate ?? []).map((f) => recordWord(FATE_WORDS, f?.did, '')).find((word) => word) ?? '';
}

/** What stands beside the cross of a lost packet. @param {Timeline} tl @param {number} row */
export function lostLabel(tl, row) {
	const extra = tl.extras.get(row), fate = (extra?.fate ?? []).find((f) => typeof f?.rule === 'string');
	return fate ? 'wire rule: ' + visibleText(fate.rule) : fateWords(extra) || 'lost: it never arrived';
}

/** @param {Extra|undefined} extra */
function icmpLabels(extra) {
	const icmp = extra?.icmp ?? {};
	const text = typeof icmp.text === 'string' ? icmp.text : 'type ' + icmp.type + ' code ' + icmp.code;
	const quotes = isNumber(icmp.quotes) ? ' about #' + icmp.quotes : '';
	return [text + quotes, text, text.replace(/^.*: /, '')].map((words) => 'ICMP ' + visibleText(words)).concat('ICMP');
}

/** @param {Extra|undefined} extra */
function fragmentLabels(extra) {
	const part = extra?.frag ?? {};
	return ['fragment offset ' + (part.offset ?? 0) + ' len ' + (part.len ?? 0)
		+ (part.more ? '' : ' (last)'), 'fragment'];
}

/** The chip in the panel: what kind of packet it is. @param {Timeline} tl @param {number} row */
export function kindText(tl, row) {
	const c = tl.cols;
	const verdict = arrowVerdict(tl, row).trim(), told = (rowAgain(tl, row) ? '⟳ ' : '') + verdict;
	if (c.bits[row] & BIT_LOST) return '✕ lost' + (verdict && ' · ' + told);
	if (verdict) return told;
	if (c.proto[row] === PROTO_UDP) return 'UDP datagram';
	if (c.proto[row] !== PROTO_TCP) return PROTO_NAMES[c.proto[row]];
	if (c.kind[row] === KIND_CTL) return ctlWords(c.flags[row]);
	return c.kind[row] === KIND_DATA ? 'data' : 'ACK';
}

/** @param {Timeline} tl @param {number} row the title sentence of the panel */
export function titleText(tl, row) {
	const c = tl.cols, who = senderText(tl, row), flags = c.flags[row], len = c.len[row];
	if (c.proto[row] === PROTO_ICMP) return icmpLabels(tl.extras.get(row))[0];
	if (c.proto[row] === PROTO_FRAGMENT) return 'A piece of a larger datagram';
	if (c.proto[row] === PROTO_UDP) return who + ' sends a datagram of ' + bytesText(len);
	if (rowAgain(tl, row)) return who + ' sends ' + resentThing(flags, len) + ' again';
	if (flags & FLAG_SYN) return flags & FLAG_ACK
		? who + ' agrees, and opens its own direction' : who + ' asks to open a connection';
	if (flags & FLAG_RST) return who + ' breaks the connection off';
	if (flags & FLAG_FIN) return who + ' has no more data to send' + (len ? ' after these ' + bytesText(len) : '');
	if (c.kind[row] === KIND_DUP || (len === 0 && rowVerdict(tl, row))) return who + ': ' + kindText(tl, row);
	if (len > 0) return who + ' sends ' + bytesText(len);
	return who + ' acknowledges everything before ' + (isNaN(c.ack[row]) ? '?' : c.ack[row]);
}

/** @param {number} flags @param {number} len */
function resentThing(flags, len) {
	if (flags & (FLAG_SYN | FLAG_FIN)) return 'its ' + ctlWords(flags);
	return len > 0 ? 'these ' + bytesText(len) : 'this';
}

/** @param {Timeline} tl @param {number} row */
function senderText(tl, row) {
	return tl.cols.bits[row] & BIT_SERVER ? 'The server' : 'The client';
}

/** What the live region reads. @param {Timeline} tl @param {number} row @param {string} time */
export function spokenText(tl, row, time) {
	const verdict = rowVerdict(tl, row);
	const flags = tl.cols.proto[row] === PROTO_TCP ? arrowLabels(tl, row).at(-1) : '';
	return 'Packet ' + tl.cols.n[row] + ' at ' + time + ': ' + titleText(tl, row)
		+ (flags ? ', ' + flags : '') + (verdict ? ', ' + verdict : '') + '.';
}
