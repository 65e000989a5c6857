// What the panel is made of.

import { h } from './dom.js';

/** A titled part. @param {string} title @param {...(Node|string|null)} kids */
export function panelSection(title, ...kids) {
	return h('section', null, h('h3', null, title), kids);
}

/** @param {[string, string][]} facts */
export function panelList(facts) {
	return h('dl', { class: 'facts' }, facts.map(([name, value]) => [h('dt', null, name), h('dd', null, value)]).flat());
}
