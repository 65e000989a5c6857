// Where the columns stand, and how map heights become screen heights.

import { ceil, max, min, round } from '../core/math.js';
import { timeText } from '../text/format.js';

/**
 * One picture to lay out. `top` is the map height at the top of the body; `zoom` is pixels per
 * map unit; `chosen` is the selected row, -1 for none.
 * @typedef {{ tl: import('../core/columns.js').Timeline, conv: import('../core/columns.js').Conv,
 *   map: import('../core/timemap.js').TimeMap, lod: import('../core/lod.js').Lod,
 *   width: number, height: number, top: number, zoom: number, chosen: number,
 *   match: ((row: number) => boolean)|null, measure: import('./prims.js').Measure,
 *   unit: import('../text/format.js').TimeUnit }} View
 * @typedef {{ left: number, right: number, timeX: number, laneW: number, laneC: number,
 *   laneS: number, xc: number, xs: number, headH: number, y: (mapY: number) => number,
 *   slant: number, y0: number, y1: number }} Geometry
 */

export const HEAD_HEIGHT = 58;
export const AXIS_SIZE = 11;
/** Room above the first event: the lanes' first state stands there. */
export const BODY_PAD = 34;
const BODY_MOST = 1180;

/** Room for the longest time there is to write. @param {View} view */
function axisWidth(view) {
	const text = (/** @type {number} */ t) => view.measure(timeText(t, view.unit), AXIS_SIZE, 400, true);
	return ceil(max(text(view.map.t0), text(view.map.t1)));
}

/** @param {View} view @returns {Geometry} */
export function geometryOf(view) {
	const { width, height, map, top, zoom } = view;
	const narrow = width < 620;
	const used = min(width, BODY_MOST), left = round((width - used) / 2);
	const time = max(narrow ? 58 : 76, axisWidth(view) + 16), laneW = narrow ? 30 : width < 760 ? 96 : 104;
	const gap = narrow ? 14 : 30, right = left + used;
	const laneC = left + time + (narrow ? 4 : 10), laneS = right - (narrow ? 8 : 26) - laneW;
	const offset = HEAD_HEIGHT + BODY_PAD - top * zoom;
	const free = map.tap.place === 'both' || map.tap.place === 'unknown';
	return {
		left, right, timeX: left + time - 6, laneW, laneC, laneS,
		xc: laneC + laneW + gap, xs: laneS - gap, headH: HEAD_HEIGHT,
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
