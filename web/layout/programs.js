// What the programs did: each socket call a bar from entry to return, hatched while it blocks, its
// result at its foot; threads side by side.

import { CALL_THREADS } from '../core/callmap.js';
import { max, min } from '../core/math.js';
import { CALL_FOLDED } from './geometry.js';
import { callName, callNotes, callResult, callText } from '../text/call.js';
import { textFit, textPrim } from './prims.js';

/** @typedef {import('./prims.js').Prim} Prim */
/** @typedef {import('./geometry.js').View} View */
/** @typedef {import('./geometry.js').Geometry} Geometry */
/** @typedef {{ i: number, x: number, y: number, w: number, h: number, server: boolean, grey: boolean }} CallBar */

const HATCH_APART = 9;

/** @param {Prim[]} list @param {View} view @param {Geometry} g */
export function programsDraw(list, view, g) {
	const { map, tl } = view, c = tl.sheets.call.cols;
	map.calls.forEach((i, at) => {
		const end = isNaN(map.leave[at]) ? map.total + 22 / view.zoom : map.leave[at];
		const y0 = max(g.y(map.enter[at]), g.headH - 10), y1 = min(g.y(end), view.height + 10);
		if (y1 < g.headH - 9 || y0 > view.height + 9) return;
		const server = c.server[i] === 1, { x, each, count } = g.programs[c.server[i]], lane = map.line[at] % CALL_THREADS;
		if (lane < count) callDraw(list, view, { i, x: x + lane * each, y: y0, w: each - (each > 60 ? 6 : 2), h: max(y1 - y0 - 1.5, 1.5), server, grey: tl.listening.has(c.sock[i]) || tl.apart.has(i) }, g);
	});
}

/** A listening socket is grey, and one without packets; the conversation's has the accent's hue. @param {Prim[]} list @param {View} view @param {CallBar} bar @param {Geometry} g */
function callDraw(list, view, bar, g) {
	const { i, x, y, w, h, server, grey } = bar, { tl } = view, call = i, ink = grey ? 'ack' : 'accent';
	const title = callText(tl, i);
	if (view.call === i) list.push(callGlow(bar, 'chosen'));
	list.push({ kind: 'bar', role: 'call', call, x, y, w, h, r: 3, fill: 'page', title },
		{ kind: 'bar', role: 'call', call, x, y, w, h, r: 3, fill: grey ? 'stNone' : 'window', ink: grey ? 'edgeStrong' : 'callLine' });
	if (tl.sheets.call.cols.blocked[i]) callHatch(list, bar);
	list.push({ kind: 'bar', role: 'call-edge', call, x: server ? x : x + w - 3, y, w: 3, h, fill: ink, alpha: 0.6 });
	if (w > CALL_FOLDED && h >= 10) callWords(list, view, bar, g);
}

/** @param {{ x: number, y: number, w: number, h: number }} bar @param {string} role @returns {Prim} */
export function callGlow({ x, y, w, h }, role) {
	return { kind: 'bar', role, x: x - 3, y: y - 3, w: w + 6, h: h + 6, r: 6, fill: 'data', alpha: role === 'chosen' ? 0.3 : 0.15 };
}

/** @param {Prim[]} list @param {CallBar} bar */
function callHatch(list, { i, x, y, w, h }) {
	for (let s = HATCH_APART / 2; s < w + h; s += HATCH_APART) {
		const from = max(0, s - h), to = min(w, s);
		list.push({ kind: 'line', role: 'blocked', call: i, x1: x + from, y1: y + s - from, x2: x + to, y2: y + s - to, ink: 'callLine', width: 1, alpha: 0.4 });
	}
}

/** Name and result, in one line where there is no more; then how long it blocked, who sent what it read, and its socket.
 * @param {Prim[]} list @param {View} view @param {CallBar} bar @param {Geometry} g */
function callWords(list, view, { i, x, y, w, h, server }, g) {
	const { tl, measure } = view, { fd, errno } = tl.sheets.call.cols, top = max(y, g.headH), room = y + h - top;
	if (room < 10) return;
	const left = x + (server ? 8 : 6), right = x + w - (server ? 5 : 8), tall = room >= 28, first = tall ? top + 9 : top + room / 2;
	const put = (/** @type {string} */ text, /** @type {number} */ at, /** @type {'start'|'end'} */ align, size = 11, ink = 'text', mono = true) => {
		const prim = textPrim(measure, { role: 'call', call: i, x: align === 'start' ? left : right, y: at, text, size, mono, ink, align, halo: true });
		const fits = prim.w <= right - left - (rows.get(at) ?? 0);
		if (fits) list.push(prim);
		if (fits) rows.set(at, (rows.get(at) ?? 0) + prim.w + 6);
		return fits;
	};
	/** @type {Map<number, number>} what is taken of a line */
	const rows = new Map(), result = callResult(tl, i), foot = tall ? top + room - 8 : first, ink = errno[i] ? 'lost' : 'text';
	const name = callName(tl, i);
	const beside = [11, 10, 9].find((size) => measure(tall ? name : name + result, size, 400, true) + (tall ? 0 : 7) <= right - left) ?? 9;
	put(textFit(name, right - left, measure, beside, 400, true), first, 'start', beside);
	// Where an error's name has no room its number has.
	if (!put(result, foot, 'end', beside, ink)) put(result.replace(/^= -?\d+ /, ''), foot, 'end', 10, ink) || put(result.split(' ').slice(0, 2).join(' '), foot, 'end', 10, ink);
	if (tall && fd[i] >= 0) put('fd ' + fd[i], first, 'end', 10, 'muted', false);
	// An address too long for the bar leaves its port, which tells clients apart.
	if (tall) callNotes(tl, i).forEach((note, at) => [note, note.replace(/^from .*:/, 'from :'), note.replace(/.*:/, ':')].some((text) =>
		put(text, top + 22 + at * 13 <= foot - 10 ? top + 22 + at * 13 : foot, 'start', 10, 'muted', false)));
}
