// The small menu: open a file, copy the link, export the picture.

import { appView } from './app.js';
import { domButton, h } from './dom.js';
import { dropPick } from './drop.js';
import { exportCopyLink, exportPicture } from './exporter.js';

/** @typedef {import('./app.js').App} App */

/** @param {App} app */
export function menuMake(app) {
	/** @type {[string, string, () => void, boolean][]} */
	const entries = [
		['Open a timeline…', 'A .json, .jsonl or .html file', () => dropPick(), false],
		['Copy link to this view', 'L', () => exportCopyLink(app), true],
		['SVG, what is in view', 'E', () => exportPicture(app, 'svg', false), true],
		['SVG, whole conversation', '', () => exportPicture(app, 'svg', true), true],
		['PNG, what is in view', '', () => exportPicture(app, 'png', false), true],
		['PNG, whole conversation', '', () => exportPicture(app, 'png', true), true],
		['Print', '', () => { appView(app, 'ladder'); window.print(); }, true],
	];
	const box = h('div.menu', { id: 'menu', role: 'menu', hidden: true, onkeydown: (event) => {
		if (event.key !== 'Escape') return;
		box.hidden = true;
		document.getElementById('menu-button')?.focus();
		event.stopPropagation();
	} });
	for (const [text, side, run, needs] of entries) {
		const button = domButton(text, text, () => { box.hidden = true; run(); }, { role: 'menuitem' });
		if (side) button.append(h('span.side', side));
		if (needs) app.listeners.push(() => { button.disabled = !app.loaded; });
		box.append(button);
	}
	document.addEventListener('pointerdown', (event) => {
		if (event.target instanceof Element && !event.target.closest('#menu, #menu-button')) box.hidden = true;
	});
	return box;
}

/** @param {App} _app */
export function menuToggle(_app) {
	const box = /** @type {HTMLElement} */ (document.getElementById('menu'));
	box.hidden = !box.hidden;
	if (!box.hidden) box.querySelector('button')?.focus();
}
