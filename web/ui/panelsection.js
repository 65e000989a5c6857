// What the panel is made of.

import { domList, h } from './dom.js';

/** A titled part. @param {string} title @param {...(import('./dom.js').Part|import('./dom.js').Part[])} kids */
export function panelSection(title, ...kids) {
	return h('section', h('h3', title), kids);
}

/** A titled list, if there is anything in it. @param {string} title @param {(import('./dom.js').Part|import('./dom.js').Part[])[]} items
 * @param {'ul'|'ol'} [tag] */
export function panelItems(title, items, tag = 'ul') {
	return items.length > 0 && panelSection(title, domList(tag, items));
}

/** @param {[import('./dom.js').Part, string][]} facts */
export function panelList(facts) {
	return h('dl.facts', facts.map(([name, value]) => [h('dt', name), h('dd', value)]));
}
