// TCP states on the map: each state record is hung on the packet moment that made it, so that a
// lane changes exactly where the arrow leaves or ends.

import { BIT_SERVER } from './kinds.js';
import { convStates, rowPlace, timelineRow } from './columns.js';
import { max } from './math.js';

/**
 * `i`, `end`: the packet moment it hangs on (end 0 departure, 1 arrival), i = -1 for none.
 * @typedef {{ server: boolean, name: string, inferred: boolean, t: number, i: number,
 *   end: 0|1, y: number, row: number, call?: number }} StateMark `call`: the place of the call that made it
 */

/** Least height of a state, so that its name can be read. */
const STATE_APART = 16;

/**
 * @param {import('./columns.js').Timeline} tl @param {import('./columns.js').Conv} conv
 * @param {import('./timemap.js').TimeMap} map
 * @returns {StateMark[]}
 */
export function stateAnchors(tl, conv, map) {
	const marks = [];
	const placeOf = (/** @type {number} */ row) => rowPlace(map.rows, row);
	const c = tl.sheets.state.cols;
	for (const s of convStates(tl, conv.index)) {
		/** @type {StateMark} */
		const mark = {
			server: c.server[s] === 1, name: tl.ids[c.state[s]], inferred: c.inferred[s] === 1,
			t: c.t[s], i: -1, end: 0, y: NaN, row: -1, call: tl.callAt.get(c.because_call[s]),
		};
		stateHang(mark, [c.because2[s], c.because1[s]].map((n) => timelineRow(tl, n || null)), tl.cols, placeOf);
		marks.push(mark);
	}
	// What a call tells of may have been written behind what packets told.
	return marks.sort((a, b) => a.t - b.t);
}

/**
 * Hangs a state on the packet among its causes whose moment it shares; failing that on the
 * latest cause.
 * @param {StateMark} mark @param {number[]} causes rows, the latest first
 * @param {import('./grow.js').PacketArrays} c @param {(row: number) => number} placeOf
 */
function stateHang(mark, causes, c, placeOf) {
	const rows = causes.filter((row) => row >= 0);
	const sends = (/** @type {number} */ row) => ((c.bits[row] & BIT_SERVER) !== 0) === mark.server;
	const row = rows.find((r) => (sends(r) ? c.t[r] : stateArrival(c, r)) === mark.t)
		?? rows.find((r) => c.t[r] === mark.t) ?? rows[0];
	if (row === undefined) return;
	mark.row = row;
	mark.i = placeOf(row);
	mark.end = sends(row) ? 0 : 1;
}

/** @param {import('./grow.js').PacketArrays} c @param {number} row */
function stateArrival(c, row) {
	return isNaN(c.arr[row]) ? c.t[row] : c.arr[row];
}

/**
 * Heights for all states: those that hang on a packet take its height, the others stand at their
 * time; then each lane is spread so that every name has room.
 * @param {import('./timemap.js').TimeMap} map @param {(t: number) => number} yAt
 */
export function stateFinish(map, yAt) {
	const last = [-Infinity, -Infinity];
	for (const mark of map.states) {
		const lane = mark.server ? 1 : 0;
		if (mark.i >= 0) mark.y = mark.end === 1 ? map.arr[mark.i] : map.dep[mark.i];
		else mark.y = yAt(mark.t);
		if (map.mode !== 'true') mark.y = max(mark.y, last[lane] + STATE_APART);
		else mark.y = max(mark.y, last[lane], 0);
		last[lane] = mark.y;
		map.total = max(map.total, mark.y);
	}
}
