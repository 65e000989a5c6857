// Packets as arrows between the two lifelines. Line style and words tell the kind, hue only
// helps: data solid, ACK thin, resent double, lost dashed with a cross.

import {
	BIT_BETWEEN, BIT_COPY, BIT_LOST, BIT_SERVER, BIT_VERDICT, KIND_ACK, KIND_CTL, KIND_DUP, KIND_RESENT, KINDS, PROTO_FRAGMENT,
} from '../core/kinds.js';
import { timelineRow } from '../core/columns.js';
import { max, min } from '../core/math.js';
import { STEPS_LOST } from '../core/steps.js';
import { mapPlace } from '../core/timemap.js';

/**
 * `far`: the half that no tap saw; `lost`: it ends in a cross at x2, y2.
 * @typedef {{ i: number, row: number, n: number, kind: number, x1: number, y1: number, x2: number,
 *   y2: number, far: ''|'head'|'tail', lost: boolean, server: boolean, seen: boolean }} Arrow
 */

/** @param {import('./geometry.js').View} view @param {import('./geometry.js').Geometry} g
 * @param {number} i @returns {Arrow} */
export function arrowAt(view, g, i) {
	const { map, tl } = view, row = map.rows[i], bits = tl.cols.bits[row];
	const server = (bits & BIT_SERVER) !== 0, lost = (bits & BIT_LOST) !== 0;
	let x1 = server ? g.xs : g.xc, x2 = server ? g.xc : g.xs;
	let y1 = g.y(map.dep[i]), y2 = g.y(map.arr[i]) + g.slant;
	if (bits & (BIT_BETWEEN | BIT_COPY)) {
		const fork = arrowFork(view, g, row);
		x1 = fork ? fork.x : (x1 + x2) / 2;
		y1 = fork ? min(fork.y, y2) : (y1 + y2) / 2;
	}
	if (lost) {
		x2 = x1 + (x2 - x1) * STEPS_LOST;
		y2 = y1 + max((y2 - y1) * STEPS_LOST, 8);
	}
	return {
		i, row, n: tl.cols.n[row], kind: tl.cols.kind[row], x1, y1, x2, y2, lost, server,
		far: lost ? '' : arrowFar(map.tap.place, server), seen: !view.match || view.match(row),
	};
}

/** Where an arrow that begins on the wire leaves another's: a copy half-way along its original, an
 * ICMP error at the cross of the packet that it quotes. @param {import('./geometry.js').View} view
 * @param {import('./geometry.js').Geometry} g @param {number} row */
function arrowFork(view, g, row) {
	const { tl, map } = view, extra = tl.extras.get(row);
	const from = timelineRow(tl, extra?.copyOf ?? extra?.icmp?.quotes), place = from < 0 ? -1 : mapPlace(map, from);
	// One that forks itself cannot be asked: records may name each other in a circle.
	if (place < 0 || tl.cols.bits[from] & (BIT_BETWEEN | BIT_COPY)) return null;
	const { lost, x1, y1, x2, y2 } = arrowAt(view, g, place);
	if (lost) return { x: x2, y: y2 };
	return extra?.copyOf ? { x: (x1 + x2) / 2, y: (y1 + y2) / 2 } : null;
}

/** @param {string} place @param {boolean} server @returns {''|'head'|'tail'} */
function arrowFar(place, server) {
	if (place === 'client') return server ? 'tail' : 'head';
	if (place === 'server') return server ? 'head' : 'tail';
	return place === 'unknown' ? 'head' : '';
}

/**
 * @param {import('./prims.js').Prim[]} list @param {Arrow} a
 * @param {import('./geometry.js').View} view @param {boolean} small when arrows stand too close for ornaments
 */
