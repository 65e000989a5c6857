// The TCP state lanes: a box from each state's first moment to the next state's.

import { BIT_SERVER, FLAG_ACK, FLAG_SYN } from '../core/kinds.js';
import { max, min } from '../core/math.js';
import { callName, callStep } from '../text/call.js';
import { textFit, textPrim } from './prims.js';

/** @typedef {import('./geometry.js').View} View */
/** @typedef {import('./geometry.js').Geometry} Geometry */
/** @typedef {{ name: string, y0: number, y1: number, inferred: boolean, title: string, call?: number }} Lane without a name: not known */

const LANE_UNKNOWN = 'not known from packets (LISTEN is seen by socket calls only)';
const LANE_OPENING = new Set(['SYN-SENT', 'SYN-RECEIVED']);
const LANE_CLOSING = new Set([
	'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT',
]);

/** @param {string} name @returns {string} the fill of a state's box */
function laneFill(name) {
	if (LANE_OPENING.has(name)) return 'stOpening';
	if (LANE_CLOSING.has(name)) return 'stClosing';
	return name === 'ESTABLISHED' ? 'stOpen' : 'stNone';
}

/** Whether the conversation's first packet is its client's SYN. @param {View} view */
function laneOpens(view) {
	const c = view.tl.cols, row = view.map.rows[0];
	return row !== undefined && (c.flags[row] & (FLAG_SYN | FLAG_ACK)) === FLAG_SYN
		&& (c.bits[row] & BIT_SERVER) === 0;
}

/** The boxes of one end, top to bottom. @param {View} view @param {Geometry} g @param {boolean} server */
export function laneBoxes(view, g, server) {
	const { map } = view, end = g.y(map.total) + 26, start = g.y(0) - 26;
	const marks = map.states.filter((mark) => mark.server === server);
	/** @type {Lane[]} */
	const boxes = [];
	if (view.conv.proto === 'udp' || (view.conv.proto === '' && view.tl.cols.proto[map.rows[0]] === 1))
		return [{ name: 'no state', y0: start, y1: end, inferred: false, title: 'UDP keeps no state: each datagram stands for itself' }];
	const yOf = (/** @type {import('../core/stateline.js').StateMark} */ mark) => g.y(mark.y) + (mark.end === 1 ? g.slant : 0);
	// CLOSED is no state but that there is none (RFC 9293 3.3.2): so it was before the call that tells of the first one.
	const told = marks[0]?.call, made = told !== undefined && marks[0].name === 'CLOSED';
	const before = told !== undefined ? callName(view.tl, told) : !server && laneOpens(view) ? 'its SYN' : '';
	const first = marks.length > 0 ? yOf(marks[0]) : end;
	if (first - start > 4 && !made) boxes.push({ name: before && 'CLOSED', y0: start, y1: first,
		inferred: !before, title: before ? 'CLOSED: before ' + before : LANE_UNKNOWN });
	marks.forEach((mark, at) => {
		const { name, inferred, call } = mark, next = marks[at + 1], y = yOf(mark);
		boxes.push({
			name, inferred, call, y0: at === 0 && made ? start : y, y1: next ? max(yOf(next), y) : max(end, y + 20),
			title: name + (inferred ? ' (inferred: no packet can show it)' : call === undefined ? '' : ': ' + callStep(view.tl, call, false)),
		});
	});
	return boxes;
}

/** @param {import('./prims.js').Prim[]} list @param {View} view @param {Geometry} g @param {boolean} server */
export function laneDraw(list, view, g, server) {
	const x = server ? g.laneS : g.laneC;
	for (const box of laneBoxes(view, g, server)) {
		if (box.y1 < g.headH - 20 || box.y0 > view.height + 20) continue;
		// A box as tall as the whole capture is cut a little outside of the view: same picture.
		const y0 = max(box.y0, g.headH - 10), y1 = min(box.y1, view.height + 10);
		const h = y1 - y0 - 1.5;
		if (h <= 0) continue;
		const { name, title, call } = box;
		list.push({
			kind: 'bar', role: name ? 'state' : 'state-unknown', x, y: y0 + 0.75, w: g.laneW, h,
			r: 4, ink: name ? 'stLine' : 'edgeStrong', title, call,
			fill: name ? laneFill(name) : undefined, dash: box.inferred ? [4, 3] : undefined,
		});
		if (name) laneName(list, view, g, box, x);
	}
}

/** The name at the top of what is visible of the box; upright in tall or narrow ones.
 * @param {import('./prims.js').Prim[]} list @param {View} view @param {Geometry} g
 * @param {Lane} box @param {number} x */
function laneName(list, view, g, box, x) {
	const top = max(box.y0, g.headH + 2), end = min(box.y1, view.height - 2);
	const room = end - top;
	const fits = view.measure(box.name, 11.5, 700, false) <= g.laneW - 6;
	const upright = !fits || room > 190;
	// In a narrow lane a smaller name is better than half a name.
	const size = [11.5, 10, 9].find((s) => !upright || view.measure(box.name, s, 700, false) <= room - 4) ?? 9;
	const name = upright ? textFit(box.name, room - 4, view.measure, size, 700) : box.name;
	if (room < 13 || name === '' || (upright && name !== box.name && room < 40)) return;
	list.push(textPrim(view.measure, {
		role: 'state', x: x + g.laneW / 2,
		y: upright ? (top + end) / 2 : room < 30 ? (top + end) / 2 : top + 14,
		text: name, size, weight: 700, ink: 'text', align: 'middle', title: box.title,
		angle: upright ? -Math.PI / 2 : undefined,
	}));
}
