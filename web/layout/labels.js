// Labels along the arrows: near the tail, on the slope, never touching one another. Placed
// greedily by how much they matter; one that finds no room is left out (the table, the panel and
// the tooltip still have it).

import { KIND_DUP, KIND_LOST, KIND_RESENT } from '../core/kinds.js';
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

/**
 * @param {import('./prims.js').Prim[]} list @param {Arrow[]} arrows
 * @param {import('./geometry.js').View} view @param {Box[]} taken boxes no label may touch
 */
export function labelsPlace(list, arrows, view, taken) {
	const placed = boxBins(), lines = lineBins(arrows, view.height);
	for (const box of taken) placed.add(box);
	for (const a of arrows) if (a.lost) labelLost(list, a, view, placed);
	const order = arrows.map((a) => ({ a, weight: arrowWeight(view, a) + (a.seen ? 0 : 10) }))
		.sort((p, q) => p.weight - q.weight || p.a.i - q.a.i).slice(0, LABEL_MOST);
	for (const { a, weight } of order) {
		const spot = labelSpot(a, view, placed, lines, weight);
		if (!spot) continue;
		placed.add(spot.box);
		list.push(labelPrim(a, spot, view));
	}
}

/** @typedef {{ text: string, x: number, y: number, box: Box, w: number }} Spot */

/**
 * The best free place: the longest text first; places that no line crosses before the others.
 * @param {Arrow} a @param {import('./geometry.js').View} view @param {ReturnType<typeof boxBins>} placed
 * @param {ReturnType<typeof lineBins>} lines @param {number} weight @returns {Spot|null}
 */
function labelSpot(a, view, placed, lines, weight) {
	const length = Math.hypot(a.x2 - a.x1, a.y2 - a.y1), bold = labelIsBold(a, view);
	const texts = arrowLabels(view.tl, a.row);
	const spare = a.lost ? LABEL_TAIL - 10 : LABEL_TAIL + 14;
	/** @type {Spot|null} */
	let crossed = null;
	for (const text of texts) {
		const w = view.measure(text, LABEL_SIZE, bold ? 700 : 400, false);
		if (w > length - spare) continue;
		for (const [part, side] of [[0, -1], [0, 1], [0.35, -1], [0.35, 1]]) {
			const spot = labelAt(a, text, w, length, part, side);
			if (!spot || placed.hits(spot.box)) continue;
			if (!lines.crosses(spot.box, a)) return spot;
			crossed = crossed ?? spot;
		}
	}
	// The halo keeps a crossed label readable; a plain ACK's is not worth the tangle.
	return weight < 4 || lines.few ? crossed : null;
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
 * @param {ReturnType<typeof boxBins>} placed */
function labelLost(list, a, view, placed) {
	const side = a.server ? -1 : 1, most = (abs(a.x2 - a.x1) * 0.45) / 0.55 - 38;
	const text = textFit(lostLabel(view.tl, a.row), most, view.measure, 11, 600);
	const w = view.measure(text, 11, 600, false), x = a.x2 + side * (w / 2 + 20);
	const box = { x, y: a.y2, w: w / 2 + 9, h: 9, c: 1, s: 0 };
	if (text === '' || placed.hits(box)) return;
	placed.add(box);
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
		ink: loud && a.row !== view.chosen ? (a.kind === KIND_DUP ? 'dup' : 'lost') : 'text',
		weight: labelIsBold(a, view) ? 700 : 400, align: 'middle', halo: true, w: spot.w,
		angle: Math.atan2(spot.box.s, spot.box.c), alpha: a.seen ? 1 : 0.3,
	};
}

/** Placed boxes, found again by height. */
function boxBins() {
	/** @type {Map<number, Box[]>} */
	const bins = new Map();
	/** @param {Box} box @param {(bin: Box[]) => boolean} visit */
	const each = (box, visit) => {
		const reach = abs(box.s) * box.w + abs(box.c) * box.h;
		for (let b = floor((box.y - reach) / LABEL_BIN); b <= (box.y + reach) / LABEL_BIN; b++) {
			if (!bins.has(b)) bins.set(b, []);
			if (visit(/** @type {Box[]} */ (bins.get(b)))) return true;
		}
		return false;
	};
	return {
		/** @param {Box} box */
		add(box) { each(box, (bin) => { bin.push(box); return false; }); },
		/** @param {Box} box */
		hits(box) { return each(box, (bin) => bin.some((other) => boxesTouch(box, other))); },
	};
}

/** @param {Box} a @param {Box} b separating axes of two turned rectangles */
export function boxesTouch(a, b) {
	const dx = b.x - a.x, dy = b.y - a.y;
	const dot = abs(a.c * b.c + a.s * b.s), cross = abs(a.c * b.s - a.s * b.c);
	return abs(dx * a.c + dy * a.s) < a.w + b.w * dot + b.h * cross
		&& abs(dy * a.c - dx * a.s) < a.h + b.w * cross + b.h * dot
		&& abs(dx * b.c + dy * b.s) < b.w + a.w * dot + a.h * cross
		&& abs(dy * b.c - dx * b.s) < b.h + a.w * cross + a.h * dot;
}

/** The arrows' lines, found again by height; far in, one line may be a million pixels long.
 * @param {Arrow[]} arrows @param {number} height */
function lineBins(arrows, height) {
	/** @type {Map<number, Arrow[]>} */
	const bins = new Map();
	for (const a of arrows) {
		const from = max(min(a.y1, a.y2), 0), to = min(max(a.y1, a.y2), height);
		for (let b = floor(from / LABEL_BIN); b <= to / LABEL_BIN; b++) {
			const bin = bins.get(b);
			if (bin) bin.push(a);
			else bins.set(b, [a]);
		}
	}
	return {
		few: arrows.length < 80,
		/** @param {Box} box @param {Arrow} own */
		crosses(box, own) {
			const reach = abs(box.s) * box.w + abs(box.c) * box.h;
			for (let b = floor((box.y - reach) / LABEL_BIN); b <= (box.y + reach) / LABEL_BIN; b++)
				for (const a of bins.get(b) ?? [])
					if (a !== own && lineTouches(a, box)) return true;
			return false;
		},
	};
}

/** @param {Arrow} a @param {Box} box clips the line, in the box's own directions */
function lineTouches(a, box) {
	const u1 = (a.x1 - box.x) * box.c + (a.y1 - box.y) * box.s;
	const v1 = (a.y1 - box.y) * box.c - (a.x1 - box.x) * box.s;
	const u2 = (a.x2 - box.x) * box.c + (a.y2 - box.y) * box.s;
	const v2 = (a.y2 - box.y) * box.c - (a.x2 - box.x) * box.s;
	let low = 0, high = 1;
	for (const [from, to, half] of [[u1, u2, box.w], [v1, v2, box.h]]) {
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
