// The time column: a tick at each captured moment that has room, folds with their true length.

import { abs, ceil, firstPlace, floor, max, min } from '../core/math.js';
import { mapFind, mapGaps, mapMarks, mapTimeAt } from '../core/timemap.js';
import { durationText, timeText } from '../text/format.js';
import { AXIS_SIZE } from './geometry.js';
import { textPrim } from './prims.js';

/** @typedef {import('./geometry.js').View} View */
/** @typedef {import('./geometry.js').Geometry} Geometry */
/** @typedef {import('./prims.js').Prim} Prim */

const AXIS_APART = 14;
const FOLD_HEIGHT = 12;
const AXIS_MOST = 200;

/** Folds in view: a band through all lanes. @param {Prim[]} list @param {View} view @param {Geometry} g
 * @returns {number[]} heights of the fold labels */
export function foldsDraw(list, view, g) {
	const taken = [];
	const folds = view.map.folds;
	for (let f = firstPlace(folds.length, (at) => folds[at].y1 >= g.y0); f < folds.length && folds[f].y0 <= g.y1; f++) {
		const y0 = g.y(folds[f].y0), y1 = g.y(folds[f].y1);
		if (y1 - y0 < FOLD_HEIGHT + 4) continue;
		const y = (y0 + y1) / 2;
		list.push({ kind: 'bar', role: 'fold', x: g.timeX + 4, y: y - FOLD_HEIGHT / 2,
			w: g.right - g.timeX - 8, h: FOLD_HEIGHT, fill: 'fold' });
		for (const edge of [y - FOLD_HEIGHT / 2, y + FOLD_HEIGHT / 2])
			list.push({ kind: 'line', role: 'fold', x1: g.timeX + 4, y1: edge, x2: g.right - 4, y2: edge,
				ink: 'foldLine', width: 1, dash: [2, 4] });
		if (y1 - y0 < 2 * AXIS_APART - 1) continue;
		const x = g.laneW > 60 ? g.timeX - 12 : g.timeX - 4;
		axisText(list, view, x, y, foldText(view, folds[f].dt, x - g.left), 'fold', 10, 'muted');
		taken.push(y);
	}
	return taken;
}

/** In the axis's unit if there is room, else in the unit that makes it short.
 * @param {View} view @param {number} dt ns @param {number} room */
function foldText(view, dt, room) {
	const texts = [timeText(dt, view.unit), durationText(dt)].flatMap((text) => ['⋮ ' + text, text]);
	return texts.find((text) => view.measure(text, 10, 400, true) <= room) ?? durationText(dt);
}

/** @param {Prim[]} list @param {View} view @param {Geometry} g @param {number[]} taken */
export function ticksDraw(list, view, g, taken) {
	if (view.map.mode === 'true') {
		ticksLinear(list, view, g);
		return;
	}
	const marks = mapMarks(view.map), to = firstPlace(marks.count, (i) => marks.y(i) > g.y1);
	const from = firstPlace(marks.count, (i) => marks.y(i) >= g.y0);
	let last = -Infinity, before = '';
	let fold = 0;
	const stride = max(1, floor((to - from) / 4000));
	for (let i = from; i < to; i += stride) {
		const y = g.y(marks.y(i));
		while (fold < taken.length && taken[fold] < y - AXIS_APART) fold++;
		if (y - last < AXIS_APART || y < g.headH - 8 || y > view.height + 8) continue;
		if (fold < taken.length && abs(taken[fold] - y) < AXIS_APART - 1) continue;
		const text = timeText(marks.t(i), view.unit);
		if (text === before && y - last < 3 * AXIS_APART) continue;
		last = y;
		before = text;
		tickDraw(list, view, g, y, text);
	}
}

/** @param {Prim[]} list @param {View} view @param {Geometry} g @param {number} y @param {string} text */
function tickDraw(list, view, g, y, text) {
	axisText(list, view, g.timeX - 6, y, text, 'tick', AXIS_SIZE, 'text');
	list.push({ kind: 'line', role: 'tick', x1: g.timeX - 2, y1: y, x2: g.timeX + 4, y2: y, ink: 'muted', width: 1 });
}

/** @param {Prim[]} list @param {View} view @param {number} x @param {number} y @param {string} text
 * @param {string} role @param {number} size @param {string} ink */
function axisText(list, view, x, y, text, role, size, ink) {
	list.push(textPrim(view.measure, { role, x, y, text, size, mono: true, ink, align: 'end' }));
}

/** Round steps of 1, 2 and 5, some 60 px apart. @param {Prim[]} list @param {View} view @param {Geometry} g */
function ticksLinear(list, view, g) {
	const { map, unit } = view;
	if (map.total === 0) return;
	const from = mapTimeAt(map, max(g.y0, 0)), to = mapTimeAt(map, min(g.y1, map.total));
	const wanted = 60 / (map.perNs * view.zoom), power = 10 ** floor(Math.log10(wanted));
	const step = max([1, 2, 5, 10].map((m) => m * power).find((s) => s >= wanted) ?? wanted, 1);
	const decimals = max(0, min(6, -floor(Math.log10(step / unit.ns) + 1e-9)));
	// Counted, not summed up: at 10^18 ns a step may be too small to change a double.
	const first = ceil(from / step), count = min((to - from) / step + 1, AXIS_MOST);
	for (let k = 0; k < count; k++) {
		const t = (first + k) * step, y = g.y((t - map.t0) * map.perNs);
		tickDraw(list, view, g, y, timeText(t, { ...unit, decimals }));
		list.push({ kind: 'line', role: 'grid', x1: g.timeX + 8, y1: y, x2: g.right - 4, y2: y, ink: 'fold', width: 1 });
	}
}

/** The usual gap between packets in a conversation, for the axis unit.
 * @param {import('../core/timemap.js').TimeMap} map */
export function axisGap(map) {
	const gaps = mapGaps(map, 500);
	return gaps.some((gap) => gap > 0) ? max(gaps[floor(gaps.length / 4)], 1) : 0;
}

/** How many packets have their captured moment in view. @param {View} view @param {Geometry} g */
export function axisCount(view, g) {
	return mapFind(view.map, g.y1) - mapFind(view.map, g.y0);
}
