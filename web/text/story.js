// A conversation in words, and the honest legend of its arrows.

import { visibleText } from '../core/bytes.js';
import { recordObject, recordWord } from '../core/records.js';
import { countText, durationText, endText, plural, sizeText } from './format.js';
import { verdictLabel } from './packet.js';
import { isNumber, max } from '../core/math.js';

/** @typedef {import('../core/columns.js').Timeline} Timeline */
/** @typedef {import('../core/columns.js').Conv} Conv */

/** @param {Timeline} tl @param {Conv} conv ns from its first packet to its last */
export function convElapsed(tl, conv) {
	if (!conv.bare) return conv.count > 0 ? tl.cols.t[conv.last] - tl.cols.t[conv.first] : 0;
	const { t, end } = tl.sheets.call.cols, calls = tl.callsOf[conv.index];
	return calls.reduce((last, i) => max(last, end[i] || 0), t[calls[calls.length - 1]]) - t[calls[0]];
}

/** `#1 TCP` @param {Timeline} tl @param {Conv} conv */
export function convName(tl, conv) {
	return conv.bare ? 'Calls without packets' : '#' + conv.conv + ' ' + convProto(tl, conv);
}

/** @param {Timeline} tl @param {Conv} conv */
export function convProto(tl, conv) {
	return (conv.proto || (tl.cols.proto[conv.first] === 1 ? 'udp' : 'tcp')).toUpperCase();
}

/** `#1 TCP 127.0.0.1:41822 → 127.0.0.1:7 · 20 packets · 0.18 s`
 * @param {Timeline} tl @param {Conv} conv */
export function convChip(tl, conv) {
	return convName(tl, conv) + (conv.bare ? ' · ' : ' ') + convEnds(tl, conv) + ' · ' + convCount(tl, conv) + ' · ' + durationText(convElapsed(tl, conv));
}

/** @param {Timeline} tl @param {Conv} conv */
export function convCount(tl, conv) {
	return conv.bare ? plural(tl.callsOf[conv.index].length, 'call') : plural(conv.count, 'packet');
}

/** @param {Timeline} tl @param {Conv} conv */
export function convEnds(tl, conv) {
	const { program } = tl.sheets.call.cols;
	if (conv.bare) return [...new Set(tl.callsOf[conv.index].map((i) => visibleText(tl.programs.get(program[i])?.name ?? 'program')))].join(', ');
	return endText(conv.client) + ' → ' + endText(conv.server);
}

/** How it began and ended, in a word or two each. @param {Conv} conv */
export function convFate(conv) {
	const closed = conv.closed;
	if (!closed) return '';
	if (conv.proto === 'udp') return 'never opened, never closed';
	/** @type {Record<string, string>} */
	const ends = {
		fin: 'closed by FIN', rst: 'reset', open: 'still open', timeout: 'timed out',
		evicted: 'let go',
	};
	return [closed.opened === 'mid-capture' && 'began before the capture', recordWord(ends, closed.ended, '')]
		.filter((part) => part).join(' · ');
}

/** Verdicts by id, and how often each was given, the most frequent first.
 * @param {Conv} conv */
export function convVerdicts(conv) {
	return Object.entries(recordObject(conv.closed?.verdicts)).filter(([, n]) => isNumber(n)).sort((a, b) => b[1] - a[1]);
}

/** The story a screen reader hears for the picture. @param {Timeline} tl @param {Conv} conv */
export function convStory(tl, conv) {
	if (conv.bare) return convChip(tl, conv) + '.';
	const parts = [convProto(tl, conv) + ' conversation ' + conv.conv + ' from '
		+ endText(conv.client) + ' to ' + endText(conv.server),
	plural(conv.count, 'packet') + ' in ' + durationText(convElapsed(tl, conv))];
	const closed = conv.closed;
	if (closed?.lost) parts.push(countText(closed.lost) + ' lost');
	for (const [id, count] of convVerdicts(conv)) parts.push(countText(count) + ' ' + verdictLabel(tl, id));
	const fate = convFate(conv);
	if (fate) parts.push(fate);
	return visibleText(parts.join(', ')) + '.';
}

/** Rows of facts about a conversation. @param {Timeline} tl @param {Conv} conv */
export function convFacts(tl, conv) {
	/** @type {[string, string][]} */
	const facts = [
		['client', endText(conv.client)],
		['server', endText(conv.server)],
		['packets', countText(conv.count)],
		['lasted', durationText(convElapsed(tl, conv))],
	];
	const closed = conv.closed;
	if (!closed) return facts;
	if (closed.bytes) facts.push(['data',
		sizeText(closed.bytes.client ?? 0) + ' → · ← ' + sizeText(closed.bytes.server ?? 0)]);
	if (closed.opened) facts.push(['opened', visibleText(closed.opened)]);
	if (closed.ended) facts.push(['ended', convFate(conv) || visibleText(closed.ended)]);
	if (isNumber(closed.handshake?.rtt))
		facts.push(['handshake', durationText(closed.handshake.rtt)]);
	for (const end of ['client', 'server']) {
		const rtt = closed.rtt?.[end];
		if (isNumber(rtt?.avg)) facts.push(['RTT of ' + end + ' data',
			durationText(rtt.min) + ' – ' + durationText(rtt.max) + ', mean ' + durationText(rtt.avg)]);
	}
	if (closed.vantage?.place) facts.push(['tap', visibleText(closed.vantage.place
		+ (closed.vantage.why ? ' – ' + closed.vantage.why : ''))]);
	return facts;
}

/** Where the tap was, and what the slant of the arrows then means. @type {Record<string, [string, string]>} */
const TAP_WORDS = {
	seen: ['captured at both ends', 'two taps: slant is true travel time'],
	both: ['one tap sees both ends', 'one tap: arrows drawn with a constant slant'],
	unknown: ['one tap, place not known', 'one tap: constant slant, the dotted end is not known'],
};

/** @param {import('../core/delay.js').Tap} tap @param {string} mode */
export function tapLegend(tap, mode) {
	if (mode === 'rows' && tap.place !== 'both') return 'rows: slants and distances are not time';
	if (mode === 'elastic' && tap.place === 'seen') return 'two taps: both ends of an arrow are measured';
	return TAP_WORDS[tap.place]?.[1] ?? 'dotted half: estimated, ' + durationText(tap.delay) + ' (half the least round trip)';
}

/** The short form of it, above the wire. @param {import('../core/delay.js').Tap} tap */
export function tapWire(tap) {
	return TAP_WORDS[tap.place]?.[0] ?? 'captured at the ' + tap.place + ' · ' + durationText(tap.delay) + ' each way, estimated';
}
