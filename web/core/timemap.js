// One monotone map from time to height, shared by every lane of a conversation.
//
// Elastic: all endpoints of all lanes are walked in total order; the step is k * dt, capped;
// it is raised until the same lifeline's previous event is far enough above; a gap over the cap
// becomes a fold that carries its true length. So no arrow points upwards, and the same height
// is the same moment. Rows: the same walk, one packet per row, and time counts for nothing. True
// time: linear.
//
// Limits: 16 bytes per packet; a walk over n packets is O(n), in slices, so that the page stays
// awake (mapSteps yields between them).

import { BIT_BETWEEN, BIT_COPY, BIT_LOST, BIT_SERVER } from './kinds.js';
import { convRows, rowPlace } from './columns.js';
import { firstPlace, floor, max, min } from './math.js';
import { callApart, callLines, callMoments, callStreams, callsLinear } from './callmap.js';
import { stateAnchors, stateFinish } from './stateline.js';

/** @typedef {'rows'|'elastic'|'true'} MapMode */
/** @typedef {{ y0: number, y1: number, dt: number }} Fold */
/**
 * `dep` and `arr` are heights by place in `rows`. `tapAtArr` says for client (bit 0) and server
 * (bit 1) packets whether their captured moment is the arrival.
 * @typedef {{ mode: MapMode, tap: import('./delay.js').Tap, rows: Uint32Array,
 *   dep: Float64Array, arr: Float64Array, server: (i: number) => boolean, tapAtArr: number,
 *   total: number, span: number, folds: Fold[], states: import('./stateline.js').StateMark[],
 *   t0: number, t1: number, perNs: number, cols: import('./grow.js').PacketArrays } & import('./callmap.js').CallMap} TimeMap
 */

/** @type {MapMode[]} */
export const MAP_MODES = ['rows', 'elastic', 'true'];
/** Least distance of two events on one lifeline, and the height of a wait, in pixels at zoom 1. */
export const MAP_APART = 15;
export const MAP_CAP = 30;
export const MAP_SLANT = 12;
export const MAP_ROW = 26;
export const MAP_TRUE_HEIGHT = 1000;
/** How many times the usual gap a wait must last to be folded. */
const MAP_FOLD_RATIO = 8;
const MAP_SLICE = 65536;

/**
 * @param {import('./columns.js').Timeline} tl @param {import('./columns.js').Conv} conv
 * @param {import('./delay.js').Tap} tap @param {MapMode} mode
 * @param {number} [span] ns that linear time has room for, 0 for what there is: two maps may have one scale
 * @returns {Generator<void, TimeMap, void>}
 */
export function* mapSteps(tl, conv, tap, mode, span = 0) {
	const map = mapMoments(tl, conv, tap, mode);
	yield;
	map.states = stateAnchors(tl, conv, map);
	if (mode === 'true') mapLinear(map, span);
	else yield* mapElastic(map);
	yield;
	for (let i = 0; i < map.rows.length; i++) map.span = max(map.span, map.arr[i] - map.dep[i]);
	if (mode !== 'true') callMoments(map, (i) => mapTapY(map, i), tl.sheets.call.cols);
	stateFinish(map, (t) => mapYAt(map, t));
	return map;
}

/**
 * The map before its heights: `dep` and `arr` hold times yet.
 * @param {import('./columns.js').Timeline} tl @param {import('./columns.js').Conv} conv
 * @param {import('./delay.js').Tap} tap @param {MapMode} mode
 * @returns {TimeMap}
 */
function mapMoments(tl, conv, tap, mode) {
	const c = tl.cols;
	const rows = tap.place === 'seen' ? mapSorted(convRows(tl, conv.index), c.t)
		: convRows(tl, conv.index);
	const dep = new Float64Array(rows.length), arr = new Float64Array(rows.length);
	let clock = -Infinity;
	for (let i = 0; i < rows.length; i++) {
		const row = rows[i], server = (c.bits[row] & BIT_SERVER) !== 0;
		// A clock that steps back must not draw upwards: such packets stay at the latest height.
		clock = max(clock, c.t[row]);
		const late = (tap.place === 'client' && server) || (tap.place === 'server' && !server);
		dep[i] = late ? clock - tap.delay : clock;
		if (tap.place === 'seen')
			// What the wire itself says is known by its arrival alone.
			arr[i] = max(clock, isNaN(c.arr[row]) ? clock + (c.bits[row] & BIT_BETWEEN ? 0 : tap.delay) : c.arr[row]);
		else arr[i] = late ? clock : clock + tap.delay;
	}
	const lines = callLines(tl, conv), [first, last] = lines.calls.length > 0 ? lines.ownT : [0, 0];
	const t0 = rows.length > 0 ? c.t[rows[0]] : first, t1 = rows.length > 0 ? clock : last;
	return {
		mode, tap, rows, dep, arr, cols: c, ...lines,
		server: (i) => (c.bits[rows[i]] & BIT_SERVER) !== 0,
		tapAtArr: tap.place === 'client' ? 2 : tap.place === 'server' ? 1 : 0,
		total: 0, span: 0, folds: [], states: [], perNs: 0, t0, t1,
	};
}

