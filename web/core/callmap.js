// Calls on the time map: the threads of both programs are lanes, entries and returns are moments
// like any packet's. For long conversations the map has no more than it had without calls.

import { max, min } from './math.js';
import { NO_CONV } from './kinds.js';

/**
 * By place in `calls`: `enter` and `leave` (times, then heights; `leave` NaN: it never returned), `line` (client
 * threads from 0, server threads from CALL_THREADS on), `apart`: how high a call is at least.
 * `threads`: tids of the lanes, client's and server's; `threadsAll`: how many there were.
 * @typedef {{ calls: number[], enter: Float64Array, leave: Float64Array, line: number[], apart: number[],
 *   threads: number[][], threadsAll: number[], moments: { t: number, y: number }[]|null, ownT: [number, number], callT: import('./grow.js').TypedColumn }} CallMap
 */

/** So many threads of a side have a lane of their own; calls of more are not drawn. */
export const CALL_THREADS = 4;
/** Heights in which a call can be read: its name and its result; how long it blocked, or its error, or who sent what it read; two of these. */
const CALL_HEIGHTS = [19, 36, 49];
const CALL_GAP = 4;

/** @param {import('./columns.js').Timeline} tl @param {import('./columns.js').Conv} conv @returns {CallMap} */
export function callLines(tl, conv) {
	const c = tl.sheets.call.cols, list = tl.callsOf[conv.index] ?? [];
	/** @type {number[][]} */
	const threads = [[], []];
	for (const i of list) if (!threads[c.server[i]].includes(c.tid[i])) threads[c.server[i]].push(c.tid[i]);
	const lane = (/** @type {number} */ i) => threads[c.server[i]].indexOf(c.tid[i]);
	const calls = list.filter((i) => lane(i) < CALL_THREADS);
	const own = calls.filter((i) => c.conv[i] !== NO_CONV || tl.apart.has(i));
	return {
		calls, line: calls.map((i) => lane(i) + c.server[i] * CALL_THREADS), apart: calls.map((i) => CALL_HEIGHTS[c.blocked[i] + Number(c.errno[i] > 0 || callFrom(tl, i) !== null)]),
		enter: Float64Array.from(calls, (i) => c.t[i]), leave: Float64Array.from(calls, (i) => max(c.end[i], c.t[i])),
		threads: threads.map((tids) => tids.slice(0, CALL_THREADS)), threadsAll: threads.map((tids) => tids.length), moments: null,
		ownT: [min(...own.slice(0, 50).map((i) => c.t[i])), max(...own.slice(-50).map((i) => c.end[i] || c.t[i]))], callT: c.t,
	};
}

/** Who sent the datagram that a call read and told of, null for none. @param {import('./columns.js').Timeline} tl @param {number} i */
export function callFrom(tl, i) {
	const c = tl.sheets.call.cols, conv = tl.convs[c.conv[i]];
	return conv?.proto === 'udp' && /^recv(from|m?msg)/.test(tl.ids[c.call[i]]) && c.ret[i] >= 0 ? c.server[i] ? conv.client : conv.server : null;
}

/** Linear time begins with the first thing that is this conversation's alone. @param {CallMap} map @param {number} t0 @param {number} t1 */
export function callsLinear({ ownT: [first, last] }, t0, t1) {
	return { t0: min(t0, first), t1: max(t1, last) };
}

/** What the elastic walk merges with the packets. @param {import('./timemap.js').TimeMap} map */
export function callStreams({ enter, leave }) {
	const list = Array.from(enter, (_, i) => i), back = list.filter((i) => leave[i] >= 0 || leave[i] < 0);
	back.sort((a, b) => leave[a] - leave[b] || a - b);
	return [{ list, time: enter, at: 0, end: 2, line: 0 }, { list: back, time: leave, at: 0, end: 3, line: 0 }];
}

/** How far below its thread's last moment one must stand. @param {CallMap} map @param {number} i @param {number} end */
export function callApart(map, i, end) {
	return end === 2 ? CALL_GAP : map.apart[i];
}

/** Times and heights of packets and calls together. @param {import('./timemap.js').TimeMap} map @param {(i: number) => number} tapY
 * @param {import('./grow.js').Sheet['cols']} c */
export function callMoments(map, tapY, c) {
	if (map.calls.length === 0) return;
	const { rows, cols } = map;
	const list = Array.from(rows, (row, i) => ({ t: cols.t[row], y: tapY(i) }));
	map.calls.forEach((call, i) => {
		list.push({ t: c.t[call], y: map.enter[i] });
		if (!isNaN(map.leave[i])) list.push({ t: c.end[call], y: map.leave[i] });
	});
	// As rows, different times may stand at one height.
	list.sort((a, b) => a.y - b.y || a.t - b.t);
	map.moments = list;
	map.t0 = min(map.t0, list[0].t);
	map.t1 = max(map.t1, list[list.length - 1].t);
}
