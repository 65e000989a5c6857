// Elements made by hand. Text only ever goes in as text nodes: nothing from a packet can become
// markup.

import { max, min, round } from '../core/math.js';

/** @typedef {Record<string, string|number|boolean|((event: any) => void)|null|undefined>} Attributes */
/** @typedef {Node|string|number|null|undefined|false} Kid */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Attributes|null} [attributes] `onclick` and so on are listeners
 * @param {...(Kid|Kid[])} kids
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes, ...kids) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes ?? {})) {
		if (value === null || value === undefined || value === false) continue;
		if (typeof value === 'function') element.addEventListener(name.slice(2), value);
		else element.setAttribute(name, value === true ? '' : String(value));
	}
	domFill(element, kids.flat());
	return element;
}

/** @param {Element} element @param {Kid[]} kids */
function domFill(element, kids) {
	for (const kid of kids) {
		if (kid === null || kid === undefined || kid === false) continue;
		element.append(kid instanceof Node ? kid : String(kid));
	}
}

/** Replaces what an element holds. @param {Element} element @param {...(Kid|Kid[])} kids */
export function domSet(element, ...kids) {
	element.replaceChildren();
	domFill(element, kids.flat());
}

/** A button that says what its key is; one without a word on it is named by that. @param {string} text @param {string} title
 * @param {() => void} run @param {Attributes} [more] */
export function domButton(text, title, run, more) {
	const name = /^$|[a-z]/i.test(text) ? null : title.replace(/ \(.*/, '');
	return h('button', { type: 'button', title, 'aria-label': name, onclick: run, ...more }, text);
}

/** Buttons of which one is pressed. @param {string} name @param {[string, string][]} choices @param {(value: string) => void} run */
export function domSwitch(name, choices, run) {
	const buttons = choices.map(([value, text]) => h('button', { type: 'button', 'aria-pressed': 'false', 'data-value': value,
		onclick: () => run(value) }, text));
	return {
		box: h('span', { class: 'switch', role: 'group', 'aria-label': name }, buttons),
		show: (/** @type {string} */ value) => {
			for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.value === value));
		},
	};
}

/** A canvas as large as its box, in device pixels; true when that changed.
 * @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
export function domCanvasSize(canvas, width, height) {
	const ratio = domRatio(), w = round(width * ratio), hh = round(height * ratio);
	if (canvas.width === w && canvas.height === hh) return false;
	canvas.width = w;
	canvas.height = hh;
	return true;
}

export function domRatio() {
	return min(max(window.devicePixelRatio || 1, 1), 3);
}
