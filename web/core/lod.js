// Level of detail: how many packets of each kind lie between two heights, at once, however many
// there are. Counts are kept as running sums over equal slices of the map.

import { BIT_SERVER, KINDS } from './kinds.js';
import { floor, max, min, round } from './math.js';
import { mapFind, mapTapY } from './timemap.js';

/** Below this many packets in view they are simply counted one by one. */
const LOD_DIRECT = 60000;
const LOD_SLICES = 65536;
export const LOD_LISTS = KINDS.length * 2;

/** @typedef {{ map: import('./timemap.js').TimeMap, sums: Uint32Array[]|null }} Lod */

/** @param {import('./timemap.js').TimeMap} map @returns {Lod} */
export function lodMake(map) {
	if (map.rows.length <= LOD_DIRECT) return { map, sums: null };
	const sums = [];
	for (let list = 0; list < LOD_LISTS; list++) sums.push(new Uint32Array(LOD_SLICES + 1));
	const scale = LOD_SLICES / max(map.total, 1e-9);
	for (let i = 0; i < map.rows.length; i++) {
		const slice = min(LOD_SLICES - 1, max(0, floor(mapTapY(map, i) * scale)));
		sums[lodList(map, i)][slice + 1]++;
	}
	for (const sum of sums) for (let s = 0; s < LOD_SLICES; s++) sum[s + 1] += sum[s];
	return { map, sums };
}

/** @param {import('./timemap.js').TimeMap} map @param {number} i */
function lodList(map, i) {
	const row = map.rows[i];
	return map.cols.kind[row] * 2 + (map.cols.bits[row] & BIT_SERVER ? 1 : 0);
}

/**
 * Counts in `bins` equal slices between two heights: result[bin * LOD_LISTS + kind * 2 + sender].
 * @param {Lod} lod @param {number} y0 @param {number} y1 @param {number} bins
 */
export function lodCounts(lod, y0, y1, bins) {
	const { map, sums } = lod, counts = new Uint32Array(bins * LOD_LISTS);
	const from = mapFind(map, y0), to = mapFind(map, y1);
	if (!sums || to - from <= LOD_DIRECT) {
		const scale = bins / max(y1 - y0, 1e-12);
		for (let i = from; i < to; i++) {
			const bin = min(bins - 1, max(0, floor((mapTapY(map, i) - y0) * scale)));
			counts[bin * LOD_LISTS + lodList(map, i)]++;
		}
		return counts;
	}
	const slice = (/** @type {number} */ y) =>
		min(LOD_SLICES, max(0, round((y / map.total) * LOD_SLICES)));
	for (let bin = 0; bin < bins; bin++) {
		const a = slice(y0 + ((y1 - y0) * bin) / bins), b = slice(y0 + ((y1 - y0) * (bin + 1)) / bins);
		for (let list = 0; list < LOD_LISTS; list++)
			counts[bin * LOD_LISTS + list] = sums[list][b] - sums[list][a];
	}
	return counts;
}
