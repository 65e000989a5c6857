// What the page shows now, and every way to change it. Parts (stage, panel, table ...) listen
// and draw; they change nothing but through the functions here.

import { BIT_FLAW, BIT_NOTE, BIT_VERDICT } from '../core/kinds.js';
import { convRows, timelineMake } from '../core/columns.js';
import { tapOf } from '../core/delay.js';
import { findCompile } from '../core/find.js';
import { lodMake } from '../core/lod.js';
import { max, min, nearest } from '../core/math.js';
import { stepsOf } from '../core/steps.js';
import { mapPlace, mapSteps, mapTapY, mapTimeAt, mapYAt } from '../core/timemap.js';
import { axisGap } from '../layout/axis.js';
import { bodyRoom } from '../layout/geometry.js';
import { timeUnit } from '../text/format.js';
import { convElapsed } from '../text/story.js';

/** @typedef {'data'|'conv'|'map'|'range'|'chosen'|'theme'|'query'|'view'|'size'|'hover'|'drawer'|'problems'|'step'} What */
/** @typedef {'light'|'dark'|'forced'} ThemeName */
/**
 * `chosen` and `hover` are rows, `call` and `overCall` the chosen call and the one pointed at, -1 for none; `folded` names lanes; `steps` are made when they are asked for, `step` is
 * the one that the reader has come to, -1 for none; `unit` is the axis unit of the conversation.
 * @typedef {{ tl: import('../core/columns.js').Timeline, name: string, loaded: boolean,
 *   conv: import('../core/columns.js').Conv|null, map: import('../core/timemap.js').TimeMap|null,
 *   lod: import('../core/lod.js').Lod|null, beside: import('../layout/geometry.js').Shown|null, mode: import('../core/timemap.js').MapMode,
 *   view: 'ladder'|'table', chosen: number, hover: number, call: number, overCall: number, folded: Set<string>, top: number, zoom: number,
 *   steps: import('../core/steps.js').Step[]|null, step: number,
 *   width: number, height: number, query: string, match: ((row: number) => boolean)|null,
 *   found: number[], theme: ThemeName, drawer: boolean, unit: import('../text/format.js').TimeUnit,
 *   problems: string[], status: string, busy: number, listeners: ((what: Set<What>) => void)[],
 *   late: ((what: Set<What>) => void)[], waiting: Set<What>, drawn: boolean,
 *   dirty: Set<What>, frame: number, ladder: import('../layout/ladder.js').Ladder|null,
 *   over: import('../layout/prims.js').Prim[] }} App
 */

/** Conversations up to this size are laid out at once; larger ones in slices. */
const APP_AT_ONCE = 60000;
const APP_SLICE_MS = 20;

/** @returns {App} */
export function appMake() {
	return {
		tl: timelineMake(), name: '', loaded: false, conv: null, map: null, lod: null, beside: null, mode: 'elastic',
		view: 'ladder', chosen: -1, hover: -1, call: -1, overCall: -1, folded: new Set(), top: 0, zoom: 1, steps: null, step: -1, width: 0, height: 0, query: '',
		match: null, found: [], theme: 'light', drawer: false, unit: { name: 'ms', ns: 1e6, decimals: 1 },
		problems: [], status: '', busy: 0, listeners: [], late: [], waiting: new Set(), drawn: false, dirty: new Set(), frame: 0,
		ladder: null, over: [],
	};
}

/** @param {App} app @param {...What} what what has changed; parts are told before the next frame */
export function appEmit(app, ...what) {
	for (const w of what) app.dirty.add(w);
	if (app.frame === 0) app.frame = requestAnimationFrame(() => appFlush(app));
}

/** Whether one of these is among what has changed. @param {Set<What>} what @param {...What} names */
export function appTold(what, ...names) {
	return names.some((name) => what.has(name));
}

/** Tells the parts now. @param {App} app */
export function appFlush(app) {
	if (app.frame !== 0) cancelAnimationFrame(app.frame);
	app.frame = 0;
	const what = app.dirty;
	if (what.size === 0) return;
	app.dirty = new Set();
	for (const listener of app.listeners) listener(what);
	for (const w of what) app.waiting.add(w);
	if (app.drawn) appLate(app);
}

/** The parts around the picture: at the first look they come after it. @param {App} app */
export function appLate(app) {
	const what = app.waiting;
	app.waiting = new Set();
	app.drawn = true;
	for (const listener of app.late) listener(what);
}

