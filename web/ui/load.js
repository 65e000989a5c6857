// From the page's data or a dropped file to a timeline: small ones at once, large ones in a
// worker, so that the page stays awake.

import { blocksCollect } from '../core/blocks.js';
import { timelineAppend, timelineIndex, timelineMake } from '../core/columns.js';
import { batchBuffers } from '../core/records.js';
import { countText } from '../text/format.js';
import { appConv, appEmit, appFlush, appProblem } from './app.js';
import { jobRun } from './job.js';

/** @typedef {import('./app.js').App} App */

/** Raw bytes up to which a worker would cost more than it saves. */
const LOAD_AT_ONCE = 1_500_000;

/** The data elements of this page. */
export function loadFromPage() {
	return blocksCollect(Array.from(document.querySelectorAll('script[type^="application/x-wireladder"]'),
		(element) => ({
			type: element.getAttribute('type') ?? '',
			get: (/** @type {string} */ name) => element.getAttribute(name),
			text: () => element.textContent ?? '',
		})));
}

/** @param {import('./job.js').Job} job */
function loadSize(job) {
	if (job.kind === 'file') return job.file.size;
	return job.set.blocks.reduce((sum, block) => sum + (block.length || 0), 0);
}

/**
 * Reads a job into a new timeline and shows it.
 * @param {App} app @param {import('./job.js').Job} job @param {string} name @param {string} code the
 *   page's own script, for the worker
 * @param {(app: App) => Promise<void>|void} shown called when the timeline is complete
 */
export async function loadRun(app, job, name, code, shown) {
	const tl = timelineMake();
	let first = true;
	/** @type {Promise<void>} */
	let drawn = Promise.resolve();
	const take = (/** @type {import('./job.js').JobPart} */ part) => {
		if (part.wrong) appProblem(app, part.wrong);
		timelineAppend(tl, part.batch, part.blob ? { blob: part.blob } : { bytes: part.bytes ?? new Uint8Array(0) });
		app.status = 'reading… ' + countText(tl.rows) + ' packets';
		if (first && tl.rows > 0 && loadSize(job) > LOAD_AT_ONCE) {
			// The first piece is drawn while the rest is still being read.
			first = false;
			loadShow(app, tl, name);
			drawn = appConv(app, 0);
		}
		appEmit(app, 'problems');
	};
	app.problems = [];
	await loadStart(job, code, take);
	await drawn;
	app.status = '';
	loadShow(app, tl, name);
	loadCheck(app, name);
	// Columns take their places first: the ladder is then laid out once, in its final size.
	appFlush(app);
	await shown(app);
	appFlush(app);
}

/** @param {App} app @param {import('../core/columns.js').Timeline} tl @param {string} name */
function loadShow(app, tl, name) {
	timelineIndex(tl);
	if (app.tl !== tl) {
		app.conv = null;
		app.map = null;
		app.lod = null;
		app.beside = null;
		app.chosen = -1;
		// Programs take the room that the list would have.
		app.drawer = tl.convs.length > 1 && window.innerWidth >= (tl.sheets.call.rows ? 1700 : 1180);
	}
	app.tl = tl;
	app.name = name || loadPageName() || String(tl.meta.source?.name ?? '');
	app.loaded = tl.records > 0;
	appEmit(app, 'data', 'conv', 'map', 'range', 'chosen', 'drawer', 'problems');
}

/** @param {import('./job.js').Job} job @param {string} code @param {import('./job.js').JobEmit} take */
async function loadStart(job, code, take) {
	if (loadSize(job) <= LOAD_AT_ONCE || code === '') return jobRun(job, take);
	let worker;
	try {
		worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
	} catch {
		return jobRun(job, take);
	}
	return loadWorker(worker, job, take);
}

/** The page's own file name, when it has one. */
function loadPageName() {
	const name = location.pathname.slice(location.pathname.lastIndexOf('/') + 1);
	try {
		return decodeURIComponent(name);
	} catch {
		return name;
	}
}

/** @param {Worker} worker @param {import('./job.js').Job} job @param {import('./job.js').JobEmit} take
 * @returns {Promise<void>} */
function loadWorker(worker, job, take) {
	let parts = 0;
	return new Promise((resolve, reject) => {
		worker.onmessage = (event) => {
			if (event.data === 'end') {
				worker.terminate();
				resolve();
			} else {
				parts++;
				take(event.data);
			}
		};
		// A browser that lets no worker read a blob: the page reads by itself.
		worker.onerror = () => {
			worker.terminate();
			if (parts === 0) jobRun(job, take).then(resolve, reject);
			else reject(new Error('The reader stopped in the middle.'));
		};
		worker.postMessage(job);
	});
}

/** What the worker does with a job. */
export function loadServe() {
	const scope = /** @type {any} */ (self);
	scope.onmessage = async (/** @type {MessageEvent} */ event) => {
		await jobRun(event.data, (part) => {
			// Lines are kept as a blob: the browser may put it to disk, and it needs no heap.
			const blob = part.blob ?? (part.bytes ? new Blob([/** @type {any} */ (part.bytes)]) : null);
			scope.postMessage({ ...part, bytes: null, blob }, batchBuffers(part.batch));
		});
		scope.postMessage('end');
	};
}

/** Says what was wrong with the lines. @param {App} app @param {string} name */
function loadCheck(app, name) {
	const { tl } = app;
	for (const problem of tl.problems) appProblem(app, problem);
	const named = tl.bad.slice(0, 3).map((bad) => 'line ' + bad.line + ': ' + bad.why).join('; ');
	if (tl.records === 0 && app.problems.length === 0)
		appProblem(app, (name || 'The page') + ' holds no timeline records' + (named ? ' (' + named + ').' : '.'));
	else if (tl.badCount > 0) appProblem(app, countText(tl.badCount) + (tl.badCount === 1 ? ' line' : ' lines')
		+ ' could not be read (' + named + (tl.badCount > 3 ? '; …' : '') + '); the rest is shown.');
}
