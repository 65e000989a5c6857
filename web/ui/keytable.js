// Every key and what it does: the one list that the keyboard and the help sheet share.

import {
	appChoose, appEmit, appEvent, appFit, appFocus, appMark, appMode, appNextConv, appPan, appQuery, appStep,
	appView, appZoom,
} from './app.js';
import { exportCopyLink, exportPicture } from './exporter.js';

/** @typedef {import('./app.js').App} App */
/** `keys` in lower case; `show` for people, where that is not the first key; an entry without text is not listed.
 * @typedef {{ keys: string[], show?: string[], text: string, run: (app: App) => void }} KeyEntry */

/** @type {KeyEntry[]} */
export const KEYS_TABLE = [
	{ keys: ['j', 'arrowdown'], show: ['J', '↓'], text: 'Next packet', run: (app) => appStep(app, 1) },
	{ keys: ['k', 'arrowup'], show: ['K', '↑'], text: 'Previous packet', run: (app) => appStep(app, -1) },
	{ keys: ['.'], text: 'Next event (a departure, an arrival, a loss, a state)', run: (app) => appEvent(app, 1) },
	{ keys: [','], text: 'Previous event', run: (app) => appEvent(app, -1) },
	{ keys: ['n'], text: 'Next verdict, flaw or note', run: (app) => appMark(app, 1) },
	{ keys: ['p'], text: 'Previous verdict, flaw or note', run: (app) => appMark(app, -1) },
	{ keys: [']'], text: 'Next conversation', run: (app) => appNextConv(app, 1) },
	{ keys: ['['], text: 'Previous conversation', run: (app) => appNextConv(app, -1) },
	{ keys: ['w', '+', '='], text: 'Zoom in', run: (app) => appZoom(app, 1.3) },
	{ keys: ['s', '-'], text: 'Zoom out', run: (app) => appZoom(app, 1 / 1.3) },
	{ keys: ['d', 'pagedown'], text: 'Move down (later)', run: (app) => appPan(app, app.height * 0.4) },
	{ keys: ['a', 'pageup'], text: 'Move up (earlier)', run: (app) => appPan(app, -app.height * 0.4) },
	{ keys: ['0'], text: 'Fit all of it', run: (app) => appFit(app) },
	{ keys: ['f'], text: 'Focus on the packet', run: (app) => appFocus(app) },
	{ keys: ['/'], text: 'Find', run: () => keyFind() },
	{ keys: ['t'], text: 'Table or ladder', run: (app) => appView(app, app.view === 'table' ? 'ladder' : 'table') },
	{ keys: ['m'], text: 'Next time mode', run: (app) => keyMode(app) },
	{ keys: ['c'], text: 'List of conversations', run: (app) => keyDrawer(app) },
	{ keys: ['l'], text: 'Copy a link to this view', run: (app) => exportCopyLink(app) },
	{ keys: ['e'], text: 'Export SVG', run: (app) => exportPicture(app, 'svg', false) },
	{ keys: [], show: ['⋯'], text: 'Export PNG', run: (app) => exportPicture(app, 'png', false) },
	{ keys: ['escape'], show: ['Esc'], text: 'Clear search, events, selection', run: (app) => keyClear(app) },
	{ keys: ['home'], show: ['Home'], text: '', run: (app) => appPan(app, -1e15) },
	{ keys: ['end'], show: ['End'], text: '', run: (app) => appPan(app, 1e15) },
];

function keyFind() {
	const field = document.getElementById('find');
	if (field instanceof HTMLInputElement) {
		field.focus();
		field.select();
	}
}

/** @param {App} app */
function keyMode(app) {
	appMode(app, app.mode === 'rows' ? 'elastic' : app.mode === 'elastic' ? 'true' : 'rows');
}

/** @param {App} app */
function keyDrawer(app) {
	app.drawer = !app.drawer;
	appEmit(app, 'drawer');
}

/** First the search, then the steps, then the selection. @param {App} app */
function keyClear(app) {
	if (app.query !== '') appQuery(app, '');
	else if (app.step >= 0) appEvent(app, 0);
	else appChoose(app, -1);
}
