// The strip: the whole conversation at once, and the window of it that the ladder shows.

import { BIT_SERVER, KINDS, KIND_DUP, KIND_LOST, KIND_RESENT } from '../core/kinds.js';
import { LOD_LISTS, lodCounts } from '../core/lod.js';
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
	list.push({ kind: 'bar', role: 'window', x: 2.5, y, w: o.width - 5, h, r: 4, ink: 'accent', fill: 'window' });
	list.push({ kind: 'bar', role: 'window', x: 2.5, y, w: o.width - 5, h, r: 4, ink: 'accent' });
	return list;
}

/** @param {Prim[]} list @param {Overview} o */
function overviewLines(list, o) {
	const { map } = o.lod, c = map.cols, left = 8, right = o.width - 8;
	for (let i = 0; i < map.rows.length; i++) {
		const row = map.rows[i], server = (c.bits[row] & BIT_SERVER) !== 0;
		const kind = c.kind[row], loud = kind === KIND_RESENT || kind === KIND_DUP || kind === KIND_LOST;
		const y1 = overviewY(o, map.dep[i]), y2 = overviewY(o, map.arr[i]);
		list.push({ kind: 'line', role: 'overview', n: c.n[row], x1: server ? right : left, y1,
			x2: server ? left : right, y2, ink: KINDS[kind], width: loud ? 2 : 1 });
	}
}

/** @param {Prim[]} list @param {Overview} o */
function overviewCounts(list, o) {
	const bins = max(1, floor((o.height - 2 * OVERVIEW_PAD) / 2));
	const counts = lodCounts(o.lod, 0, o.lod.map.total, bins), half = (o.width - 16) / 2;
	let most = 1;
	for (let b = 0; b < bins; b++) for (const s of [0, 1]) most = max(most, overviewSum(counts, b, s));
	for (let b = 0; b < bins; b++) {
		const y = OVERVIEW_PAD + b * 2;
		for (const s of [0, 1]) {
			const w = (half * Math.log1p(overviewSum(counts, b, s))) / Math.log1p(most);
			if (w > 0) list.push({ kind: 'bar', role: 'overview', x: s ? o.width - 8 - w : 8, y, w, h: 1.5, fill: 'data', alpha: 0.75 });
		}
		for (const kind of [KIND_RESENT, KIND_DUP, KIND_LOST]) {
			const count = counts[b * LOD_LISTS + kind * 2] + counts[b * LOD_LISTS + kind * 2 + 1];
			const w = min(half, 2 + 2 * Math.log1p(count));
			if (count > 0) list.push({ kind: 'bar', role: 'overview', x: o.width / 2 - w / 2, y, w, h: 2, fill: KINDS[kind] });
		}
	}
}

/** @param {Uint32Array} counts @param {number} bin @param {number} server */
function overviewSum(counts, bin, server) {
	let sum = 0;
	for (let list = server; list < LOD_LISTS; list += 2) sum += counts[bin * LOD_LISTS + list];
	return sum;
}
