// TCP states on the map: each state record is hung on the packet moment that made it, so that a
// lane changes exactly where the arrow leaves or ends.

import { BIT_SERVER, STATE_INFERRED, STATE_SERVER } from './kinds.js';
import { convStates, rowPlace, timelineRow } from './columns.js';
import { max } from './math.js';

/**
 * `i`, `end`: the packet moment it hangs on (end 0 departure, 1 arrival), i = -1 for none.
 * @typedef {{ server: boolean, name: string, inferred: boolean, t: number, i: number,
 *   end: 0|1, y: number, row: number }} StateMark
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
	for (const s of convStates(tl, conv.index)) {
		const server = (tl.states.bits[s] & STATE_SERVER) !== 0, t = tl.states.t[s];
		/** @type {StateMark} */
		const mark = {
			server, name: tl.ids[tl.states.state[s]],
			inferred: (tl.states.bits[s] & STATE_INFERRED) !== 0,
			t, i: -1, end: 0, y: NaN, row: -1,
		};
		const numbers = [tl.states.because2[s], tl.states.because1[s]];
		stateHang(mark, numbers.map((n) => timelineRow(tl, n || null)), tl.cols, placeOf);
		marks.push(mark);
	}
	return marks;
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
 * @param {import('./timemap.js').TimeMap} map
 */
export function stateFinish(map) {
	const last = [-Infinity, -Infinity];
	for (const mark of map.states) {
		const lane = mark.server ? 1 : 0;
		if (mark.i >= 0) mark.y = mark.end === 1 ? map.arr[mark.i] : map.dep[mark.i];
		else mark.y = stateHeight(map, mark.t);
		if (map.mode !== 'true') mark.y = max(mark.y, last[lane] + STATE_APART);
		else mark.y = max(mark.y, last[lane], 0);
		last[lane] = mark.y;
		map.total = max(map.total, mark.y);
	}
}

/** @param {import('./timemap.js').TimeMap} map @param {number} t */
function stateHeight(map, t) {
	if (map.mode === 'true') return (t - map.t0) * map.perNs;
	const { rows, cols, arr } = map;
	let y = 0;
	for (let i = 0; i < rows.length && cols.t[rows[i]] <= t; i++) y = arr[i];
	return y;
}
