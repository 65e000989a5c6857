// Far out: not arrows but how many there are. Bars grow from the sender's lifeline with the
// count (log width); what is rare (resent, late, lost) has its own bars in the middle, so that
// one loss among thousands is still seen.

import { KINDS, KINDS_RARE, KIND_ACK, KIND_CTL, KIND_DATA } from '../core/kinds.js';
import { lodCounts, lodMost, lodSum } from '../core/lod.js';
import { floor, max } from '../core/math.js';

/** @typedef {import('./geometry.js').View} View */
/** @typedef {import('./geometry.js').Geometry} Geometry */
/** @typedef {import('./prims.js').Prim} Prim */

const BAND_HEIGHT = 3;
const BAND_COMMON = [KIND_CTL, KIND_DATA, KIND_ACK];

/** @param {Prim[]} list @param {View} view @param {Geometry} g */
export function bandsDraw(list, view, g) {
	const bins = max(1, floor((view.height - g.headH) / BAND_HEIGHT));
	const counts = lodCounts(view.lod, g.y0, g.y1, bins), pitch = (g.y(g.y1) - g.y(g.y0)) / bins;
	const perLog = ((g.xs - g.xc) * 0.4) / Math.log1p(lodMost(counts, BAND_COMMON));
	for (let b = 0; b < bins; b++) {
		const y = g.y(g.y0) + b * pitch;
		for (const server of [0, 1]) bandSide(list, g, counts, b, server, y, pitch, perLog);
		bandRare(list, g, counts, b, y, pitch);
	}
}

/**
 * @param {Prim[]} list @param {Geometry} g @param {import('../core/lod.js').LodCounts} counts
 * @param {number} bin @param {number} server @param {number} y @param {number} h @param {number} perLog
 */
function bandSide(list, g, counts, bin, server, y, h, perLog) {
	const all = lodSum(counts, bin, BAND_COMMON, [server]), width = Math.log1p(all) * perLog;
	let x = server ? g.xs : g.xc;
	for (const kind of BAND_COMMON) {
		const w = (width * lodSum(counts, bin, [kind], [server])) / (all || 1);
		if (w <= 0) continue;
		list.push({ kind: 'bar', role: 'band', x: server ? x - w : x, y, w, h: h - 0.5, fill: KINDS[kind] });
		x += server ? -w : w;
	}
}

/** @param {Prim[]} list @param {Geometry} g @param {import('../core/lod.js').LodCounts} counts
 * @param {number} bin @param {number} y @param {number} h */
function bandRare(list, g, counts, bin, y, h) {
	const middle = (g.xc + g.xs) / 2;
	KINDS_RARE.forEach((kind, place) => {
		const count = lodSum(counts, bin, [kind], [0, 1]);
		if (count === 0) return;
		const w = 4 + 6 * Math.log1p(count);
		list.push({ kind: 'bar', role: 'band-rare', x: middle + (place - 1) * 44 - w / 2, y: y - 0.5, w,
			h: h + 1, fill: KINDS[kind] });
	});
}
