// The whole ladder as a display list, in the two layers that change at different times: lanes
// (axis, folds, states, lifelines) and arrows (with labels and column titles).

import { floor, max, min } from '../core/math.js';
import { mapRange } from '../core/timemap.js';
import { arrowAt, arrowDistance, arrowDraw, arrowGlow } from './arrows.js';
import { axisCount, foldsDraw, ticksDraw } from './axis.js';
import { bandsDraw } from './bands.js';
import { bodyClip, geometryOf } from './geometry.js';
import { headingDraw } from './heading.js';
import { labelsPlace } from './labels.js';
import { laneDraw } from './lanes.js';
import { phasesDraw } from './phases.js';
import { programsDraw } from './programs.js';
import { stallsDraw } from './stalls.js';
import { windowsDraw } from './windows.js';

/** @typedef {import('./geometry.js').View} View */
/** @typedef {import('./geometry.js').Geometry} Geometry */
/** @typedef {import('./prims.js').Prim} Prim */
/** @typedef {import('./arrows.js').Arrow} Arrow */
/** @typedef {{ lanes: Prim[], arrows: Prim[], list: Arrow[], bands: boolean, geometry: Geometry, own: Ladder|null }} Ladder `own`: of two, that of the view's own conversation */

/** More arrows than this in view are drawn as bands. */
export const LADDER_MOST = 4000;
/** Arrows closer than this (pixels each) are one solid surface: bands say more. */
const LADDER_LEAST = 0.75;

/** One ladder, or two beside each other, each with its own time at its left. @param {View} view @returns {Ladder} */
export function ladderLayout(view) {
	const { conv, map, lod, beside, height } = view, half = floor(view.width / 2);
	if (!beside) return ladderOne(view);
	const pair = [{ conv, map, lod }, beside].sort((a, b) => a.conv.index - b.conv.index);
	const [left, right] = pair.map((shown, at) => ladderMoved(ladderOne({ ...view, ...shown, width: half }), at * half));
	const own = pair[0].conv === conv ? left : right;
	return {
		lanes: [...left.lanes, ...right.lanes, { kind: 'line', role: 'heading', x1: half, y1: 0, x2: half, y2: height, ink: 'edgeStrong', width: 1 }],
		arrows: [...left.arrows, ...right.arrows], list: [...left.list, ...right.list], bands: left.bands || right.bands, geometry: own.geometry, own,
	};
}

/** @param {Ladder} ladder @param {number} dx @returns {Ladder} */
function ladderMoved(ladder, dx) {
	const move = (/** @type {any} */ thing) => {
		for (const key of ['x', 'x1', 'x2', 'left', 'right']) if (key in thing) thing[key] += dx;
	};
	for (const list of [ladder.lanes, ladder.arrows, ladder.list, [ladder.geometry]]) list.forEach(move);
	return ladder;
}

/** @param {View} view @returns {Ladder} */
function ladderOne(view) {
	const g = geometryOf(view);
	const count = axisCount(view, g);
	const bands = count > LADDER_MOST || (count > 300 && (view.height - g.headH) / count < LADDER_LEAST);
	/** @type {Prim[]} */
	const lanes = [bodyClip(view)];
	const stalls = stallsDraw(lanes, view, g);
	const taken = foldsDraw(lanes, view, g);
	ticksDraw(lanes, view, g, taken);
	if (!view.conv.bare) for (const server of [false, true]) laneDraw(lanes, view, g, server);
	windowsDraw(lanes, view, g);
	programsDraw(lanes, view, g);
	phasesDraw(lanes, view, g);
	if (!view.conv.bare) ladderLifelines(lanes, view, g);
	lanes.push({ kind: 'unclip', role: 'body' });
	headingDraw(lanes, view, g);
	/** @type {Prim[]} */
	const arrows = [bodyClip(view)];
	const list = bands ? [] : ladderArrows(arrows, view, g, stalls);
	if (bands) bandsDraw(arrows, view, g);
	arrows.push({ kind: 'unclip', role: 'body' });
	return { lanes, arrows, list, bands, geometry: g, own: null };
}

/** @param {Prim[]} list @param {View} view @param {Geometry} g */
function ladderLifelines(list, view, g) {
	const y1 = max(g.y(0) - 26, g.headH - 10), y2 = min(g.y(view.map.total) + 26, view.height + 10);
	for (const x of [g.xc, g.xs])
		list.push({ kind: 'line', role: 'lifeline', x1: x, y1, x2: x, y2, ink: 'lifeline', width: 2 });
}

/** @param {Prim[]} list @param {View} view @param {Geometry} g @param {import('./stalls.js').Stall[]} stalls */
function ladderArrows(list, view, g, stalls) {
	const { from, to } = mapRange(view.map, g.y0, g.y1);
	/** @type {Arrow[]} */
	const arrows = [];
	for (let i = from; i < to; i++) {
		const a = arrowAt(view, g, i);
		if (max(a.y1, a.y2) < g.headH - 12 || min(a.y1, a.y2) > view.height + 12) continue;
		arrows.push(a);
	}
	const small = arrows.length > 0 && (view.height - g.headH) / arrows.length < 5;
	for (const a of arrows) if (a.row === view.chosen) list.push(arrowGlow(a, 'chosen'));
	for (const a of arrows) arrowDraw(list, a, view, small);
	// Labels come last: no line is drawn over their halo.
	if (!small || arrows.length < 300) labelsPlace(list, arrows, view, g, stalls);
	return arrows;
}

/** The arrow under a point, null if none is near. @param {Ladder} ladder @param {number} x @param {number} y */
export function ladderHit(ladder, x, y) {
	if (y < ladder.geometry.headH) return null;
	let best = null, near = 7;
	for (const a of ladder.list) {
		if (y < min(a.y1, a.y2) - near || y > max(a.y1, a.y2) + near) continue;
		const distance = arrowDistance(a, x, y);
		if (distance < near) { near = distance; best = a; }
	}
	return best;
}

/** What stands under a point in the lanes and has something to tell. @param {Ladder} ladder
 * @param {number} x @param {number} y */
export function ladderThing(ladder, x, y) {
	return ladder.lanes.find((prim) => prim.kind === 'bar' && prim.title && x >= prim.x && x <= prim.x + prim.w
		&& y >= prim.y && y <= prim.y + prim.h);
}
