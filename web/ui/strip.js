// The overview strip: the conversation's scroll bar.

import { max, round } from '../core/math.js';
import { overviewAt, overviewLayout } from '../layout/overview.js';
import { appRoom, appScrollTo, appTold } from './app.js';
import { domOn, h } from './dom.js';
import { paint } from './paint.js';

/** @typedef {import('./app.js').App} App */

/** @param {App} app */
export function stripMake(app) {
	const canvas = h('canvas.strip-canvas', {
		role: 'scrollbar', 'aria-label': 'Part of the conversation that is shown',
		'aria-controls': 'stage', 'aria-orientation': 'vertical', 'aria-valuemin': 0,
		'aria-valuemax': 100, 'aria-valuenow': 0, title: 'The whole conversation; drag to move',
	});
	const box = h('section.strip', { 'aria-label': 'Overview' }, canvas);
	new ResizeObserver(() => stripDraw(app, canvas, box)).observe(box);
	let down = false;
	const go = (/** @type {PointerEvent} */ event) => {
		const o = stripOverview(app, box);
		if (!o) return;
		const y = event.clientY - box.getBoundingClientRect().top;
		appScrollTo(app, overviewAt(o, y) - appRoom(app) / app.zoom / 2);
	};
	domOn(box, {
		pointerdown: (event) => {
			down = true;
			box.setPointerCapture(event.pointerId);
			go(event);
		},
		pointermove: (event) => { if (down) go(event); },
		pointerup: () => { down = false; },
	});
	app.late.push((what) => {
		if (what.has('view')) box.hidden = app.view !== 'ladder';
		if (appTold(what, 'range', 'theme', 'map', 'size')) stripDraw(app, canvas, box);
	});
	return box;
}

/** @param {App} app @param {HTMLElement} box */
function stripOverview(app, box) {
	if (!app.lod || !app.map) return null;
	return { lod: app.lod, width: box.clientWidth, height: box.clientHeight, y0: app.top,
		y1: app.top + appRoom(app) / app.zoom };
}

/** @param {App} app @param {HTMLCanvasElement} canvas @param {HTMLElement} box */
function stripDraw(app, canvas, box) {
	const o = stripOverview(app, box);
	if (box.clientHeight === 0) return;
	paint(app, canvas, box.clientWidth, box.clientHeight, o ? overviewLayout(o) : []);
	if (o) canvas.setAttribute('aria-valuenow', String(round((100 * app.top) / max(o.lod.map.total, 1))));
}
