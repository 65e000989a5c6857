// The help sheet: every key, each with its button.

import { domButton, domList, domSet, h } from './dom.js';
import { KEYS_TABLE } from './keytable.js';

/** @typedef {import('./app.js').App} App */

/** @param {App} app */
export function helpMake(app) {
	const box = h('dialog.help', { id: 'help', 'aria-label': 'Help and keys', onclick: (event) => { if (event.target === box) close(); } });
	const close = () => box.close();
	domSet(box,
		h('div.drawer-head', h('h2', 'Keys'), domButton('✕', 'Close (Esc)', close, { class: 'plain' })),
		h('div.help-keys', KEYS_TABLE.filter(([, , words]) => words !== '').map(([, shown, words, run]) =>
			h('div.help-key', h('span', shown.split(' ').map((key) => h('kbd', key))),
				domButton(words, words, () => {
					close();
					run(app);
				}, { class: 'link' })))),
		h('h2', 'The picture'),
		domList('ul', [
			'Height is time, the same for every column. A grey band folds a long wait and names its length.',
			'data: solid line · ACK: thin line · resent: double line and ⟳ · lost: dashed, ends in a cross · SYN, FIN, RST: in words.',
			'The dotted half of an arrow was not captured: it is estimated, or not known; the legend says which.',
			'A bar is a socket call, from entry to return, hatched while it blocks; grey: on a listening socket, or on one without packets.',
			'A dashed state was inferred: no packet can show it.',
			'Wheel or drag moves, Ctrl and wheel zooms; the strip at the left is all of it.',
		]),
		h('h2', 'Find'),
		h('p', 'syn · rst · len>0 · seq 1 · ack>100 · win<500 · #12 · send() · client · resent · verdict:ID · any word of a verdict or of the data. All must hold. Enter: next.'));
	return box;
}

/** @param {App} _app */
export function helpToggle(_app) {
	const box = /** @type {HTMLDialogElement} */ (document.getElementById('help'));
	if (box.open) box.close();
	else box.showModal();
}
