// Level of detail: how many packets of each kind lie between two heights, at once, however many
// there are. Counts are kept as running sums over equal slices of the map.

import { BIT_SERVER, KINDS } from './kinds.js';
import { floor, max, min, round } from './math.js';
import { mapFind, mapTapY } from './timemap.js';

/** Below this many packets in view they are simply counted one by one. */
const LOD_DIRECT = 60000;
const LOD_SLICES = 65536;
const LOD_LISTS = KINDS.length * 2;

/** @typedef {{ map: import('./timemap.js').TimeMap, sums: Uint32Array[]|null }} Lod */

/** @param {import('./timemap.js').TimeMap} map @returns {Lod} */
export function lodMake(map) {
	if (map.rows.length <= LOD_DIRECT) return { map, sums: null };
	const sums = [];
	for (let list = 0; list < LOD_LISTS; list++) sums.push(new Uint32Array(LOD_SLICES + 1));
	const scale = LOD_SLICES / max(map.total, 1e-9);
	for (let i = 0; i < map.rows.length; i++) {
		sums[lodList(map, i)][lodSlice(mapTapY(map, i) * scale, LOD_SLICES) + 1]++;
	}
	for (const sum of sums) for (let s = 0; s < LOD_SLICES; s++) sum[s + 1] += sum[s];
	return { map, sums };
}

/** @param {number} place @param {number} count @returns {number} the slice, the last one for what is at the end */
function lodSlice(place, count) {
	return min(count - 1, max(0, floor(place)));
}

/** @param {import('./timemap.js').TimeMap} map @param {number} i */
function lodList(map, i) {
	const row = map.rows[i];
	return map.cols.kind[row] * 2 + (map.cols.bits[row] & BIT_SERVER ? 1 : 0);
}

/** Counts by bin, kind and sender. @typedef {{ bins: number, counts: Uint32Array }} LodCounts */

/** Counts in `bins` equal slices between two heights.
 * @param {Lod} lod @param {number} y0 @param {number} y1 @param {number} bins @returns {LodCounts} */
export function lodCounts(lod, y0, y1, bins) {
	const { map, sums } = lod, counts = new Uint32Array(bins * LOD_LISTS);
	const from = mapFind(map, y0), to = mapFind(map, y1);
	if (!sums || to - from <= LOD_DIRECT) {
		const scale = bins / max(y1 - y0, 1e-12);
		for (let i = from; i < to; i++)
			counts[lodSlice((mapTapY(map, i) - y0) * scale, bins) * LOD_LISTS + lodList(map, i)]++;
		return { bins, counts };
	}
	const slice = (/** @type {number} */ bin) =>
		min(LOD_SLICES, max(0, round(((y0 + ((y1 - y0) * bin) / bins) / map.total) * LOD_SLICES)));
	for (let bin = 0; bin < bins; bin++)
		for (let list = 0; list < LOD_LISTS; list++)
			counts[bin * LOD_LISTS + list] = sums[list][slice(bin + 1)] - sums[list][slice(bin)];
	return { bins, counts };
}

/** How many of some kinds are in a bin. @param {LodCounts} lod @param {number} bin
 * @param {number[]} kinds @param {number[]} senders 0 for the client, 1 for the server */
export function lodSum({ counts }, bin, kinds, senders) {
	let sum = 0;
	for (const kind of kinds) for (const sender of senders) sum += counts[bin * LOD_LISTS + kind * 2 + sender];
	return sum;
}

/** The most in one bin from one sender, for a scale. @param {LodCounts} lod @param {number[]} kinds */
export function lodMost(lod, kinds) {
	let most = 1;
	for (let bin = 0; bin < lod.bins; bin++)
		for (const sender of [0, 1]) most = max(most, lodSum(lod, bin, kinds, [sender]));
	return most;
}
