// Where the columns stand, and how map heights become screen heights.

import { samplesOfEnd } from '../core/calls.js';
import { ceil, floor, max, min, round } from '../core/math.js';
import { timeText } from '../text/format.js';

/**
 * One picture to lay out. `top` is the map height at the top of the body; `zoom` is pixels per
 * map unit; `chosen` is the selected row, -1 for none.
 * @typedef {{ tl: import('../core/columns.js').Timeline, conv: import('../core/columns.js').Conv,
 *   map: import('../core/timemap.js').TimeMap, lod: import('../core/lod.js').Lod,
 *   width: number, height: number, top: number, zoom: number, chosen: number,
 *   match: ((row: number) => boolean)|null, measure: import('./prims.js').Measure,
 *   unit: import('../text/format.js').TimeUnit, call: number, folded: Set<string>, beside: Shown|null }} View
 * @typedef {{ conv: import('../core/columns.js').Conv, map: import('../core/timemap.js').TimeMap, lod: import('../core/lod.js').Lod }} Shown
 *   a conversation with its map; `beside`: the one that is drawn next to the view's own
 * @typedef {{ left: number, right: number, timeX: number, laneW: number, laneC: number,
 *   laneS: number, xc: number, xs: number, headH: number, y: (mapY: number) => number,
 *   slant: number, y0: number, y1: number, programs: (Span & Threads)[], windows: Span[], phases: boolean }} Geometry
 * @typedef {{ x: number, w: number }} Span `programs`, `windows`: the client's and the server's, w 0 for none
 * @typedef {{ each: number, count: number }} Threads how wide one's lane is, and how many have one
 */

export const HEAD_HEIGHT = 58;
export const AXIS_SIZE = 11;
/** Room above the first event: the lanes' first state stands there. */
export const BODY_PAD = 34;
const BODY_MOST = 1180;
/** A thread's lane: as it should be, at the side that has few, and where names can just be read; folded it still shows
 * when its calls were; where there is no wire there is more room. */
const CALL_WIDTH = 116;
const CALL_FEW = 84;
const CALL_LEAST = 64;
export const CALL_FOLDED = 9;
const CALL_BARE = 200;
const BARE_GAP = 40;
const WINDOW_WIDTH = 34;
/** Less than this and the wire is worth more than what the programs did. */
const WIRE_LEAST = 280;

/** Room for the longest time there is to write. @param {View} view */
function axisWidth(view) {
	const text = (/** @type {number} */ t) => view.measure(timeText(t, view.unit), AXIS_SIZE, 400, true);
	return ceil(max(text(view.map.t0), text(view.map.t1)));
}

/** Lanes of both sides. The side with more threads becomes narrow first, and shows fewer of them where none could be read.
 * @param {number[]} counts @param {number} room @returns {Threads[]} */
function threadsOf(counts, room) {
	const few = Number(counts[0] > counts[1]), least = min(counts[few], floor(room / 2 / CALL_LEAST));
	if (room < 2 * CALL_FEW) return counts.map((count) => ({ each: CALL_FOLDED, count }));
	const own = min(CALL_WIDTH, max(min(CALL_FEW, room / 2 / least), room / (counts[0] + counts[1]))), rest = room - own * least;
	const most = min(counts[1 - few], floor(rest / CALL_LEAST)), sides = [{ each: own, count: least }, { each: min(CALL_WIDTH, rest / max(most, 1)), count: most }];
	return few ? sides.reverse() : sides;
}

/** @param {View} view @returns {Geometry} */
export function geometryOf(view) {
	const { width, height, map, top, zoom } = view, threads = map.threads.map((tids) => tids.length);
	const narrow = width < 620, lanes = threads[0] + threads[1], bare = view.conv.bare === true;
	const time = max(narrow ? 58 : 76, axisWidth(view) + 16), edge = narrow ? 8 : 26, each = min(CALL_BARE, (width - time - edge - BARE_GAP - 18) / lanes);
	const used = min(width, bare ? time + edge + BARE_GAP + 18 + lanes * each : BODY_MOST + lanes * CALL_WIDTH), left = round((width - used) / 2);
	const laneW = bare ? 0 : narrow ? 30 : width < 760 || lanes > 0 ? 96 : 104, gap = narrow ? 14 : bare ? BARE_GAP / 2 : lanes > 2 ? 20 : 30, right = left + used;
	const windowW = [0, 1].map((end) => !narrow && !view.folded.has('windows') && samplesOfEnd(view.tl, view.conv.index, end).length ? WINDOW_WIDTH : 0);
	const wire = used - time - edge - 2 * (laneW + gap) - windowW[0] - windowW[1];
	const programs = bare ? threads.map((count) => ({ each, count })) : threadsOf(threads, view.folded.has('programs') ? 0 : wire - WIRE_LEAST);
	const [progC, progS] = programs.map(({ each: w, count }) => count * w + (count > 0 ? 4 : 0));
	const offset = HEAD_HEIGHT + BODY_PAD - top * zoom;
	const free = map.tap.place === 'both' || map.tap.place === 'unknown';
	const start = left + time + (narrow ? 4 : 10), laneC = start + progC, laneS = right - edge - progS - laneW;
	const xc = laneC + laneW + gap + windowW[0], xs = laneS - gap - windowW[1];
	return {
		left, right, timeX: left + time - 6, laneW, laneC, laneS, xc, xs, headH: HEAD_HEIGHT, phases: !narrow,
		programs: [{ x: start, w: progC, ...programs[0] }, { x: right - edge - progS + 4, w: progS, ...programs[1] }],
		windows: [{ x: xc - 8 - windowW[0], w: windowW[0] }, { x: xs + 8, w: windowW[1] }],
		y: (mapY) => offset + mapY * zoom,
		// Linear time knows no slant of its own when one tap sees both ends.
		slant: map.mode === 'true' && free ? 12 : 0,
		y0: top - (BODY_PAD + 20) / zoom, y1: top + (height - HEAD_HEIGHT) / zoom,
	};
}

/** Height of the body, in pixels, that a whole map needs at a zoom. @param {number} height */
export function bodyRoom(height) {
	return max(50, height - HEAD_HEIGHT - BODY_PAD - 44);
}

/** Begins what stays below the column titles; ends with `unclip`. @param {View} view @returns {import('./prims.js').Prim} */
export function bodyClip(view) {
	return { kind: 'clip', role: 'body', x: 0, y: HEAD_HEIGHT, w: view.width, h: max(0, view.height - HEAD_HEIGHT) };
}
