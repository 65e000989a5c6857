// A list of any length of which only the rows in view are elements. Native scrolling up to the
// height that browsers honour; beyond, the scroll bar is a scale.

import { ceil, floor, max, min } from '../core/math.js';
import { h } from './dom.js';

const VIRTUAL_TALLEST = 15_000_000;
const VIRTUAL_SPARE = 6;

/**
 * @typedef {{ box: HTMLElement, reveal: (index: number) => void,
 *   setCount: (count: number) => void }} Virtual
 */

/**
 * @param {HTMLElement} box the scrolling element @param {number} rowHeight
 * @param {(index: number) => HTMLElement} make one row
 * @param {{ headHeight?: number }} [how]
 * @returns {Virtual}
 */
export function virtualMake(box, rowHeight, make, how = {}) {
	const head = how.headHeight ?? 0;
	const inner = h('div.virtual', { role: 'presentation' });
	box.append(inner);
	let count = 0, from = -1, to = -1;
	const scale = () => max(1, (count * rowHeight) / VIRTUAL_TALLEST);
	const draw = (/** @type {boolean} */ force) => {
		const room = box.clientHeight, top = box.scrollTop * scale();
		const a = max(0, floor(top / rowHeight) - VIRTUAL_SPARE);
		const b = min(count, ceil((top + room) / rowHeight) + VIRTUAL_SPARE);
		if (!force && a === from && b === to && scale() === 1) return;
		from = a;
		to = b;
		const rows = [];
		for (let i = a; i < b; i++) {
			const row = make(i);
			row.style.top = i * rowHeight - top + box.scrollTop + 'px';
			rows.push(row);
		}
		inner.replaceChildren(...rows);
	};
	box.addEventListener('scroll', () => draw(false));
	new ResizeObserver(() => draw(true)).observe(box);
	return {
		box,
		setCount: (size) => {
			count = size;
			inner.style.height = min(count * rowHeight, VIRTUAL_TALLEST) + 'px';
			draw(true);
		},
		reveal: (index) => {
			const top = box.scrollTop * scale(), room = box.clientHeight - head;
			if (index * rowHeight < top) box.scrollTop = (index * rowHeight) / scale();
			else if ((index + 1) * rowHeight > top + room) box.scrollTop = ((index + 1) * rowHeight - room) / scale();
			draw(true);
		},
	};
}
