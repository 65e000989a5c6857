// Far out: not arrows but how many there are. Bars grow from the sender's lifeline with the
// count (log width); what is rare (resent, late, lost) has its own bars in the middle, so that
// one loss among thousands is still seen.

import { KINDS, KIND_ACK, KIND_CTL, KIND_DATA, KIND_DUP, KIND_LOST, KIND_RESENT } from '../core/kinds.js';
import { LOD_LISTS, lodCounts } from '../core/lod.js';
import { floor, max } from '../core/math.js';

/** @typedef {import('./geometry.js').View} View */
/** @typedef {import('./geometry.js').Geometry} Geometry */
/** @typedef {import('./prims.js').Prim} Prim */

const BAND_HEIGHT = 3;

/** @param {Prim[]} list @param {View} view @param {Geometry} g */
export function bandsDraw(list, view, g) {
	const bins = max(1, floor((view.height - g.headH) / BAND_HEIGHT));
	const counts = lodCounts(view.lod, g.y0, g.y1, bins), pitch = (g.y(g.y1) - g.y(g.y0)) / bins;
	let most = 1;
	for (let b = 0; b < bins; b++)
		for (const server of [0, 1]) most = max(most, bandCommon(counts, b, server));
	const room = (g.xs - g.xc) * 0.4, log = Math.log1p(most);
	for (let b = 0; b < bins; b++) {
		const y = g.y(g.y0) + b * pitch;
		for (const server of [0, 1]) bandSide(list, g, counts, b, server, y, pitch, room / log);
		bandRare(list, g, counts, b, y, pitch);
	}
}

/** @param {Uint32Array} counts @param {number} bin @param {number} server */
function bandCommon(counts, bin, server) {
	const at = bin * LOD_LISTS + server;
	return counts[at + KIND_DATA * 2] + counts[at + KIND_ACK * 2] + counts[at + KIND_CTL * 2];
}

/**
 * @param {Prim[]} list @param {Geometry} g @param {Uint32Array} counts @param {number} bin
 * @param {number} server @param {number} y @param {number} h @param {number} perLog
 */
function bandSide(list, g, counts, bin, server, y, h, perLog) {
	const all = bandCommon(counts, bin, server);
	if (all === 0) return;
	const width = Math.log1p(all) * perLog;
	let x = server ? g.xs : g.xc;
	for (const kind of [KIND_CTL, KIND_DATA, KIND_ACK]) {
		const w = (width * counts[bin * LOD_LISTS + kind * 2 + server]) / all;
		if (w <= 0) continue;
		list.push({ kind: 'bar', role: 'band', x: server ? x - w : x, y, w, h: h - 0.5, fill: KINDS[kind] });
		x += server ? -w : w;
	}
}

/** @param {Prim[]} list @param {Geometry} g @param {Uint32Array} counts @param {number} bin
 * @param {number} y @param {number} h */
function bandRare(list, g, counts, bin, y, h) {
	const middle = (g.xc + g.xs) / 2, at = bin * LOD_LISTS;
	[KIND_RESENT, KIND_DUP, KIND_LOST].forEach((kind, place) => {
		const count = counts[at + kind * 2] + counts[at + kind * 2 + 1];
		if (count === 0) return;
		const w = 4 + 6 * Math.log1p(count);
		list.push({ kind: 'bar', role: 'band-rare', x: middle + (place - 1) * 44 - w / 2, y: y - 0.5, w,
			h: h + 1, fill: KINDS[kind] });
	});
}
