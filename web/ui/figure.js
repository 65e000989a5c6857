// The header figure: layers within layers, 32 bits to a line, every field with its value; fields
// that changed since the sender's previous packet are marked. Fields and bytes point at each
// other.

import { visibleText } from '../core/bytes.js';
import { min, nearest } from '../core/math.js';
import { bytesText } from '../text/format.js';
import { domOn, domStep, h } from './dom.js';

/** @typedef {import('../core/field.js').Layer} Layer */
/** @typedef {import('../core/field.js').Field} Field */
/** The fields' boxes and the bytes they stand for. @typedef {Map<HTMLElement, { from: number, to: number }>} Cells */
/** @typedef {{ element: HTMLElement, mark: (from: number, to: number) => void }} Figure */

/**
 * @param {Layer[]} layers @param {string} link the link layer's name, '' for none
 * @param {(from: number, to: number) => void} hover told which bytes are pointed at; (-1, -1) for none
 * @returns {Figure}
 */
export function figureMake(layers, link, hover) {
	/** @type {Cells} */
	const cells = new Map();
	const root = h('div.figure');
	/** @type {HTMLElement} */
	let into = root;
	if (link) into = figureFrame(into, 'linklayer', 'link · ' + visibleText(link), 'header not kept');
	for (const layer of layers) {
		const side = layer.name === 'data' ? figureDataText(layer) : layer.cite;
		const frame = figureFrame(into, figureClass(layer.name), layer.name, side);
		if (layer.fields.length > 0) frame.append(figureGrid(layer, cells));
		else if (layer.name === 'data') figureData(frame, layer, cells);
		if (layer.cut && layer.name !== 'data') frame.append(h('p.cut', 'The kept bytes end here.'));
		into = frame;
	}
	figureHover(root, cells, hover);
	return {
		element: root,
		mark: (from, to) => {
			for (const [cell, part] of cells) cell.classList.toggle('lit', from < part.to && to > part.from);
		},
	};
}

/** @param {string} name */
function figureClass(name) {
	return name.startsWith('IP') ? 'ip' : name === 'data' ? 'data' : 'transport';
}

/** @param {Layer} layer */
function figureDataText(layer) {
	const kept = layer.to - layer.from;
	return bytesText(layer.length) + (layer.cut ? ', ' + kept + ' kept' : '');
}

/** @param {HTMLElement} into @param {string} kind @param {string} name @param {string} side */
function figureFrame(into, kind, name, side) {
	const frame = h('div.frame.' + kind, h('div.frame-name', h('b', name), h('span', side)));
	into.append(frame);
	return frame;
}

/** @param {Layer} layer @param {Cells} cells */
function figureGrid(layer, cells) {
	const grid = h('div.grid32', { role: 'group', 'aria-label': layer.name + ' header' });
	for (const bit of [0, 4, 8, 12, 16, 20, 24, 28]) grid.append(h('span.bit', { 'aria-hidden': 'true' }, bit));
	let column = 0;
	for (const field of layer.fields) {
		const bits = min(field.bits, 32);
		// Fields that would run over the line's end begin a new one; whole-byte ones fill the rest.
		if (column + bits > 32) column = 0;
		column = (column + bits) % 32;
		const cell = figureCell(field, bits);
		cells.set(cell, field);
		grid.append(cell);
	}
	return grid;
}

/** @param {Field} field @param {number} bits */
function figureCell(field, bits) {
	const wide = field.wide && field.value.length > bits ? 32 : bits;
	const value = field.name === 'flags' && field.bits === 9 ? figureFlags(field)
		: h('span.value', visibleText(field.value));
	const cell = h('div.cell.w' + wide + (field.changed ? '.changed' : ''), {
		tabindex: -1,
		title: field.name + ': ' + visibleText(field.value || '–') + (field.changed ? ' (changed)' : '')
			+ ' · ' + (field.to - field.from === 1 ? 'byte ' + field.from : 'bytes ' + field.from + '–' + (field.to - 1)),
	}, h('span.name', figureShort(field.name, wide)), value);
	cell.style.gridColumn = 'span ' + wide;
	return cell;
}

/** @param {string} name @param {number} bits names for narrow cells */
function figureShort(name, bits) {
	if (bits <= 4) return name === 'version' ? 'ver' : name === 'offset' ? 'off' : name;
	if (bits < 16 && name === 'no-operation') return 'nop';
	if (bits < 16 && name === 'end of options') return 'end';
	return name;
}

/** Nine letters over nine dots. @param {Field} field */
function figureFlags(field) {
	const letters = 'ACEUAPRSF';
	return h('span.value.flags', Array.from(field.value, (char, at) =>
		h('span', { class: char === '·' ? 'off' : 'on' }, char === '·' ? letters[at].toLowerCase() : letters[at])));
}

/** @param {HTMLElement} frame @param {Layer} layer @param {Cells} cells */
function figureData(frame, layer, cells) {
	const none = layer.to <= layer.from;
	const cell = h('div.cell.payload', { tabindex: -1 }, h('span.value',
		none ? 'bytes not kept' : 'bytes ' + layer.from + '–' + (layer.to - 1)));
	if (!none) cells.set(cell, layer);
	frame.append(cell);
}

/** @param {HTMLElement} root @param {Cells} cells
 * @param {(from: number, to: number) => void} hover */
function figureHover(root, cells, hover) {
	const at = (/** @type {any} */ event) => {
		const part = cells.get(event.target.closest('.cell'));
		hover(part ? part.from : -1, part ? part.to : -1);
	};
	const away = () => hover(-1, -1);
	domOn(root, { pointerover: at, focusin: at, pointerleave: away, focusout: away });
	figureKeys(root, cells);
}

/** One stop for the Tab key; arrows go from field to field. @param {HTMLElement} root
 * @param {Cells} cells */
function figureKeys(root, cells) {
	const list = [...cells.keys()];
	if (list.length > 0) list[0].tabIndex = 0;
	root.addEventListener('keydown', (event) => {
		const at = list.findIndex((cell) => cell === document.activeElement);
		const by = at < 0 ? 0 : domStep(event, { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 });
		if (by === 0) return;
		// A click may have left the focus on another field than the one that Tab stops at.
		for (const cell of list) cell.tabIndex = -1;
		const next = nearest(list, at + by);
		next.tabIndex = 0;
		next.focus();
	});
}