export function arrowDraw(list, a, view, small) {
	const own = { n: a.n, ink: KINDS[a.kind], alpha: a.seen ? 1 : 0.18 }, end = { ...own, x: a.x2, y: a.y2 };
	const width = a.kind === KIND_ACK || view.tl.cols.proto[a.row] === PROTO_FRAGMENT ? 1.3 : 2;
	if (small) {
		arrowLine(list, a, a.x1, a.y1, a.x2, a.y2, 1, a.lost ? [4, 3] : undefined);
		return;
	}
	const angle = Math.atan2(a.y2 - a.y1, a.x2 - a.x1);
	// The line ends inside the head, so that its end does not show past the point.
	const tip = a.lost ? 0 : 7, ex = a.x2 - Math.cos(angle) * tip, ey = a.y2 - Math.sin(angle) * tip;
	if (a.kind === KIND_RESENT && !a.lost) for (const off of [-1.8, 1.8])
		arrowShaft(list, a, ex, ey, 1.4, [-Math.sin(angle) * off, Math.cos(angle) * off]);
	else arrowShaft(list, a, ex, ey, width);
	list.push({ kind: 'dot', role: 'sent', ...own, x: a.x1, y: a.y1, r: 3, hollow: false });
	if (a.lost) {
		arrowCross(list, a, 'lost', KINDS[a.kind]);
		return;
	}
	list.push({ kind: 'head', role: 'arrow', ...own, x: a.x2 - Math.cos(angle) * 3,
		y: a.y2 - Math.sin(angle) * 3, angle, size: width > 1.5 ? 9 : 8 });
	// Damage is found by the receiver: there it ends.
	if (view.tl.extras.get(a.row)?.fate?.some((f) => f?.did === 'corrupt'))
		arrowCross(list, a, 'damaged', 'lost');
	list.push({ kind: 'dot', role: 'arrived', ...end, r: 2.8, hollow: true });
}

/**
 * @param {import('./prims.js').Prim[]} list @param {Arrow} a @param {number} x1
 * @param {number} y1 @param {number} x2 @param {number} y2 @param {number} width @param {number[]} [dash]
 */
function arrowLine(list, a, x1, y1, x2, y2, width, dash) {
	list.push({
		kind: 'line', role: 'arrow', n: a.n, x1, y1, x2, y2, ink: KINDS[a.kind], width,
		dash, alpha: a.seen ? 1 : 0.18,
	});
}

/** @param {import('./prims.js').Prim[]} list @param {Arrow} a @param {string} role @param {string} ink */
function arrowCross(list, { n, x2: x, y2: y, seen }, role, ink) {
	for (const side of [-6, 6])
		list.push({ kind: 'line', role, n, x1: x - 6, y1: y - side, x2: x + 6, y2: y + side, ink, width: 2.6, alpha: seen ? 1 : 0.18 });
}

/** The line up to its head; of its two halves the one that no tap saw is dotted. One line of two stands
 * `off` beside the middle. @param {import('./prims.js').Prim[]} list @param {Arrow} a @param {number} ex
 * @param {number} ey @param {number} width @param {number[]} [off] */
function arrowShaft(list, a, ex, ey, width, [dx, dy] = [0, 0]) {
	const dash = a.lost ? [7, 4] : a.kind === KIND_DUP ? [10, 2.5] : undefined, dots = [1.5, 4];
	const x1 = a.x1 + dx, y1 = a.y1 + dy, mx = (a.x1 + a.x2) / 2 + dx, my = (a.y1 + a.y2) / 2 + dy;
	if (a.far === '') {
		arrowLine(list, a, x1, y1, ex + dx, ey + dy, width, dash);
		return;
	}
	arrowLine(list, a, x1, y1, mx, my, width, a.far === 'tail' ? dots : dash);
	arrowLine(list, a, mx, my, ex + dx, ey + dy, width, a.far === 'head' ? dots : dash);
}

/** The glow under a chosen or hovered arrow. @param {Arrow} a @param {string} role
 * @returns {import('./prims.js').Prim} */
export function arrowGlow(a, role) {
	return {
		kind: 'line', role, n: a.n, x1: a.x1, y1: a.y1, x2: a.x2, y2: a.y2, ink: KINDS[a.kind],
		width: role === 'chosen' ? 12 : 8, round: true, alpha: role === 'chosen' ? 0.25 : 0.16,
	};
}

/** How much a label matters: chosen, verdicts, SYN/FIN/RST, data, ACK.
 * @param {import('./geometry.js').View} view @param {Arrow} a */
export function arrowWeight(view, a) {
	if (a.row === view.chosen) return 0;
	if (a.lost || a.kind === KIND_DUP || view.tl.cols.bits[a.row] & BIT_VERDICT || view.tl.extras.get(a.row)?.fate) return 1;
	if (a.kind === KIND_CTL) return 2;
	return a.kind === KIND_ACK ? 4 : 3;
}

/** Distance of a point from an arrow. @param {Arrow} a @param {number} x @param {number} y */
export function arrowDistance(a, x, y) {
	const dx = a.x2 - a.x1, dy = a.y2 - a.y1, size = dx * dx + dy * dy || 1;
	const part = min(1, max(0, ((x - a.x1) * dx + (y - a.y1) * dy) / size));
	return Math.hypot(x - a.x1 - part * dx, y - a.y1 - part * dy);
}
