// Every key and what it does: the one list that the keyboard and the help sheet share.

import { MAP_MODES } from '../core/timemap.js';
import {
	appChoose, appEvent, appFit, appFocus, appFold, appMark, appMode, appNextConv, appPan, appQuery, appStep,
	appView, appZoom,
} from './app.js';
import { convlistToggle } from './convlist.js';
import { domButton } from './dom.js';
import { exportCopyLink, exportPicture } from './exporter.js';

/** @typedef {import('./app.js').App} App */
/** Keys in lower case, how they are shown, what they do, and the doing; without words it is not listed.
 * @typedef {[string, string, string, (app: App) => void]} KeyEntry */

/** @type {KeyEntry[]} */
export const KEYS_TABLE = [
	['j arrowdown', 'J ↓', 'Next packet', (app) => appStep(app, 1)],
	['k arrowup', 'K ↑', 'Previous packet', (app) => appStep(app, -1)],
	['.', '.', 'Next event: a departure, an arrival, a loss, a state, a call', (app) => appEvent(app, 1)],
	[',', ',', 'Previous event', (app) => appEvent(app, -1)],
	['n', 'N', 'Next verdict, flaw or note; or next found', (app) => appMark(app, 1)],
	['p', 'P', 'Previous verdict, flaw or note; or previous found', (app) => appMark(app, -1)],
	[']', ']', 'Next conversation', (app) => appNextConv(app, 1)],
	['[', '[', 'Previous conversation', (app) => appNextConv(app, -1)],
	['w + =', 'W', 'Zoom in', (app) => appZoom(app, 1.3)],
	['s -', 'S', 'Zoom out', (app) => appZoom(app, 1 / 1.3)],
	['d pagedown', 'D', 'Move down (later)', (app) => appPan(app, app.height * 0.4)],
	['a pageup', 'A', 'Move up (earlier)', (app) => appPan(app, -app.height * 0.4)],
	['0', '0', 'Fit all of it', appFit],
	['f', 'F', 'Focus on the packet', appFocus],
	['/', '/', 'Find', keyFind],
	['t', 'T', 'Table or ladder', (app) => appView(app, app.view === 'table' ? 'ladder' : 'table')],
	['m', 'M', 'Next time mode', keyMode],
	['c', 'C', 'List of conversations', convlistToggle],
	['b', 'B', 'Programs: fold or unfold', (app) => appFold(app, 'programs')],
	['i', 'I', 'Congestion windows: fold or unfold', (app) => appFold(app, 'windows')],
	['o', 'O', 'The other conversation of a lesson with two, beside this one: fold or unfold', (app) => appFold(app, 'beside')],
	['l', 'L', 'Copy a link to this view', exportCopyLink],
	['e', 'E', 'Export SVG', (app) => exportPicture(app, 'svg', false)],
	['', '⋯', 'Export PNG', (app) => exportPicture(app, 'png', false)],
	['escape', 'Esc', 'Clear search, events, selection', keyClear],
	['home', 'Home', '', (app) => appPan(app, -1e15)],
	['end', 'End', '', (app) => appPan(app, 1e15)],
];

/** A button that does what a key does. @param {App} app @param {string} key @param {string} text
 * @param {import('./dom.js').Attributes} [more] */
export function keyButton(app, key, text, more) {
	const [, shown, words, run] = /** @type {KeyEntry} */ (KEYS_TABLE.find(([keys]) => keys.split(' ').includes(key)));
	return domButton(text, words + ' (' + shown.split(' ')[0] + ')', () => run(app), more);
}

function keyFind() {
	const field = /** @type {HTMLInputElement} */ (document.getElementById('find'));
	field.focus();
	field.select();
}

/** @param {App} app */
function keyMode(app) {
	appMode(app, MAP_MODES[(MAP_MODES.indexOf(app.mode) + 1) % MAP_MODES.length]);
}

/** First the search, then the steps, then the selection. @param {App} app */
function keyClear(app) {
	if (app.query !== '') appQuery(app, '');
	else if (app.step >= 0) appEvent(app, 0);
	else appChoose(app, -1);
}
