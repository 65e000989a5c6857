// A titled part of the panel.

import { h } from './dom.js';

/** @param {string} title @param {...(Node|string|null)} kids */
export function panelSection(title, ...kids) {
	return h('section', null, h('h3', null, title), kids);
}