/**
 * Shows a conversation; resolves when it is laid out.
 * @param {App} app @param {number} index @param {{ chosen?: number, keep?: boolean }} [how]
 */
export async function appConv(app, index, how = {}) {
	const conv = app.tl.convs[index];
	if (!conv) return;
	const other = app.conv !== conv;
	const swapped = other && appSwap(app, conv);
	app.conv = conv;
	app.hover = app.call = app.overCall = -1;
	if (how.chosen !== undefined) app.chosen = how.chosen;
	// A lesson begins with its story.
	else if (other) app.chosen = conv.count > 0 && !app.tl.meta.lesson ? conv.first : -1;
	if (!swapped) await appLayOut(app, how.keep === true && !other);
	appFind(app);
	appEmit(app, 'conv', 'chosen');
}

/** Makes the time map. @param {App} app @param {boolean} keep the range that is shown */
async function appLayOut(app, keep) {
	const conv = app.conv, turn = ++app.busy;
	if (!conv) return;
	const range = keep ? appRange(app) : null, held = keep ? appHeld(app) : null;
	const steps = mapSteps(app.tl, conv, tapOf(app.tl, conv), app.mode);
	let step = steps.next(), since = performance.now();
	while (!step.done) {
		if (conv.count > APP_AT_ONCE && performance.now() - since > APP_SLICE_MS) {
			await new Promise((resolve) => setTimeout(resolve, 0));
			if (turn !== app.busy) return;
			since = performance.now();
		}
		step = steps.next();
	}
	app.map = step.value;
	app.beside = appBeside(app, conv, app.map);
	app.steps = null;
	app.step = -1;
	app.lod = lodMake(app.map);
	app.unit = timeUnit(convElapsed(app.tl, conv), axisGap(step.value));
	if (held) appHold(app, held);
	else if (range) appShowRange(app, range.t0, range.t1);
	else appFirst(app);
	appEmit(app, 'map', 'range', 'step');
}

/** Height of the picture's body, in pixels. @param {App} app */
export function appRoom(app) {
	return bodyRoom(app.height);
}

/** Height of what is shown. @param {App} app */
function appTotal({ map, beside }) {
	return max(map?.total ?? 0, beside?.map.total ?? 0);
}

/** A lesson that plays over TCP and over UDP shows both beside each other; in linear time they have one scale.
 * @param {App} app @param {import('../core/columns.js').Conv} conv @param {import('../core/timemap.js').TimeMap} own */
function appBeside(app, conv, own) {
	const { tl, mode } = app, pair = tl.convs.filter(({ bare }) => !bare), other = pair.find(({ proto }) => proto !== conv.proto);
	if (!tl.meta.lesson || pair.length !== 2 || !other || !pair.includes(conv) || other.count > APP_AT_ONCE) return null;
	const make = (/** @type {import('../core/columns.js').Conv} */ one, span = 0) => {
		const steps = mapSteps(tl, one, tapOf(tl, one), mode, span);
		for (;;) {
			const { done, value } = steps.next();
			if (done) return value;
		}
	};
	const linear = mode === 'true', map = make(other, linear ? own.total / own.perNs : 0);
	if (linear && map.perNs < own.perNs) app.map = make(conv, map.total / map.perNs);
	return { conv: other, map, lod: lodMake(map) };
}

/** Turns to the conversation beside, where everything stays in its place. @param {App} app
 * @param {import('../core/columns.js').Conv} other @returns {boolean} whether it is there */
function appSwap(app, other) {
	const { conv, map, lod, beside, folded } = app;
	if (folded.has('beside') || beside?.conv !== other || !conv || !map || !lod) return false;
	Object.assign(app, beside, { beside: { conv, map, lod }, steps: null, step: -1 });
	appFind(app);
	appEmit(app, 'map', 'range', 'step', 'conv');
	return true;
}

/** The zoom that shows all. @param {App} app */
function appFitZoom(app) {
	return appRoom(app) / max(appTotal(app), 1);
}

/** In linear time all is shown, else a zoom between two. @param {App} app @param {number} zoom @param {number} least @param {number} most */
function appZoomOf(app, zoom, least, most) {
	return app.mode === 'true' ? appFitZoom(app) : min(max(zoom, least), most);
}

/** The zoom of a first look: all of it if that is readable, else its beginning. @param {App} app */
function appFirstZoom(app) {
	return appZoomOf(app, appFitZoom(app), 1, 1.5);
}

/** Whether what is shown is what a first look would show. @param {App} app */
export function appAtFirst(app) {
	return app.top === 0 && app.zoom === appFirstZoom(app);
}

