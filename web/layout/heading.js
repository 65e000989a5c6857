// Column titles with the ends' addresses.

import { abs, max, min } from '../core/math.js';
import { endText } from '../text/format.js';
import { convProto, tapWire } from '../text/story.js';
import { programText } from '../text/call.js';
import { CALL_FOLDED } from './geometry.js';
import { textFit, textPrim } from './prims.js';

/** @typedef {import('./geometry.js').View} View */
/** @typedef {import('./geometry.js').Geometry} Geometry */

/** @param {import('./prims.js').Prim[]} list @param {View} view @param {Geometry} g */
export function headingDraw(list, view, g) {
	const { conv } = view, proto = convProto(view.tl, conv);
	list.push({ kind: 'bar', role: 'heading', x: 0, y: 0, w: view.width, h: g.headH, fill: 'page' });
	list.push({ kind: 'line', role: 'heading', x1: 0, y1: g.headH - 0.5, x2: view.width, y2: g.headH - 0.5, ink: 'edge', width: 1 });
	const middle = (g.xc + g.xs) / 2;
	const cx = g.laneC + g.laneW / 2, sx = g.laneS + g.laneW / 2;
	const [own, other] = g.programs, shown = max(own.each, other.each) > CALL_FOLDED;
	const side = min(190, (middle - cx) * 0.9, max(g.laneW, (cx - g.left) * 2 - 8), own.w ? g.laneW + 24 : 190);
	const right = min(190, (sx - middle) * 0.9, max(g.laneW, (g.right - sx) * 2 - 4), other.w ? g.laneW + 24 : 190);
	const client = endText(conv.client), server = endText(conv.server);
	const fits = (/** @type {string} */ text, /** @type {number} */ room) => view.measure(text, 11.5, 400, false) <= room;
	// Long addresses (IPv6) stand over all columns of their side, from the edge to the middle.
	const wide = g.laneW > 60, long = !wide || !fits(client, min(side, (cx - g.timeX) * 2)) || !fits(server, right);
	headingPrograms(list, view, g);
	list.push(textPrim(view.measure, { role: 'heading', x: g.timeX - 6, y: long ? 22 : g.headH - 12,
		text: view.unit.name, size: 11, mono: true, ink: 'muted', align: 'end' }));
	if (conv.bare) return;
	if (!long) {
		headingPair(list, view, cx, 'client ' + proto, client, side);
		headingPair(list, view, sx, 'server ' + proto, server, right);
	} else {
		headingEdge(list, view, g.laneC, 'client ' + proto, client, 'start', shown && own.w ? g.laneC : g.left + 8, middle - 10);
		headingEdge(list, view, g.laneS + g.laneW, 'server ' + proto, server, 'end', shown && other.w ? g.laneS + g.laneW : g.right - 4, middle + 10);
	}
	for (const { x, w } of g.windows) if (w) headingText(list, view, x + w / 2, g.headH - 6, 'cwnd', 9.5, 400, 'muted', 'middle', 40);
	const room = g.xs - g.xc - 2 * max(0, (side - g.laneW) / 2 - 20);
	if (wide) headingPair(list, view, middle, 'the wire', long ? '' : tapWire(view.map.tap), max(120, room - 40));
}

/** Both in the same form. @param {import('./prims.js').Prim[]} list @param {View} view @param {Geometry} g */
function headingPrograms(list, view, g) {
	const long = g.programs.every(({ w, count }) => !count || view.measure('server program', 14, 700, false) <= w - 2);
	g.programs.forEach(({ x, w, each, count }, end) => {
		if (count && each > CALL_FOLDED) headingPair(list, view, x + w / 2 - 4, long ? (end ? 'server' : 'client') + ' program' : 'program', programText(view.tl, view.map, end, count), w - 2);
	});
}

/** @param {import('./prims.js').Prim[]} list @param {View} view @param {number} x @param {string} title
 * @param {string} sub @param {number} room */
function headingPair(list, view, x, title, sub, room) {
	headingText(list, view, x, 22, title, 14, 700, 'text', 'middle', room);
	headingText(list, view, x, 41, sub, 11.5, 400, 'muted', 'middle', room);
}

/** The title over its lane; the address from the lane on, or from the edge if it is longer.
 * @param {import('./prims.js').Prim[]} list @param {View} view @param {number} x @param {string} title
 * @param {string} sub @param {'start'|'end'} align @param {number} edge @param {number} end */
function headingEdge(list, view, x, title, sub, align, edge, end) {
	const from = view.measure(sub, 11, 400, false) <= abs(end - x) ? x : edge;
	headingText(list, view, x, 22, title, 13, 700, 'text', align, abs(end - x));
	headingText(list, view, from, 41, sub, 11, 400, 'muted', align, abs(end - from));
}

/**
 * @param {import('./prims.js').Prim[]} list @param {View} view @param {number} x @param {number} y
 * @param {string} text @param {number} size @param {number} weight @param {string} ink
 * @param {'start'|'middle'|'end'} align @param {number} room
 */
function headingText(list, view, x, y, text, size, weight, ink, align, room) {
	// What follows a dot says more than there is room for in a narrow column.
	const fit = [text, text.split(' · ')[0]].find((words) => view.measure(words, size, weight, false) <= room) ?? textFit(text, room, view.measure, size, weight);
	if (fit !== '') list.push(textPrim(view.measure, { role: 'heading', x, y, text: fit, size, weight, ink, align, title: fit === text ? undefined : text }));
}
