// The bar at the bottom: step through packets, and the legend.

import { BIT_VERDICT, KINDS, KIND_CTL, KIND_LOST } from '../core/kinds.js';
import { countText } from '../text/format.js';
import { tapLegend } from '../text/story.js';
import { max, round } from '../core/math.js';
import { STEPS_MOST } from '../core/steps.js';
import { appChoose, appPlace, appRows, appTold } from './app.js';
import { domButton, domSet, h } from './dom.js';
import { keyButton } from './keytable.js';
import { paint } from './paint.js';

/** @typedef {import('./app.js').App} App */

const BOTTOM_KINDS = ['━ data', '─ ACK', '╍ dup ACK, late', '═ ⟳ resent', '┅ ✕ lost', '━ SYN FIN RST'];

/** @param {App} app */
export function bottombarMake(app) {
	const where = h('span.where'), marks = h('canvas.marks'), legend = h('span.legend', { 'aria-label': 'Legend' });
	const slider = h('input', { type: 'range', min: 0, max: 0, step: 1, 'aria-label': 'Packet', oninput: () => bottomGo(app, Number(slider.value)) });
	const events = h('span.group', keyButton(app, ',', '‹ event'), keyButton(app, '.', 'event ›'));
	const folds = h('span.group', keyButton(app, 'b', 'calls'), keyButton(app, 'i', 'cwnd')), both = keyButton(app, 'o', 'both');
	folds.append(both);
	const bar = h('footer.bottom',
		h('span.group.bare',
			domButton('❙◀', 'First packet', () => bottomGo(app, 0)),
			keyButton(app, 'k', '◀'), keyButton(app, 'j', '▶'),
			domButton('▶❙', 'Last packet', () => bottomGo(app, appRows(app).length - 1))),
		where, h('span.track', marks, slider), events,
		h('span.group', keyButton(app, 'p', '⚠ ‹'), keyButton(app, 'n', '⚠ ›')),
		h('span.group.zooms', keyButton(app, 's', '−'), keyButton(app, '0', 'fit', { 'aria-label': 'Fit' }), keyButton(app, 'w', '+')), folds,
		legend);
	app.listeners.push(() => {
		bar.hidden = !app.loaded;
		folds.hidden = !app.map?.calls.length;
		both.hidden = !app.beside;
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

/** @param {App} app @param {number} at */
function bottomGo(app, at) {
	const row = appRows(app)[at];
	if (row !== undefined) appChoose(app, row);
}

/** Where on the track there is something to see. @param {App} app @param {HTMLCanvasElement} canvas
 * @param {Uint32Array} rows */
function bottomMarks(app, canvas, rows) {
	const { clientWidth: width, clientHeight: height } = canvas, { bits, kind } = app.tl.cols;
	if (width === 0) return;
	/** @type {import('../layout/prims.js').Prim[]} */
	const list = [];
	let last = -1;
	for (let i = 0; i < rows.length; i++) {
		if (!(bits[rows[i]] & BIT_VERDICT) && kind[rows[i]] !== KIND_LOST) continue;
		const x = round(8 + ((width - 16) * i) / max(rows.length - 1, 1));
		if (x === last) continue;
		last = x;
		list.push({ kind: 'line', role: 'mark', x1: x, y1: 2, x2: x, y2: height - 2, ink: KINDS[kind[rows[i]]], width: 2 });
	}
	paint(app, canvas, width, height, list);
}

/** The kinds that there are, and what the slant means. @param {App} app @param {HTMLElement} legend
 * @param {Uint32Array} rows */
function bottomLegend(app, legend, rows) {
	const there = new Set();
	for (let i = 0; i < rows.length && there.size < KINDS.length; i++) there.add(app.tl.cols.kind[rows[i]]);
	domSet(legend, KINDS.map((name, kind) => there.has(kind)
		? h('span.legend-item.' + name, bottomKind(app, kind)) : null),
	app.map?.calls.length ? h('span.legend-item', '▨ call blocks · grey: listening, or no packets') : null,
	rows.length > 0 && app.map ? h('span.legend-slant', tapLegend(app.map.tap, app.mode)) : null);
}

/** @param {App} app @param {number} kind */
function bottomKind(app, kind) {
	return kind === KIND_CTL && app.conv?.proto === 'udp' ? '━ ICMP' : BOTTOM_KINDS[kind];
}
