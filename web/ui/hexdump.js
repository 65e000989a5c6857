// Bytes as hex and text, side by side. Each byte can be pointed at.

import { hex } from '../core/bytes.js';
import { ceil, max, min } from '../core/math.js';
import { domButton, domOn, h } from './dom.js';

const HEXDUMP_FIRST = 256;
const HEXDUMP_MORE = 1024;

/** @typedef {{ element: HTMLElement, mark: (from: number, to: number) => void }} Hexdump */

/**
 * @param {Uint8Array} bytes @param {number} perLine
 * @param {(from: number, to: number) => void} hover @returns {Hexdump}
 */
export function hexdumpMake(bytes, perLine, hover) {
	/** @type {HTMLElement[][]} */
	const cells = [];
	const lines = h('div.hexdump');
	const root = h('div', lines);
	hexdumpLines(lines, bytes, cells, 0, HEXDUMP_FIRST, perLine);
	if (bytes.length > HEXDUMP_FIRST) root.append(hexdumpMore(lines, bytes, cells, perLine));
	const at = (/** @type {Event} */ event) => {
		const index = event.target instanceof HTMLElement ? event.target.dataset.at : undefined;
		if (index === undefined) hover(-1, -1);
		else hover(Number(index), Number(index) + 1);
	};
	domOn(lines, { pointerover: at, pointerleave: () => hover(-1, -1) });
	/** @type {HTMLElement[]} */
	let lit = [];
	return {
		element: root,
		mark: (from, to) => {
			for (const cell of lit) cell.classList.remove('lit');
			lit = cells.slice(max(0, from), max(0, to)).flat();
			for (const cell of lit) cell.classList.add('lit');
		},
	};
}

/** @param {HTMLElement} lines @param {Uint8Array} bytes @param {HTMLElement[][]} cells @param {number} perLine */
function hexdumpMore(lines, bytes, cells, perLine) {
	const button = domButton('', 'Show more of the bytes', () => {
		const from = ceil(cells.length / perLine) * perLine;
		hexdumpLines(lines, bytes, cells, from, from + HEXDUMP_MORE, perLine);
		name();
	}, { class: 'more' });
	const name = () => {
		button.textContent = 'more · ' + cells.length + ' of ' + bytes.length + ' bytes shown';
		button.hidden = cells.length >= bytes.length;
	};
	name();
	return button;
}

/**
 * @param {HTMLElement} into @param {Uint8Array} bytes @param {HTMLElement[][]} cells
 * @param {number} from @param {number} to @param {number} perLine
 */
function hexdumpLines(into, bytes, cells, from, to, perLine) {
	for (let at = from - (from % perLine); at < min(to, bytes.length); at += perLine) {
		const digits = h('span.hex'), text = h('span.asc');
		for (let i = at; i < at + perLine; i++) {
			if (i >= bytes.length) {
				digits.append(h('span.byte', '  '));
				continue;
			}
			const a = h('span.byte', { 'data-at': i }, hex(bytes[i], 2));
			const shown = bytes[i] >= 32 && bytes[i] < 127 ? String.fromCharCode(bytes[i]) : '·';
			const b = h('span', { 'data-at': i, class: shown === '·' && 'dim' }, shown);
			digits.append(a);
			text.append(b);
			cells[i] = [a, b];
		}
		into.append(h('div.hexline', h('span.off', hex(at, 4)), digits, text));
	}
}
