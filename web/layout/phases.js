// The four phases of a session, bracketed along the ladder when both programs are seen.

import { FLAG_FIN, FLAG_RST, FLAG_SYN } from '../core/kinds.js';
import { max, min } from '../core/math.js';
import { mapTimeAt } from '../core/timemap.js';
import { durationText } from '../text/format.js';
import { textPrim } from './prims.js';

/** @typedef {import('./geometry.js').View} View */
/** @typedef {{ name: string, y0: number, y1: number }} Phase in map heights */

/** @param {View} view @returns {Phase[]} */
export function phasesOf({ tl, conv, map }) {
	if (map.rows.length === 0 || map.threads.some((tids) => tids.length === 0)) return [];
	const c = tl.sheets.call.cols, { flags, len, call } = tl.cols, udp = conv.proto === 'udp';
	const entry = (/** @type {RegExp} */ name, from = 0) => {
		const at = map.calls.findIndex((i, place) => name.test(tl.ids[c.call[i]]) && !tl.listening.has(c.sock[i]) && map.enter[place] >= from);
		return at < 0 ? Infinity : map.enter[at];
	};
	// A phase begins with the call that made its first packet: in a server that forks, or with dup(), others close, too, and end nothing.
	const made = (/** @type {(row: number) => boolean} */ test) => {
		const at = map.rows.findIndex(test), by = map.calls.indexOf(tl.callAt.get(call[map.rows[at]]) ?? -1);
		return at < 0 ? map.total : min(map.dep[at], by < 0 ? Infinity : map.enter[by]);
	};
	const opened = map.states.filter((mark) => mark.name === 'ESTABLISHED').map((mark) => mark.y);
	const connect = min(entry(/^connect/), map.dep[0]), first = min(entry(/^send|^write/), map.dep[0]);
	const said = made((row) => len[row] > 0 && (flags[row] & FLAG_SYN) === 0);
	const open = udp ? first : max(connect, min(said, max(connect, ...opened)));
	const close = max(open, udp ? min(entry(/^close|^shutdown/, map.dep.at(-1)), map.total) : made((row) => (flags[row] & (FLAG_FIN | FLAG_RST)) !== 0));
	/** @type {[string, number][]} each ends where the next one begins */
	const parts = udp ? [['set-up', 0], ['datagrams, no handshake', first], ['close', close]]
		: [['set-up', 0], ['connect', connect], ['exchange', open], ['close', close]];
	return parts.map(([name, y0], at) => ({ name, y0, y1: parts[at + 1]?.[1] ?? map.total })).filter(({ y0, y1 }) => y1 > y0);
}

/** @param {import('./prims.js').Prim[]} list @param {View} view @param {import('./geometry.js').Geometry} g */
export function phasesDraw(list, view, g) {
	if (!g.phases) return;
	const x = g.right - 17, size = 11;
	// A short bracket's name reaches beyond it, as far as the one above leaves room.
	let free = g.headH;
	for (const { name, y0, y1 } of phasesOf(view)) {
		const top = g.y(y0) + 1.5, end = g.y(y1) - 1.5, from = max(top, g.headH), to = min(end, view.height);
		const line = (/** @type {number[]} */ [x1, a, x2, b]) => list.push({ kind: 'line', role: 'phase', x1, y1: a, x2, y2: b, ink: 'muted', width: 1.5 });
		if (to - from < 2) continue;
		for (const part of [[x, from, x, to], [x - 4, top, x, top], [x - 4, end, x, end]]) line(part);
		list.push({ kind: 'bar', role: 'phase', x: x - 4, y: from, w: 21, h: to - from, title: name + ': ' + durationText(mapTimeAt(view.map, y1) - mapTimeAt(view.map, y0)) });
		const short = name.split(',')[0], wide = (/** @type {string} */ words) => view.measure(words, size, 600, false);
		const text = wide(name) < to - from ? name : short, w = wide(text), middle = max((from + to) / 2, free + w / 2 + 3);
		if (middle - w / 2 > to || middle + w / 2 > view.height) continue;
		free = middle + w / 2;
		list.push(textPrim(view.measure, {
			role: 'phase', x: x + 9, y: middle, text, size, weight: 600, ink: 'muted', align: 'middle', angle: Math.PI / 2 }));
	}
}
