// The strip: the whole conversation at once, and the window of it that the ladder shows.

import { BIT_SERVER, KINDS, KINDS_RARE } from '../core/kinds.js';
import { lodCounts, lodMost, lodSum } from '../core/lod.js';
import { floor, max, min } from '../core/math.js';

/** @typedef {import('./prims.js').Prim} Prim */

const OVERVIEW_PAD = 8;
const OVERVIEW_LINES = 1200;

/**
 * @typedef {{ lod: import('../core/lod.js').Lod, width: number, height: number, y0: number,
 *   y1: number }} Overview `y0`, `y1`: the map heights in view
 */

/** The map height that the strip stands for: a short conversation does not fill it.
 * @param {Overview} o */
function overviewTotal(o) {
	const { map } = o.lod;
	return max(map.total, map.mode === 'true' ? 1e-9 : (o.height - 2 * OVERVIEW_PAD) / 1.6);
}

/** @param {Overview} o @param {number} mapY */
export function overviewY(o, mapY) {
	const room = o.height - 2 * OVERVIEW_PAD;
	return OVERVIEW_PAD + min(1, max(0, mapY / overviewTotal(o))) * room;
}

/** @param {Overview} o @param {number} y @returns {number} the map height at a place of the strip */
export function overviewAt(o, y) {
	return ((y - OVERVIEW_PAD) / max(o.height - 2 * OVERVIEW_PAD, 1)) * overviewTotal(o);
}

/** @param {Overview} o @returns {Prim[]} */
export function overviewLayout(o) {
	/** @type {Prim[]} */
	const list = [];
	if (o.lod.map.rows.length <= OVERVIEW_LINES) overviewLines(list, o);
	else overviewCounts(list, o);
	const y = overviewY(o, o.y0) - 5, h = max(overviewY(o, o.y1) - y + 5, 14);
	for (const fill of ['window', undefined])
		list.push({ kind: 'bar', role: 'window', x: 2.5, y, w: o.width - 5, h, r: 4, ink: 'accent', fill });
	return list;
}

/** @param {Prim[]} list @param {Overview} o */
function overviewLines(list, o) {
	const { map } = o.lod, c = map.cols, left = 8, right = o.width - 8;
	for (let i = 0; i < map.rows.length; i++) {
		const row = map.rows[i], server = (c.bits[row] & BIT_SERVER) !== 0;
		const kind = c.kind[row];
		const y1 = overviewY(o, map.dep[i]), y2 = overviewY(o, map.arr[i]);
		list.push({ kind: 'line', role: 'overview', n: c.n[row], x1: server ? right : left, y1,
			x2: server ? left : right, y2, ink: KINDS[kind], width: KINDS_RARE.includes(kind) ? 2 : 1 });
	}
}

/** @param {Prim[]} list @param {Overview} o */
function overviewCounts(list, o) {
	const bins = max(1, floor((o.height - 2 * OVERVIEW_PAD) / 2));
	const counts = lodCounts(o.lod, 0, o.lod.map.total, bins), half = (o.width - 16) / 2;
	const kinds = KINDS.map((_, kind) => kind), log = Math.log1p(lodMost(counts, kinds));
	for (let b = 0; b < bins; b++) {
		const y = OVERVIEW_PAD + b * 2;
		for (const s of [0, 1]) {
			const w = (half * Math.log1p(lodSum(counts, b, kinds, [s]))) / log;
			if (w > 0) list.push({ kind: 'bar', role: 'overview', x: s ? o.width - 8 - w : 8, y, w, h: 1.5, fill: 'data', alpha: 0.75 });
		}
		for (const kind of KINDS_RARE) {
			const count = lodSum(counts, b, [kind], [0, 1]);
			const w = min(half, 2 + 2 * Math.log1p(count));
			if (count > 0) list.push({ kind: 'bar', role: 'overview', x: o.width / 2 - w / 2, y, w, h: 2, fill: KINDS[kind] });
		}
	}
}