/** @param {Uint32Array} rows @param {Float64Array} t rows by time, the order kept for equals */
function mapSorted(rows, t) {
	for (let i = 1; i < rows.length; i++)
		if (t[rows[i]] < t[rows[i - 1]])
			return rows.slice().sort((a, b) => t[a] - t[b] || a - b);
	return rows;
}

/** @param {TimeMap} map @param {number} span */
function mapLinear(map, span) {
	const { dep, arr } = map;
	let t0 = Infinity, t1 = -Infinity;
	for (let i = 0; i < dep.length; i++) {
		if (dep[i] < t0) t0 = dep[i];
		if (arr[i] > t1) t1 = arr[i];
	}
	({ t0, t1 } = callsLinear(map, t0, t1));
	map.perNs = MAP_TRUE_HEIGHT / max(t1 - t0, span, 1);
	const some = dep.length + map.calls.length > 0;
	map.total = !some ? 0 : span > 0 ? max((t1 - t0) * map.perNs, 1) : MAP_TRUE_HEIGHT;
	const y = (/** @type {number} */ t) => min(max((t - t0) * map.perNs, 0), map.total);
	map.enter = map.enter.map(y);
	map.leave = map.leave.map(y);
	for (let i = 0; i < dep.length; i++) {
		dep[i] = (dep[i] - t0) * map.perNs;
		arr[i] = (arr[i] - t0) * map.perNs;
	}
	map.t0 = some ? t0 : map.t0;
}

/** Gaps between packets, or calls where there is none, the shortest first; of a long conversation a sample.
 * @param {TimeMap} map @param {number} most */
export function mapGaps({ rows, cols, calls, callT }, most) {
	const [list, t] = rows.length > 0 ? [rows, cols.t] : [calls, callT], gaps = [], stride = max(1, floor(list.length / most));
	for (let i = 1; i < list.length; i += stride) gaps.push(t[list[i]] - t[list[i - 1]]);
	return gaps.sort((a, b) => a - b);
}

/**
 * Endpoints of one kind (who sends, which end), in time order.
 * @param {TimeMap} map @param {boolean} server @param {Float64Array} times
 */
function mapStream(map, server, times) {
	const list = new Uint32Array(times.length);
	let size = 0, sorted = true, before = -Infinity;
	for (let i = 0; i < times.length; i++) {
		if (map.server(i) !== server) continue;
		sorted = sorted && times[i] >= before;
		before = times[i];
		list[size++] = i;
	}
	const stream = list.subarray(0, size);
	return sorted ? stream : stream.sort((a, b) => times[a] - times[b] || a - b);
}

/**
 * The walk. Streams are merged by (time, packet, departure first): what was sent earlier arrives
 * before what is sent at that same moment, as the tap saw it.
 * @param {TimeMap} map @returns {Generator<void, void, void>}
 */
function* mapElastic(map) {
	const { dep, arr } = map, inRows = map.mode === 'rows';
	const streams = inRows ? [{ list: arr.map((_, i) => i), time: dep, at: 0, end: 0, line: 0 }, ...callStreams(map)] : [
		{ list: mapStream(map, false, dep), time: dep, at: 0, end: 0, line: 0 },
		{ list: mapStream(map, false, arr), time: arr, at: 0, end: 1, line: 1 },
		{ list: mapStream(map, true, dep), time: dep, at: 0, end: 0, line: 1 },
		{ list: mapStream(map, true, arr), time: arr, at: 0, end: 1, line: 0 },
		...callStreams(map),
	];
	yield;
	const walk = mapWalk(map);
	for (let done = 0; ; done++) {
		let best = null, time = Infinity, key = Infinity;
		for (const stream of streams) {
			if (stream.at >= stream.list.length) continue;
			// At the same moment calls begin before packets, and return after them.
			const i = stream.list[stream.at], t = stream.time[i], k = stream.end < 2 ? i * 2 + stream.end : stream.end === 2 ? -1 : 1e15;
			if (t < time || (t === time && k < key)) { best = stream; time = t; key = k; }
		}
		if (!best) break;
		walk(best.list[best.at++], best, time);
		if (done % MAP_SLICE === MAP_SLICE - 1) yield;
	}
	if (!inRows) return;
	map.arr = dep.map((y) => y + MAP_SLANT);
	map.total = max(map.total, map.arr.at(-1) ?? 0);
}