/** Whether nothing of the conversation is out of view. @param {App} app */
export function appIsWhole(app) {
	return app.top === 0 && appTotal(app) * app.zoom <= appRoom(app) * 1.001;
}

/** @param {App} app */
function appFirst(app) {
	app.zoom = appFirstZoom(app);
	app.top = 0;
	if (app.chosen >= 0) appReveal(app);
}

/** @param {App} app */
export function appFit(app) {
	app.zoom = appZoomOf(app, appFitZoom(app), 0, 3);
	app.top = 0;
	appEmit(app, 'range');
}

/** Keeps the range inside of the conversation. @param {App} app */
function appClamp(app) {
	const total = appTotal(app), room = appRoom(app);
	const least = min(room / max(total, 1e-9), 1);
	const most = app.mode === 'true' ? 1e9 : 6;
	app.zoom = min(max(app.zoom, least), most);
	app.top = max(0, min(app.top, total - room / app.zoom));
}

/** @param {App} app @param {number} factor @param {number} [y] body height that stays where it is */
export function appZoom(app, factor, y) {
	const at = y ?? appAnchor(app), before = app.top + at / app.zoom;
	app.zoom *= factor;
	appClamp(app);
	appScrollTo(app, before - at / app.zoom);
}

/** Where keys zoom: at the chosen packet if it is in view, else in the middle. @param {App} app */
function appAnchor(app) {
	const held = appHeld(app);
	return held && held.y >= 0 && held.y <= appRoom(app) ? held.y : appRoom(app) / 2;
}

/** @param {App} app @param {number} pixels */
export function appPan(app, pixels) {
	appScrollTo(app, app.top + pixels / app.zoom);
}

/** @param {App} app @param {number} top map height */
export function appScrollTo(app, top) {
	app.top = top;
	appClamp(app);
	appEmit(app, 'range');
}

/** The chosen packet and where it stands, so that it can stay there. @param {App} app */
function appHeld(app) {
	if (!app.map || app.chosen < 0) return null;
	const i = mapPlace(app.map, app.chosen);
	return i < 0 ? null : { row: app.chosen, y: (mapTapY(app.map, i) - app.top) * app.zoom };
}

/** @param {App} app @param {{ row: number, y: number }} held */
function appHold(app, held) {
	if (!app.map) return;
	const i = mapPlace(app.map, held.row);
	app.zoom = appZoomOf(app, app.zoom, 1, 1.5);
	app.top = mapTapY(app.map, i) - held.y / app.zoom;
	appClamp(app);
	appReveal(app);
}

/** @param {App} app @param {import('../core/timemap.js').MapMode} mode */
export async function appMode(app, mode) {
	if (app.mode === mode) return;
	app.mode = mode;
	await appLayOut(app, true);
	appEmit(app, 'view');
}

/** Brings the chosen packet into view. @param {App} app @param {boolean} [centre] */
export function appReveal(app, centre = false) {
	const held = appHeld(app);
	if (held) appRevealY(app, held.y, centre);
}

/** @param {App} app @param {number} y body height, as it is now @param {boolean} centre */
function appRevealY(app, y, centre) {
	const room = appRoom(app);
	if (!centre && y >= 0 && y <= room) return;
	appPan(app, y - (centre ? room / 2 : y < 0 ? room * 0.3 : room * 0.6));
}

/** @param {App} app */
export function appStepNow(app) {
	return app.steps?.[app.step] ?? null;
}

/** To the next event; the first step is the chosen packet's departure. The future is dimmed.
 * @param {App} app @param {number} by 1 or -1; 0 shows all again */
export function appEvent(app, by) {
	if (!app.map) return;
	const steps = app.steps = app.steps ?? stepsOf(app.map), place = appPlace(app);
	let to = app.step + by;
	if (app.step < 0) to = place < 0 ? (by > 0 ? 0 : steps.length - 1) : steps.findIndex((step) => step.i === place);
	app.step = by === 0 ? -1 : min(steps.length - 1, max(0, to));
	const step = steps[app.step];
	if (step) appRevealY(app, (step.y - app.top) * app.zoom, false);
	appEmit(app, 'step');
}

/** @param {App} app @param {number} row -1 for none */
export function appChoose(app, row) {
	if (row === app.chosen && app.call < 0) return;
	app.chosen = row;
	app.call = -1;
	appHover(app, -1);
	const index = row >= 0 ? app.tl.cols.conv[row] : -1;
	if (row >= 0 && app.conv && index !== app.conv.index && app.tl.convs[index])
		appConv(app, index, { chosen: row });
	if (row >= 0) appReveal(app);
	appEmit(app, 'chosen');
}

