// The moment at which a reader who steps through has arrived: a line across all columns. What is
// below it has not happened yet and is dimmed; packets on their way are dots on the line.

import { KINDS } from '../core/kinds.js';
import { max, min } from '../core/math.js';
import { arrowGlow } from './arrows.js';
import { bodyClip } from './geometry.js';

/** @typedef {import('./prims.js').Prim} Prim */

/**
 * @param {import('./ladder.js').Ladder} ladder @param {import('../core/steps.js').Step} step
 * @param {import('./geometry.js').View} view @returns {Prim[]} to be painted over the ladder
 */
export function playheadDraw(ladder, step, view) {
	const g = ladder.geometry, y = g.y(step.y) + (step.kind === 'arrived' || step.mark?.end === 1 ? g.slant : 0);
	const own = step.kind === 'state' ? undefined : ladder.list.find((a) => a.i === step.i);
	const flying = ladder.list.filter((a) => a === own || (a.y1 <= y && a.y2 > y));
	const numbers = new Set(flying.map((a) => a.n)), top = max(y + 1, g.headH);
	/** @type {Prim[]} */
	const list = [
		bodyClip(view),
		{ kind: 'bar', role: 'future', x: g.left, y: top, w: g.right - g.left, h: max(0, view.height - top), fill: 'page', alpha: 0.78 },
	];
	if (own) list.push(arrowGlow(own, 'chosen'));
	list.push({ kind: 'line', role: 'playhead', x1: g.left, y1: y, x2: g.right, y2: y, ink: 'accent', width: 1.5 });
	for (const a of flying) {
		const part = a.y2 > a.y1 ? min(1, max(0, (y - a.y1) / (a.y2 - a.y1))) : 0;
		list.push({ kind: 'dot', role: 'flying', n: a.n, x: a.x1 + (a.x2 - a.x1) * part, y: a.y1 + (a.y2 - a.y1) * part, r: 5, ink: KINDS[a.kind], hollow: false });
	}
	// The label of what is on its way is no longer future, wherever it stands.
	list.push(...ladder.arrows.filter((p) => p.kind === 'text' && p.role === 'label' && numbers.has(p.n ?? -1)));
	list.push({ kind: 'unclip', role: 'body' });
	return list;
}
