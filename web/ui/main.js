// Where it begins: the page reads its own data, or waits for a file. The same script, started in
// a worker, is the reader.

import { appConv, appEmit, appFlush, appLate, appMake, appProblem, appTold } from './app.js';
import { bottombarMake } from './bottombar.js';
import { convlistMake } from './convlist.js';
import { dropListen, dropMake, dropRefuse } from './drop.js';
import { exportPrint } from './exporter.js';
import { hashGo, hashKeep } from './hash.js';
import { helpMake } from './help.js';
import { keysListen } from './keys.js';
import { liveMake } from './live.js';
import { loadFromPage, loadRun, loadServe } from './load.js';
import { panelMake } from './panel.js';
import { problemsMake } from './problems.js';
import { stageMake, stageResize } from './stage.js';
import { stripMake } from './strip.js';
import { tableMake } from './table.js';
import { themeStart } from './themes.js';
import { topbarMake } from './topbar.js';
import { h } from './dom.js';
import { errorText } from '../text/format.js';

/** @typedef {import('./app.js').App} App */

/** The page's elements, in their places. @param {App} app */
function mainBuild(app) {
	const stage = stageMake(app), sheet = h('div.print-sheet');
	const view = h('main.view', problemsMake(app), stage.box, tableMake(app), dropMake(app));
	const middle = h('div.middle', convlistMake(app), stripMake(app), view, panelMake(app));
	document.body.prepend(topbarMake(app), middle, bottombarMake(app), helpMake(app), sheet, ...liveMake(app));
	app.listeners.push((what) => {
		middle.classList.toggle('empty', !app.loaded);
		middle.classList.toggle('tabular', app.view === 'table');
		if (appTold(what, 'drawer', 'data', 'view')) stageResize(app, stage);
		if (what.has('data')) document.title = app.name ? app.name + ' – wireladder' : 'wireladder';
	});
	exportPrint(app, sheet);
	return stage;
}

/** The one hook for tests, read-only. @param {App} app @param {Promise<void>} ready */
function mainHook(app, ready) {
	const hook = {
		displayList: () => structuredClone(app.ladder ? [...app.ladder.lanes, ...app.ladder.arrows, ...app.over] : []),
		state: () => ({
			conversation: app.conv?.conv ?? null, packet: app.chosen >= 0 ? app.tl.cols.n[app.chosen] : null,
			view: app.view, mode: app.mode, zoom: app.zoom, top: app.top, found: app.found.length, event: app.step, name: app.name,
		}),
		ready,
		get drawnAt() { return mainDrawn.at; },
	};
	Object.defineProperty(window, 'wireladder', { value: Object.freeze(hook) });
}

/** When the first picture was complete, in ms since navigation. */
const mainDrawn = { at: NaN };

/** @param {App} app what is shown first: what the link says, else the first conversation */
async function mainShow(app) {
	if (app.tl.convs.length === 0) return;
	if (app.conv && location.hash === '') await appConv(app, app.conv.index, { keep: true });
	else if (!await hashGo(app, location.hash)) await appConv(app, 0);
}

/** @param {App} app @param {string} code @param {ReturnType<typeof stageMake>} stage */
async function mainRun(app, code, stage) {
	const set = loadFromPage();
	appEmit(app, 'view');
	if (set.blocks.length > 0 || set.count !== null) {
		await loadRun(app, { kind: 'blocks', set }, '', code, mainShow);
	} else {
		appEmit(app, 'data');
		appFlush(app);
	}
	mainDrawn.at = performance.now();
	appLate(app);
}

/** @param {App} app @param {File} file @param {string} code */
async function mainOpen(app, file, code) {
	const refused = await dropRefuse(file);
	if (refused !== '') {
		app.problems = [];
		appProblem(app, refused);
		return;
	}
	// A link into the file before says nothing about this one.
	if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
	try {
		await loadRun(app, { kind: 'file', file, name: file.name }, file.name, code, mainShow);
	} catch (error) {
		appProblem(app, file.name + ' could not be read: ' + errorText(error, 'unknown cause') + '.');
	}
}

function mainPage() {
	const code = document.currentScript?.textContent ?? '';
	const start = async () => {
		const app = appMake();
		themeStart(app);
		const stage = mainBuild(app);
		keysListen(app);
		hashKeep(app);
		dropListen((file) => mainOpen(app, file, code));
		/** @type {() => void} */
		let done = () => {};
		mainHook(app, new Promise((resolve) => { done = resolve; }));
		try {
			await mainRun(app, code, stage);
		} catch (error) {
			appProblem(app, 'The page’s data could not be read: ' + errorText(error, 'unknown cause') + '.');
		}
		done();
	};
	// The data stands at the end of the page, after this script.
	if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
	else start();
}

if (typeof document === 'undefined') loadServe();
else mainPage();
