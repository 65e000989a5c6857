// The deep link: #v=1&c=2&p=13&t=41.1-82.1&m=elastic&view=ladder. c and p are the conversation's
// and the packet's numbers, t is milliseconds. Where all is in view the zoom says
// more than t does: z=1.3; without either it is the first look at a conversation.

import { timelineRow } from '../core/columns.js';
import { round } from '../core/math.js';
import { MAP_MODES } from '../core/timemap.js';
import { appAtFirst, appChoose, appConv, appFit, appIsWhole, appMode, appRange, appShowRange, appTold, appView, appZoom } from './app.js';

/** @typedef {import('./app.js').App} App */

/** @param {App} app */
export function hashText(app) {
	const parts = ['v=1'], range = appAtFirst(app) ? null : appRange(app);
	const whole = appIsWhole(app);
	if (app.conv) parts.push('c=' + app.conv.conv);
	if (app.chosen >= 0) parts.push('p=' + app.tl.cols.n[app.chosen]);
	if (range && whole) parts.push('z=' + app.zoom.toPrecision(6));
	else if (range) parts.push('t=' + hashTime(range.t0) + '-' + hashTime(range.t1));
	parts.push('m=' + app.mode, 'view=' + app.view);
	return '#' + parts.join('&');
}

/** @param {number} ns */
function hashTime(ns) {
	return String(round(ns) / 1e6);
}

/** Keeps the address in step, without a history entry for every packet. @param {App} app */
export function hashKeep(app) {
	let timer = 0;
	app.listeners.push((what) => {
		if (!app.conv || !appTold(what, 'conv', 'chosen', 'range', 'map', 'view')) return;
		clearTimeout(timer);
		timer = window.setTimeout(() => {
			const text = hashText(app);
			if (text !== location.hash) history.replaceState(null, '', text);
		}, 150);
	});
	window.addEventListener('hashchange', () => hashGo(app, location.hash));
}

/**
 * Goes where a link points; false when it names no conversation of this timeline.
 * @param {App} app @param {string} hash
 */
export async function hashGo(app, hash) {
	const parts = new URLSearchParams(hash.slice(1));
	let row = timelineRow(app.tl, Number(parts.get('p') ?? NaN));
	let index = app.tl.convAt.get(Number(parts.get('c') ?? NaN));
	if (index === undefined && row >= 0) index = app.tl.cols.conv[row];
	if (index === undefined || !app.tl.convs[index]) return false;
	// Where the two disagree the conversation is meant.
	if (row >= 0 && app.tl.cols.conv[row] !== index) row = -1;
	const mode = MAP_MODES.find((known) => known === parts.get('m')), view = parts.get('view');
	if (mode) app.mode = mode;
	await appConv(app, index, row >= 0 ? { chosen: row } : parts.has('p') || !parts.has('t') ? {} : { chosen: -1 });
	if (mode) await appMode(app, app.mode);
	if (row >= 0) appChoose(app, row);
	const range = /^(-?[\d.]+)-(-?[\d.]+)$/.exec(parts.get('t') ?? '');
	// By hand anything can be written: `1.2.3` is no number, and a range has its end after its start.
	const t0 = round(Number(range?.[1]) * 1e6), t1 = round(Number(range?.[2]) * 1e6);
	if (t0 < t1) appShowRange(app, t0, t1);
	const zoom = Number(parts.get('z'));
	if (zoom > 0) {
		appFit(app);
		appZoom(app, zoom / app.zoom, 0);
	}
	if (view === 'ladder' || view === 'table') appView(app, view);
	return true;
}
