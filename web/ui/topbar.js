// The bar at the top: what is shown, how, and the search field.

import { visibleText } from '../core/bytes.js';
import { convChip } from '../text/story.js';
import { appMark, appMode, appQuery, appView } from './app.js';
import { convlistToggle } from './convlist.js';
import { domButton, domSwitch, h } from './dom.js';
import { helpToggle } from './help.js';
import { keyButton } from './keytable.js';
import { menuMake, menuToggle } from './menu.js';
import { themeToggle } from './themes.js';

/** @typedef {import('./app.js').App} App */

/** @param {App} app */
export function topbarMake(app) {
	const name = h('span.chip.file', { title: 'The file' });
	const chip = domButton('', 'Choose a conversation', () => convlistToggle(app), { class: 'chip conv-chip', 'aria-haspopup': 'listbox' });
	const before = keyButton(app, '[', '‹', { class: 'plain' });
	const after = keyButton(app, ']', '›', { class: 'plain' });
	const choice = h('span.conv-choice', before, chip, after);
	const views = domSwitch('View', [['ladder', 'Ladder'], ['table', 'Table']], (v) => appView(app, /** @type {any} */ (v)));
	const modes = domSwitch('Time', [['rows', 'Rows'], ['elastic', 'Elastic'], ['true', 'True time']], (m) => appMode(app, /** @type {any} */ (m)));
	const { field, box: search } = topbarSearch(app);
	const bar = h('header.top',
		h('h1.mark', h('span', 'wire'), 'ladder'), name, choice,
		h('span.spring'), views.box, modes.box, search,
		h('span.group',
			domButton('◐', 'Light or dark', () => themeToggle(app)),
			domButton('⋯', 'Open, copy link, export', () => menuToggle(app), { id: 'menu-button', 'aria-haspopup': 'menu' }),
			domButton('?', 'Help and keys (?)', () => helpToggle(app))),
		menuMake(app));
	app.listeners.push(() => {
		name.textContent = visibleText(app.name) || 'no file';
		name.hidden = !app.loaded;
		topbarConv(app, choice, chip, before, after);
		views.show(app.view);
		modes.show(app.mode);
		modes.box.hidden = app.view !== 'ladder';
		for (const box of [views.box, search]) box.hidden = !app.loaded;
		if (!app.loaded) modes.box.hidden = true;
		if (field.value !== app.query && document.activeElement !== field) field.value = app.query;
	});
	return bar;
}

/** @param {App} app @param {HTMLElement} choice @param {HTMLButtonElement} chip
 * @param {HTMLButtonElement} before @param {HTMLButtonElement} after */
function topbarConv(app, choice, chip, before, after) {
	const { conv, tl } = app, many = tl.convs.length > 1;
	choice.hidden = !conv;
	if (!conv) return;
	const text = convChip(tl, conv) + (many ? ' ▾' : '');
	if (chip.textContent !== text) chip.textContent = text;
	chip.title = many ? 'Choose one of ' + tl.convs.length + ' conversations' : convChip(tl, conv);
	chip.setAttribute('aria-expanded', app.drawer ? 'true' : 'false');
	before.hidden = after.hidden = !many;
	before.disabled = conv.index === 0;
	after.disabled = conv.index === tl.convs.length - 1;
}

/** @param {App} app */
function topbarSearch(app) {
	let timer = 0;
	const go = () => {
		clearTimeout(timer);
		if (app.query !== field.value) appQuery(app, field.value);
	};
	const field = h('input', { type: 'search', id: 'find', placeholder: 'Find syn, len>0, send(), #12', 'aria-label': 'Find packets', spellcheck: 'false',
		oninput: () => {
			clearTimeout(timer);
			timer = window.setTimeout(go, 120);
		},
		onkeydown: (event) => {
			if (event.key !== 'Enter') return;
			go();
			if (app.match) appMark(app, event.shiftKey ? -1 : 1);
		} });
	const count = h('span.find-count', { 'aria-live': 'polite' });
	app.listeners.push(() => {
		const at = app.found.indexOf(app.chosen);
		count.textContent = !app.match ? '' : app.found.length === 0 ? 'none' : (at >= 0 ? at + 1 + ' of ' : '') + app.found.length;
	});
	return { field, box: h('span.search', field, count) };
}
