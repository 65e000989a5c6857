// The bar at the bottom: step through packets, and the legend.

import { BIT_VERDICT, KINDS, KIND_CTL, KIND_LOST, KIND_RESENT } from '../core/kinds.js';
import { canvasPaint } from '../draw/canvas.js';
import { themeColors } from '../draw/theme.js';
import { countText } from '../text/format.js';
import { tapLegend } from '../text/story.js';
import { max, round } from '../core/math.js';
import { STEPS_MOST } from '../core/steps.js';
import { appChoose, appEvent, appFit, appMark, appPlace, appRows, appStep, appTold, appZoom } from './app.js';
import { domButton, domCanvasSize, domRatio, domSet, h } from './dom.js';

/** @typedef {import('./app.js').App} App */

const BOTTOM_KINDS = ['data', 'ACK', 'dup ACK, late', '⟳ resent', '✕ lost', 'SYN FIN RST'];

/** @param {App} app */
export function bottombarMake(app) {
	const where = h('span', { class: 'where' });
	const marks = h('canvas', { class: 'marks' });
	const slider = h('input', { type: 'range', min: 0, max: 0, step: 1, 'aria-label': 'Packet' });
	slider.addEventListener('input', () => {
		const row = appRows(app)[Number(slider.value)];
		if (row !== undefined) appChoose(app, row);
	});
	const track = h('span', { class: 'track' }, marks, slider);
	const events = h('span', { class: 'group' },
		domButton('‹ event', 'Previous event (,)', () => appEvent(app, -1)), domButton('event ›', 'Next event (.)', () => appEvent(app, 1)));
	const legend = h('span', { class: 'legend', 'aria-label': 'Legend' });
	const bar = h('footer', { class: 'bottom' },
		h('span', { class: 'group bare' },
			domButton('❙◀', 'First packet', () => bottomEnd(app, 0)),
			domButton('◀', 'Previous packet (K)', () => appStep(app, -1)),
			domButton('▶', 'Next packet (J)', () => appStep(app, 1)),
			domButton('▶❙', 'Last packet', () => bottomEnd(app, 1))),
		where, track,
		events,
		h('span', { class: 'group' },
			domButton('⚠ ‹', 'Previous verdict, flaw or note (P)', () => appMark(app, -1)),
			domButton('⚠ ›', 'Next verdict, flaw or note (N)', () => appMark(app, 1))),
		h('span', { class: 'group zooms' },
			domButton('−', 'Zoom out (S)', () => appZoom(app, 1 / 1.3)),
			domButton('fit', 'All of it (0)', () => appFit(app), { 'aria-label': 'Fit' }),
			domButton('+', 'Zoom in (W)', () => appZoom(app, 1.3))),
		legend);
	app.listeners.push(() => {
		bar.hidden = !app.loaded;
		events.hidden = appRows(app).length > STEPS_MOST;
	});
	app.late.push((what) => {
		const rows = appRows(app), at = appPlace(app);
		if (appTold(what, 'chosen', 'map', 'conv')) {
			slider.max = String(max(0, rows.length - 1));
			slider.value = String(max(0, at));
			slider.setAttribute('aria-valuetext', at < 0 ? 'none chosen' : 'packet ' + (at + 1) + ' of ' + rows.length);
			where.textContent = at < 0 ? countText(rows.length) + ' packets' : 'packet ' + countText(at + 1) + ' / ' + countText(rows.length);
		}
		if (appTold(what, 'map', 'theme', 'size')) {
			bottomMarks(app, marks, rows);
			bottomLegend(app, legend, rows);
		}
	});
	return bar;
}

/** @param {App} app @param {number} end */
function bottomEnd(app, end) {
	const rows = appRows(app);
	if (rows.length > 0) appChoose(app, rows[end === 0 ? 0 : rows.length - 1]);
}

/** Where on the track there is something to see. @param {App} app @param {HTMLCanvasElement} canvas
 * @param {Uint32Array} rows */
function bottomMarks(app, canvas, rows) {
	const width = canvas.clientWidth, height = canvas.clientHeight, ctx = canvas.getContext('2d');
	if (!ctx || width === 0) return;
	domCanvasSize(canvas, width, height);
	/** @type {import('../layout/prims.js').Prim[]} */
	const list = [];
	let last = -1;
	for (let i = 0; i < rows.length; i++) {
		if (!(app.tl.cols.bits[rows[i]] & BIT_VERDICT) && app.tl.cols.kind[rows[i]] !== KIND_LOST) continue;
		const x = round(8 + ((width - 16) * i) / max(rows.length - 1, 1));
		if (x === last) continue;
		last = x;
		list.push({ kind: 'line', role: 'mark', x1: x, y1: 2, x2: x, y2: height - 2, ink: KINDS[app.tl.cols.kind[rows[i]]], width: 2 });
	}
	canvasPaint(ctx, list, themeColors(app.theme), domRatio());
}

/** The kinds that there are, and what the slant means. @param {App} app @param {HTMLElement} legend
 * @param {Uint32Array} rows */
function bottomLegend(app, legend, rows) {
	const there = new Set();
	for (let i = 0; i < rows.length && there.size < KINDS.length; i++) there.add(app.tl.cols.kind[rows[i]]);
	domSet(legend, KINDS.map((name, kind) => there.has(kind)
		? h('span', { class: 'legend-item ' + name }, bottomSample(app, kind), bottomKind(app, kind)) : null),
	app.map ? h('span', { class: 'legend-slant' }, tapLegend(app.map.tap, app.mode)) : null);
}

/** @param {App} app @param {number} kind */
function bottomKind(app, kind) {
	return kind === KIND_CTL && app.conv?.proto === 'udp' ? 'ICMP' : BOTTOM_KINDS[kind];
}

/** @param {App} app @param {number} kind */
function bottomSample(app, kind) {
	const canvas = h('canvas', { class: 'sample', 'aria-hidden': 'true' }), ink = KINDS[kind];
	domCanvasSize(canvas, 22, 10);
	/** @type {import('../layout/prims.js').Prim[]} */
	const list = kind === KIND_RESENT
		? [3.2, 6.8].map((y) => ({ kind: 'line', role: 'sample', x1: 1, y1: y, x2: 21, y2: y, ink, width: 1.4 }))
		: [{ kind: 'line', role: 'sample', x1: 1, y1: 5, x2: 21, y2: 5, ink, width: kind === 1 ? 1.3 : 2,
			...(kind === KIND_LOST ? { dash: [5, 3] } : kind === 2 ? { dash: [8, 2.5] } : {}) }];
	const ctx = canvas.getContext('2d');
	if (ctx) canvasPaint(ctx, list, themeColors(app.theme), domRatio());
	return canvas;
}
