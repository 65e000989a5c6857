// What the kernel says of its sockets, beside their lifelines: the congestion window as a line, the
// segments in flight as an area.

import { samplesOfEnd } from '../core/calls.js';
import { max } from '../core/math.js';
import { mapYAt } from '../core/timemap.js';

/** @typedef {import('./prims.js').Prim} Prim */

/** @param {Prim[]} list @param {import('./geometry.js').View} view @param {import('./geometry.js').Geometry} g */
export function windowsDraw(list, view, g) {
	const { tl, map } = view, { t, cwnd, unacked } = tl.sheets.kernel.cols;
	g.windows.forEach(({ x, w }, end) => {
		const rows = samplesOfEnd(tl, view.conv.index, end);
		if (!w || rows.length === 0) return;
		const most = rows.reduce((high, i) => max(high, cwnd[i], unacked[i]), 1), stop = g.y(map.total) + 22;
		// Both grow away from the lifeline.
		const at = (/** @type {number} */ v) => end ? x + (w * v) / most : x + w - (w * v) / most;
		const title = 'congestion window (line) and segments in flight (area) of the ' + (end ? 'server' : 'client') + ', at most ' + most;
		const y0 = max(g.y(mapYAt(map, t[rows[0]])), g.headH - 10);
		list.push({ kind: 'bar', role: 'window-lane', x, y: y0, w, h: max(stop - y0, 1), fill: 'fold', title });
		rows.forEach((i, place) => {
			const y = g.y(mapYAt(map, t[i])), next = place + 1 < rows.length ? g.y(mapYAt(map, t[rows[place + 1]])) : stop;
			if (next < g.headH - 10 || y > view.height + 10 || next - y < 0.4) return;
			const own = /** @type {const} */ ({ kind: 'line', role: 'cwnd', ink: 'ctl', width: 1.6 }), x1 = at(cwnd[i]), zero = at(0);
			list.push({ kind: 'bar', role: 'flight', x: Math.min(zero, at(unacked[i])), y, w: Math.abs(at(unacked[i]) - zero), h: next - y, fill: 'data', alpha: 0.3 },
				{ ...own, x1, y1: y, x2: x1, y2: next });
			if (place > 0) list.push({ ...own, x1: at(cwnd[rows[place - 1]]), y1: y, x2: x1, y2: y });
		});
	});
}
