// The list of conversations: a drawer at the left, open by itself when there are several and
// room for it; the chip in the top bar opens and closes it.

import { nearest } from '../core/math.js';
import { countText, durationText } from '../text/format.js';
import { convElapsed, convEnds, convFate, convName } from '../text/story.js';
import { appConv, appEmit, appTold } from './app.js';
import { domButton, domStep, h } from './dom.js';
import { virtualMake } from './virtual.js';

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../core/columns.js').Conv} Conv */

const CONVLIST_ROW = 66;

/** @type {Record<string, (app: App, conv: Conv) => number>} */
const CONVLIST_SORTS = {
	'number': (_, conv) => conv.conv,
	'start': (app, conv) => app.tl.cols.t[conv.first] ?? 0,
	'packets': (_, conv) => -conv.count,
	'bytes': (_, conv) => -((conv.closed?.bytes?.client ?? 0) + (conv.closed?.bytes?.server ?? 0)),
	'duration': (app, conv) => -convElapsed(app.tl, conv),
	'verdicts': (_, conv) => -conv.marks,
};

/** @param {App} app */
export function convlistMake(app) {
	/** @type {Conv[]} */
	let order = [];
	const search = h('input', { type: 'search', placeholder: 'Search', 'aria-label': 'Search conversations', oninput: () => update() });
	const sort = h('select', { 'aria-label': 'Sort conversations by', onchange: () => update() },
		Object.keys(CONVLIST_SORTS).map((name) => h('option', { value: name }, name)));
	const title = h('h2', 'Conversations');
	const scroll = h('div.conv-scroll', { role: 'listbox', tabindex: 0, 'aria-label': 'Conversations', onkeydown: (event) => convlistKey(app, order, event) });
	const box = h('nav.drawer', { hidden: true, 'aria-label': 'Conversations' },
		h('div.drawer-head', title, domButton('✕', 'Hide the list', () => convlistToggle(app), { class: 'plain' })),
		h('div.drawer-tools', search, h('label', 'by ', sort)), scroll);
	const list = virtualMake(scroll, CONVLIST_ROW, (at) => convlistItem(app, order[at], at));
	const update = () => {
		if (!app.drawer) return;
		order = convlistOrder(app, search.value, sort.value);
		title.textContent = order.length === app.tl.convs.length ? countText(order.length) + ' conversations'
			: order.length + ' of ' + countText(app.tl.convs.length);
		list.setCount(order.length);
	};
	app.listeners.push(() => { box.hidden = !app.drawer; });
	app.late.push((what) => {
		if (appTold(what, 'data', 'drawer')) update();
		if (!app.drawer || !what.has('conv')) return;
		const at = order.findIndex((conv) => conv === app.conv);
		if (at >= 0) list.reveal(at);
		scroll.setAttribute('aria-activedescendant', app.conv ? 'conv-' + app.conv.conv : '');
	});
	return box;
}

/** @param {App} app */
export function convlistToggle(app) {
	app.drawer = !app.drawer;
	appEmit(app, 'drawer');
}

/** @param {App} app @param {string} query @param {string} sort */
function convlistOrder(app, query, sort) {
	const words = query.toLowerCase().split(/\s+/).filter((word) => word !== '');
	const key = CONVLIST_SORTS[sort] ?? CONVLIST_SORTS.number;
	const found = app.tl.convs.filter((conv) => {
		if (words.length === 0) return true;
		const text = (convName(app.tl, conv) + ' ' + convEnds(app.tl, conv) + ' '
			+ convFate(conv) + ' ' + Object.keys(conv.closed?.verdicts ?? {}).join(' ')).toLowerCase();
		return words.every((word) => text.includes(word));
	});
	return found.sort((a, b) => key(app, a) - key(app, b) || a.conv - b.conv);
}

/** @param {App} app @param {Conv} conv @param {number} at */
function convlistItem(app, conv, at) {
	const on = conv === app.conv, fate = convFate(conv);
	return h('div.conv' + (on ? '.chosen' : ''), { role: 'option', id: 'conv-' + conv.conv,
		'aria-selected': String(on), 'aria-posinset': at + 1, 'aria-setsize': app.tl.convs.length,
		title: convEnds(app.tl, conv), onclick: () => {
			appConv(app, conv.index);
			// On a narrow page the list lies over the ladder: it has done its work.
			if (window.innerWidth < 1180) convlistToggle(app);
		} },
	h('div.conv-line', h('b', convName(app.tl, conv)),
		h('span', (conv.bare ? '' : countText(conv.count) + (conv.count === 1 ? ' pkt · ' : ' pkts · ')) + durationText(convElapsed(app.tl, conv)))),
	h('div.conv-ends', convEnds(app.tl, conv)),
	h('div.conv-line.small', h('span', fate),
		conv.marks > 0 && h('span.marks', conv.marks + (conv.marks === 1 ? ' verdict' : ' verdicts'))));
}

/** @param {App} app @param {Conv[]} order @param {KeyboardEvent} event */
function convlistKey(app, order, event) {
	const by = domStep(event, { ArrowDown: 1, ArrowUp: -1 });
	const next = nearest(order, order.findIndex((conv) => conv === app.conv) + by);
	if (by && next) appConv(app, next.index);
}
