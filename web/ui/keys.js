// The keyboard. Keys typed into a field stay there, but for Escape.

import { helpToggle } from './help.js';
import { KEYS_TABLE } from './keytable.js';

/** @typedef {import('./app.js').App} App */

/** @param {App} app */
export function keysListen(app) {
	const byKey = new Map(KEYS_TABLE.flatMap(([keys, , , run]) => keys.split(' ').map((key) => [key, run])));
	byKey.set('?', helpToggle);
	document.addEventListener('keydown', (event) => {
		// On many keyboards [ and ] need AltGr, which some systems tell as Ctrl with Alt.
		const composed = event.getModifierState('AltGraph');
		if ((event.ctrlKey || event.metaKey || event.altKey) && !composed || !app.loaded) return;
		if (document.querySelector('dialog[open]')) return;
		const field = event.target instanceof HTMLElement && event.target.closest('input, select, textarea');
		if (field && event.key !== 'Escape') return;
		if (field instanceof HTMLElement) field.blur();
		const run = byKey.get(event.key.toLowerCase());
		if (!run || keyBelongsTo(event)) return;
		event.preventDefault();
		run(app);
	});
}

/** Keys that a focused control needs for itself. @param {KeyboardEvent} event */
function keyBelongsTo(event) {
	const panel = event.target instanceof Element && event.target.closest('.panel, .help, .menu');
	return Boolean(panel) && /^(Arrow|Page|Home|End)/.test(event.key);
}
