// The TCP state lanes: a box from each state's first moment to the next state's.

import { BIT_SERVER, FLAG_ACK, FLAG_SYN } from '../core/kinds.js';
import { max, min } from '../core/math.js';
import { textFit, textPrim } from './prims.js';

/** @typedef {import('./geometry.js').View} View */
/** @typedef {import('./geometry.js').Geometry} Geometry */
/** @typedef {{ name: string, y0: number, y1: number, inferred: boolean, row: number, title: string, blank?: boolean }} Lane */

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
		return [{ name: 'no state', y0: start, y1: end, inferred: false, row: -1, title: 'UDP keeps no state: each datagram stands for itself' }];
	const yOf = (/** @type {import('../core/stateline.js').StateMark} */ mark) => g.y(mark.y) + (mark.end === 1 ? g.slant : 0);
	const first = marks.length > 0 ? yOf(marks[0]) : end;
	if (first - start > 4) boxes.push(laneFirst(view, server, start, first));
	marks.forEach((mark, at) => {
		const next = marks[at + 1];
		boxes.push({
			name: mark.name, y0: yOf(mark), y1: next ? max(yOf(next), yOf(mark)) : max(end, yOf(mark) + 20),
			inferred: mark.inferred, row: mark.row,
			title: mark.name + (mark.inferred ? ' (inferred: no packet can show it)' : ''),
		});
	});
	return boxes;
}

/** What stands before the first known state. @param {View} view @param {boolean} server
 * @param {number} y0 @param {number} y1 @returns {Lane} */
function laneFirst(view, server, y0, y1) {
	if (!server && laneOpens(view))
		return { name: 'CLOSED', y0, y1, inferred: false, row: -1, title: 'CLOSED: before its SYN' };
	return { name: '', y0, y1, inferred: false, row: -1, title: LANE_UNKNOWN, blank: true };
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
		list.push({
			kind: 'bar', role: box.blank ? 'state-unknown' : 'state', x, y: y0 + 0.75, w: g.laneW, h,
			r: 4, ink: box.blank ? 'faint' : 'stLine', title: box.title,
			fill: box.blank ? undefined : laneFill(box.name), dash: box.inferred || box.blank ? [4, 3] : undefined,
		});
		if (box.name !== '')
			laneName(list, view, g, box, x);
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
		text: name, size, weight: 700, ink: 'stText', align: 'middle', title: box.title,
		angle: upright ? -Math.PI / 2 : undefined,
	}));
}
