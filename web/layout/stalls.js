// Silences in an open connection: a band between the lifelines, marked at the end that waited;
// its sentence is read by pointing at it.

import { visibleText } from '../core/bytes.js';
import { timelineRow } from '../core/columns.js';
import { isNumber, max, min } from '../core/math.js';
import { mapPlace, mapTapY, mapYAt } from '../core/timemap.js';
import { recordList } from '../core/records.js';
import { durationText } from '../text/format.js';

/** @typedef {import('./geometry.js').View} View */
/** @typedef {import('./geometry.js').Geometry} Geometry */
/** @typedef {{ text: string, y0: number, y1: number }} Stall */

/** @param {import('./prims.js').Prim[]} list @param {View} view @param {Geometry} g
 * @returns {Stall[]} what there is to be written on the bands in view */
export function stallsDraw(list, view, g) {
	/** @type {Stall[]} */
	const stalls = [];
	for (const { rec } of view.conv.notes) {
		if (rec.code !== 'stall' || !isNumber(rec.end)) continue;
		const [from, to] = recordList(rec.because);
		const y0 = max(stallY(view, g, from, rec.t), g.headH - 10), y1 = min(stallY(view, g, to, rec.end), view.height + 10);
		if (y1 - y0 < 3) continue;
		const own = { kind: /** @type {'bar'} */ ('bar'), role: 'stall', n: to, y: y0, h: y1 - y0 - 2, title: visibleText(rec.text) };
		list.push({ ...own, x: g.xc, w: g.xs - g.xc, fill: 'warnBack' },
			{ ...own, x: rec.who === 'server' ? g.xs - 6 : g.xc, w: 6, fill: 'markEdge' });
		stalls.push({ y0, y1, text: visibleText(rec.who + ' waits: ' + String(rec.waits).replaceAll('-', ' ').replace('ack', 'ACK')
			+ ' · ' + durationText(rec.end - rec.t) + (rec.inferred ? ' (inferred)' : '')) });
	}
	return stalls;
}

/** The height of a moment at a packet: its departure, or its arrival when that is meant.
 * @param {View} view @param {Geometry} g @param {unknown} n @param {number} t */
function stallY({ map, tl }, g, n, t) {
	const row = timelineRow(tl, n), i = row < 0 ? -1 : mapPlace(map, row);
	if (i < 0 || map.mode === 'true') return g.y(mapYAt(map, t));
	return g.y(t > tl.cols.t[row] ? map.arr[i] : mapTapY(map, i));
}
