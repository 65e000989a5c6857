// What went wrong with the input, in sentences above the picture; and that it is being read.

import { visibleText } from '../core/bytes.js';
import { domButton, domList, domSet, h } from './dom.js';
import { appEmit, appTold } from './app.js';

/** @typedef {import('./app.js').App} App */

/** @param {App} app */
export function problemsMake(app) {
	const box = h('div.problems', { role: 'alert', hidden: true });
	const status = h('div.status', { role: 'status', hidden: true });
	app.listeners.push((what) => {
		if (!appTold(what, 'problems', 'data')) return;
		status.hidden = app.status === '';
		status.textContent = app.status;
		box.hidden = app.problems.length === 0;
		domSet(box, domList('ul', app.problems.slice(0, 12).map(visibleText)),
			domButton('✕', 'Hide', () => {
				app.problems = [];
				appEmit(app, 'problems');
			}, { class: 'plain', 'aria-label': 'Hide these messages' }));
	});
	return [box, status];
}
