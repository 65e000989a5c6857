// Labels along the arrows: near the tail, on the slope, never touching one another. Placed
// greedily by how much they matter; one that finds no room is left out (the table, the panel and
// the tooltip still have it).

import { KINDS, KIND_DUP, KIND_LOST, KIND_RESENT } from '../core/kinds.js';
import { abs, floor, max, min } from '../core/math.js';
import { arrowLabels, lostLabel } from '../text/packet.js';
import { arrowWeight } from './arrows.js';
import { textFit } from './prims.js';

/** A turned rectangle: middle, half sizes, direction. */
/** @typedef {{ x: number, y: number, w: number, h: number, c: number, s: number }} Box */

const LABEL_SIZE = 12;
const LABEL_HALF = 7;
const LABEL_TAIL = 22;
/** More labels than this cannot be read on one screen; the rest is not even tried. */
const LABEL_MOST = 400;
const LABEL_BIN = 40;

/** @typedef {import('./arrows.js').Arrow} Arrow */

/** What is in the way: placed boxes and the arrows' lines, found again by height.
 * @typedef {{ boxes: Map<number, Box[]>, lines: Map<number, Arrow[]>, few: boolean }} Room */

/** @param {import('./prims.js').Prim[]} list @param {Arrow[]} arrows @param {import('./geometry.js').View} view
 * @param {import('./geometry.js').Geometry} g @param {import('./stalls.js').Stall[]} stalls */
export function labelsPlace(list, arrows, view, g, stalls) {
	/** @type {Room} */
	const room = { boxes: new Map(), lines: new Map(), few: arrows.length < 80 };
	for (const a of arrows) {
		// Far in, one line may be a million pixels long.
		const from = max(min(a.y1, a.y2), 0), to = min(max(a.y1, a.y2), view.height);
		for (const bin of binsAt(room.lines, from, to)) bin.push(a);
	}
	for (const a of arrows) if (a.lost) labelLost(list, a, view, room);
	const order = arrows.map((a) => ({ a, weight: arrowWeight(view, a) + (a.seen ? 0 : 10) }))
		.sort((p, q) => p.weight - q.weight || p.a.i - q.a.i).slice(0, LABEL_MOST);
	for (const { a, weight } of order) {
		const spot = labelSpot(a, view, room, weight);
		if (spot && boxPlace(room, spot.box)) list.push(labelPrim(a, spot, view));
	}
	for (const stall of stalls) labelStall(list, stall, view, g, room);
}

/** In the middle of its band, where no label of an arrow is in the way.
 * @param {import('./prims.js').Prim[]} list @param {import('./stalls.js').Stall} stall
 * @param {import('./geometry.js').View} view @param {import('./geometry.js').Geometry} g @param {Room} room */
function labelStall(list, { text: words, y0, y1 }, view, g, room) {
	const x = (g.xc + g.xs) / 2, size = 11;
	const text = textFit(words, g.xs - g.xc - 24, view.measure, size, 600), w = view.measure(text, size, 600, false);
	const y = [0.5, 0.7, 0.3].map((part) => y0 + (y1 - y0) * part)
		.find((at) => boxPlace(room, { x, y: at, w: w / 2 + 3, h: 5, c: 1, s: 0 }));
	if (y1 - y0 >= 14 && text && y) list.push({ kind: 'text', role: 'stall', x, y, text, size, weight: 600, ink: 'warn', align: 'middle', halo: true, w });
}

/** @typedef {{ text: string, x: number, y: number, box: Box, w: number }} Spot */

/**
 * The best free place: the longest text first; places that no line crosses before the others.
 * @param {Arrow} a @param {import('./geometry.js').View} view @param {Room} room
 * @param {number} weight @returns {Spot|null}
 */
function labelSpot(a, view, room, weight) {
	const length = Math.hypot(a.x2 - a.x1, a.y2 - a.y1), bold = labelIsBold(a, view);
	const spare = a.lost ? LABEL_TAIL - 10 : LABEL_TAIL + 14;
	/** @type {Spot|null} */
	let crossed = null;
	for (const text of arrowLabels(view.tl, a.row)) {
		const w = view.measure(text, LABEL_SIZE, bold ? 700 : 400, false);
		if (w > length - spare) continue;
		for (const [part, side] of [[0, -1], [0, 1], [0.35, -1], [0.35, 1]]) {
			const spot = labelAt(a, text, w, length, part, side);
			if (!spot || boxHits(room, spot.box)) continue;
			if (!binsOf(room.lines, spot.box).some((bin) => bin.some((other) => other !== a && lineTouches(other, spot.box)))) return spot;
			crossed = crossed ?? spot;
		}
	}
	// The halo keeps a crossed label readable; a plain ACK's is not worth the tangle.
	return weight < 4 || room.few ? crossed : null;
}

/**
 * @param {Arrow} a @param {string} text @param {number} w @param {number} length
 * @param {number} part how far along the arrow @param {number} side -1 above, 1 below
 * @returns {Spot|null}
 */
