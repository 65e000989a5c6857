// What the panel is made of.

import { timelineRow } from '../core/columns.js';
import { appChoose, appHover } from './app.js';
import { domButton, domList, h } from './dom.js';

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

/** A packet's number, which stands out on the ladder while it is pointed at, and is shown by a click.
 * @param {import('./app.js').App} app @param {unknown} n */
export function panelPacketLink(app, n) {
	const row = timelineRow(app.tl, n), on = () => appHover(app, row), off = () => appHover(app, -1);
	return row < 0 ? '#' + n : domButton('#' + n, 'Show packet ' + n, () => appChoose(app, row),
		{ class: 'link', onpointerenter: on, onfocus: on, onpointerleave: off, onblur: off });
}