/** Places one endpoint after the other. @param {TimeMap} map */
function mapWalk(map) {
	const { dep, rows, cols } = map, inRows = map.mode === 'rows', apart = inRows ? MAP_ROW : MAP_APART;
	// The usual gap: the median of those that are not zero.
	const gaps = mapGaps(map, 2000).filter((gap) => gap > 0);
	const k = inRows ? 0 : MAP_CAP / (MAP_FOLD_RATIO * (gaps[gaps.length >> 1] ?? 1));
	/** @type {number[]} by line */
	const lastY = [];
	const slant = map.tap.place === 'both' || map.tap.place === 'unknown' ? MAP_SLANT : 0;
	// Heights replace times as the walk goes; a departure's height is known at its arrival.
	let y = 0, t = NaN;
	return (/** @type {number} */ i, /** @type {{ end: number, line: number, time: Float64Array }} */ { end, line, time },
		/** @type {number} */ now) => {
		const dt = isNaN(t) ? 0 : now - t, from = y, on = end < 2 ? line : 2 + map.line[i];
		// What begins or ends on the wire takes no room on a lifeline.
		const free = !inRows && end < 2 && (cols.bits[rows[i]] & (end === 1 ? BIT_LOST : BIT_COPY | BIT_BETWEEN)) !== 0;
		y += min(k * dt, MAP_CAP);
		if (!free) y = max(y, (lastY[on] ?? -Infinity) + (end < 2 ? apart : callApart(map, i, end)));
		if (end === 1) y = max(y, dep[i] + slant);
		if (k * dt > MAP_CAP) map.folds.push({ y0: from, y1: y, dt });
		time[i] = y;
		if (!free) lastY[on] = y;
		t = now;
		map.total = y;
	};
}

/** The height of a packet's captured moment. @param {TimeMap} map @param {number} i */
export function mapTapY(map, i) {
	return map.tapAtArr & (map.server(i) ? 2 : 1) ? map.arr[i] : map.dep[i];
}

/** The first place whose captured moment is at or below y. @param {TimeMap} map @param {number} y */
export function mapFind(map, y) {
	return firstPlace(map.rows.length, (i) => mapTapY(map, i) >= y);
}

/** Places [from, to) whose arrows may touch the heights y0..y1.
 * @param {TimeMap} map @param {number} y0 @param {number} y1 */
export function mapRange(map, y0, y1) {
	return { from: mapFind(map, y0 - map.span), to: mapFind(map, y1 + map.span) };
}

/** Moments of which both time and height are known, in order: packets as captured, and calls.
 * @param {TimeMap} map @returns {{ count: number, t: (i: number) => number, y: (i: number) => number }} */
export function mapMarks(map) {
	const { moments, rows, cols } = map;
	return moments ? { count: moments.length, t: (i) => moments[i].t, y: (i) => moments[i].y }
		: { count: rows.length, t: (i) => cols.t[rows[i]], y: (i) => mapTapY(map, i) };
}

/** Time at a height, in ns since meta.start. @param {TimeMap} map @param {number} y */
export function mapTimeAt(map, y) {
	if (map.mode === 'true') return map.t0 + y / map.perNs;
	const marks = mapMarks(map);
	return mapBetween(marks.count, marks.y, marks.t, y);
}

/** Height of a time. @param {TimeMap} map @param {number} t */
export function mapYAt(map, t) {
	if (map.mode === 'true') return map.total > 0 ? (t - map.t0) * map.perNs : 0;
	const marks = mapMarks(map);
	return mapBetween(marks.count, marks.t, marks.y, t);
}

/** What `to` is where `from` is v. @param {number} count @param {(i: number) => number} from
 * @param {(i: number) => number} to @param {number} v */
function mapBetween(count, from, to, v) {
	if (count === 0) return 0;
	const i = firstPlace(count, (at) => from(at) >= v);
	if (i === 0 || i === count) return to(max(i - 1, 0));
	const a = from(i - 1), b = from(i);
	return to(i - 1) + (b > a ? (v - a) / (b - a) : 1) * (to(i) - to(i - 1));
}

/** The place of a row in the map, -1 if it is not there. @param {TimeMap} map @param {number} row */
export function mapPlace(map, row) {
	return rowPlace(map.rows, row);
}