/** @param {App} app @param {number} call */
export function appCall(app, call) {
	const { beside } = app;
	if (beside?.map.calls.includes(call) && appSwap(app, beside.conv)) app.chosen = -1;
	app.call = call;
	appHover(app, -1);
	const y = app.map?.enter[app.map.calls.indexOf(call)];
	if (y !== undefined) appRevealY(app, (y - app.top) * app.zoom, false);
	appEmit(app, 'chosen');
}

/** Folds lanes away, or back. @param {App} app @param {string} lanes */
export function appFold(app, lanes) {
	if (!app.folded.delete(lanes)) app.folded.add(lanes);
	appEmit(app, 'size');
}

/** @param {App} app @param {number} row what the ladder makes stand out, -1 for none @param {number} [call] */
export function appHover(app, row, call = -1) {
	if (row === app.hover && call === app.overCall) return;
	app.hover = row;
	app.overCall = call;
	appEmit(app, 'hover');
}

/** @param {App} app @returns {Uint32Array} rows in the order in which they are shown */
export function appRows(app) {
	return app.map?.rows ?? (app.conv ? convRows(app.tl, app.conv.index) : new Uint32Array(0));
}

/** The place of the chosen row, -1 for none. @param {App} app */
export function appPlace(app) {
	return app.map && app.chosen >= 0 ? mapPlace(app.map, app.chosen) : -1;
}

/** @param {App} app @param {number} by */
export function appStep(app, by) {
	const rows = appRows(app), at = appPlace(app);
	if (rows.length === 0) return;
	const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
	appChoose(app, nearest(rows, next));
}

/** To the next packet found, or that has a verdict, a flaw or a note; behind the last one stands the first.
 * @param {App} app @param {number} by 1 or -1 */
export function appMark(app, by) {
	const { bits } = app.tl.cols, marked = BIT_VERDICT | BIT_FLAW | BIT_NOTE, at = app.chosen;
	const rows = app.match ? app.found : [...appRows(app)].filter((row) => bits[row] & marked);
	const row = by > 0 ? rows.find((other) => other > at) ?? rows[0] : rows.filter((other) => other < at).at(-1) ?? rows.at(-1);
	if (row !== undefined) appChoose(app, row);
}

/** @param {App} app @param {number} by */
export function appNextConv(app, by) {
	if (app.conv) appConv(app, app.conv.index + by);
}

/** @param {App} app @param {string} query */
export function appQuery(app, query) {
	app.query = query;
	appFind(app);
	appEmit(app, 'query', 'range');
}

/** @param {App} app */
function appFind(app) {
	app.match = findCompile(app.query, app.tl);
	app.found = [];
	if (!app.match) return;
	for (const row of appRows(app)) if (app.match(row)) app.found.push(row);
}

/** @param {App} app @param {'ladder'|'table'} view */
export function appView(app, view) {
	app.view = view;
	appEmit(app, 'view', 'range', 'chosen');
}

/** Times in view, ns. @param {App} app */
export function appRange(app) {
	if (!app.map) return null;
	const room = appRoom(app);
	return { t0: mapTimeAt(app.map, app.top), t1: mapTimeAt(app.map, min(app.top + room / app.zoom, app.map.total)) };
}

/** @param {App} app @param {number} t0 @param {number} t1 ns */
export function appShowRange(app, t0, t1) {
	if (!app.map) return;
	// Below the last moment there is no time to tell the heights apart.
	const y0 = mapYAt(app.map, t0), y1 = app.mode === 'true' || t1 < app.map.t1 ? mapYAt(app.map, t1) : app.map.total;
	if (y0 <= 0 && y1 >= mapYAt(app.map, app.map.t1)) return appFit(app);
	app.zoom = appRoom(app) / max(y1 - y0, 1e-6);
	appScrollTo(app, y0);
}

/** The chosen packet in the middle, large enough to be read. @param {App} app */
export function appFocus(app) {
	if (app.chosen < 0) appStep(app, 1);
	if (app.mode !== 'true') app.zoom = max(app.zoom, 1.5);
	appReveal(app, true);
	appEmit(app, 'range');
}

/** @param {App} app @param {string} text */
export function appProblem(app, text) {
	if (!app.problems.includes(text)) app.problems.push(text);
	appEmit(app, 'problems');
}