function labelAt(a, text, w, length, part, side) {
	const start = max(LABEL_TAIL, part * length);
	if (start + w > length - 10) return null;
	// Direction that reads left to right, whichever way the arrow goes.
	const flip = a.x2 < a.x1 ? -1 : 1, dx = (a.x2 - a.x1) / length, dy = (a.y2 - a.y1) / length;
	const c = dx * flip, s = dy * flip, away = side < 0 ? -(LABEL_HALF + 2) : LABEL_HALF + 3;
	const middle = start + w / 2;
	const x = a.x1 + dx * middle - s * away, y = a.y1 + dy * middle + c * away;
	return { text, x, y, w, box: { x, y, w: w / 2 + 3, h: LABEL_HALF - 0.5, c, s } };
}

/** The chip beside a cross; left out where another one stands.
 * @param {import('./prims.js').Prim[]} list @param {Arrow} a @param {import('./geometry.js').View} view
 * @param {Room} room */
function labelLost(list, a, view, room) {
	const side = a.server ? -1 : 1, most = (abs(a.x2 - a.x1) * 0.45) / 0.55 - 38;
	const text = textFit(lostLabel(view.tl, a.row), most, view.measure, 11, 600);
	const w = view.measure(text, 11, 600, false), x = a.x2 + side * (w / 2 + 20);
	const box = { x, y: a.y2, w: w / 2 + 9, h: 9, c: 1, s: 0 };
	if (text === '' || !boxPlace(room, box)) return;
	list.push({ kind: 'bar', role: 'lost-label', n: a.n, x: x - w / 2 - 8, y: a.y2 - 9, w: w + 16, h: 18, r: 6, fill: 'page', ink: 'lost' });
	list.push({ kind: 'text', role: 'lost-label', n: a.n, x, y: a.y2, text, size: 11, weight: 600, ink: 'lost', align: 'middle', w });
}

/** @param {Arrow} a @param {import('./geometry.js').View} view */
function labelIsBold(a, view) {
	return a.row === view.chosen || a.kind === KIND_RESENT || Boolean(view.tl.extras.get(a.row)?.fate);
}

/** @param {Arrow} a @param {Spot} spot @param {import('./geometry.js').View} view
 * @returns {import('./prims.js').TextPrim} */
function labelPrim(a, spot, view) {
	const loud = a.kind === KIND_LOST || a.kind === KIND_DUP;
	return {
		kind: 'text', role: 'label', n: a.n, x: spot.x, y: spot.y, text: spot.text, size: LABEL_SIZE,
		ink: loud && a.row !== view.chosen ? KINDS[a.kind] : 'text',
		weight: labelIsBold(a, view) ? 700 : 400, align: 'middle', halo: true, w: spot.w,
		angle: Math.atan2(spot.box.s, spot.box.c), alpha: a.seen ? 1 : 0.3,
	};
}

/** The bins between two heights. @template T @param {Map<number, T[]>} bins @param {number} from @param {number} to */
function binsAt(bins, from, to) {
	const found = [];
	for (let b = floor(from / LABEL_BIN); b <= to / LABEL_BIN; b++) {
		const bin = bins.get(b) ?? [];
		bins.set(b, bin);
		found.push(bin);
	}
	return found;
}

/** The bins that a box lies in. @template T @param {Map<number, T[]>} bins @param {Box} box */
function binsOf(bins, box) {
	const reach = abs(box.s) * box.w + abs(box.c) * box.h;
	return binsAt(bins, box.y - reach, box.y + reach);
}

/** @param {Room} room @param {Box} box */
function boxHits(room, box) {
	return binsOf(room.boxes, box).some((bin) => bin.some((other) => boxesTouch(box, other)));
}

/** Takes a place; false when it is taken. @param {Room} room @param {Box} box */
function boxPlace(room, box) {
	if (boxHits(room, box)) return false;
	for (const bin of binsOf(room.boxes, box)) bin.push(box);
	return true;
}

/** @param {Box} a @param {Box} b separating axes of two turned rectangles */
export function boxesTouch(a, b) {
	return boxesMeet(a, b) && boxesMeet(b, a);
}

/** Whether the shadows of both on the axes of the first one meet. @param {Box} a @param {Box} b */
function boxesMeet(a, b) {
	const dot = abs(a.c * b.c + a.s * b.s), cross = abs(a.c * b.s - a.s * b.c);
	const along = boxTurned(a, b.x, b.y);
	return abs(along.x) < a.w + b.w * dot + b.h * cross && abs(along.y) < a.h + b.w * cross + b.h * dot;
}

/** A point as a box sees it. @param {Box} box @param {number} x @param {number} y */
function boxTurned(box, x, y) {
	const dx = x - box.x, dy = y - box.y;
	return { x: dx * box.c + dy * box.s, y: dy * box.c - dx * box.s };
}

/** @param {Arrow} a @param {Box} box clips the line, in the box's own directions */
function lineTouches(a, box) {
	const p1 = boxTurned(box, a.x1, a.y1), p2 = boxTurned(box, a.x2, a.y2);
	let low = 0, high = 1;
	for (const [from, to, half] of [[p1.x, p2.x, box.w], [p1.y, p2.y, box.h]]) {
		const step = to - from;
		if (abs(step) < 1e-9) {
			if (abs(from) > half) return false;
			continue;
		}
		const p = (-half - from) / step, q = (half - from) / step;
		low = max(low, min(p, q));
		high = min(high, max(p, q));
	}
	return low < high;
}
