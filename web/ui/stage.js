// The ladder on screen: three canvases on top of each other (lanes, arrows, overlay), so that
// hovering repaints no arrow; and the pointer.

import { callTouches, rowCalls } from '../core/calls.js';
import { timelineRow } from '../core/columns.js';
import { abs, max, min } from '../core/math.js';
import { themeFont } from '../draw/theme.js';
import { arrowGlow } from '../layout/arrows.js';
import { playheadDraw } from '../layout/playhead.js';
import { HEAD_HEIGHT, BODY_PAD, bodyClip } from '../layout/geometry.js';
import { ladderHit, ladderLayout, ladderThing } from '../layout/ladder.js';
import { callGlow } from '../layout/programs.js';
import { arrowLabels, kindText } from '../text/packet.js';
import { stepText } from '../text/lesson.js';
import { convStory } from '../text/story.js';
import { timeNamed } from '../text/format.js';
import { appCall, appChoose, appEmit, appHover, appPan, appStepNow, appTold, appZoom } from './app.js';
import { domOn, h } from './dom.js';
import { paint } from './paint.js';

/** @typedef {import('./app.js').App} App */

/** @type {Map<string, number>} */
const STAGE_WIDTHS = new Map();
/** @type {CanvasRenderingContext2D|null} */
let stageRuler = null;

/** Widths from the browser's own fonts, remembered. @type {import('../layout/prims.js').Measure} */
export function stageMeasure(text, size, weight, mono) {
	const key = weight + (mono ? 'm' : 's') + text;
	let width = STAGE_WIDTHS.get(key);
	if (width === undefined) {
		stageRuler = stageRuler ?? document.createElement('canvas').getContext('2d');
		if (!stageRuler) return text.length * size * 0.6;
		// Measured large and scaled: text widths grow evenly, and one entry serves all sizes.
		stageRuler.font = themeFont(100, weight, mono);
		width = stageRuler.measureText(text).width / 100;
		if (STAGE_WIDTHS.size > 20000) STAGE_WIDTHS.clear();
		STAGE_WIDTHS.set(key, width);
	}
	return width * size;
}

/** @param {App} app @returns {import('../layout/geometry.js').View|null} what the ladder shows now */
export function stageView(app) {
	if (!app.conv || !app.map || !app.lod) return null;
	return {
		tl: app.tl, conv: app.conv, map: app.map, lod: app.lod, width: app.width, height: app.height,
		top: app.top, zoom: app.zoom, chosen: app.call < 0 ? app.chosen : -1, match: app.match, measure: stageMeasure,
		unit: app.unit, call: app.call, folded: app.folded, beside: app.folded.has('beside') ? null : app.beside,
	};
}

/** @param {App} app */
export function stageMake(app) {
	const canvases = ['lanes', 'arrows', 'overlay'].map((name) => h('canvas.layer', { hidden: name === 'overlay' }));
	const tip = h('div.tip', { hidden: true, role: 'presentation' });
	const caption = h('div.caption', { hidden: true, role: 'presentation' });
	const box = h('div.stage', { role: 'img', tabindex: 0, id: 'stage' }, canvases, tip, caption);
	const stage = { box, canvases, tip };
	new ResizeObserver(() => stageResize(app, stage)).observe(box);
	stagePointer(app, stage);
	app.listeners.push((what) => {
		if (what.has('view')) box.hidden = app.view !== 'ladder';
		if (app.view !== 'ladder') return;
		const step = appStepNow(app);
		caption.hidden = !step;
		if (step && app.map) caption.textContent = 'event ' + (app.step + 1) + ' of ' + app.steps?.length + ': ' + stepText(app.tl, app.map, step);
		if (what.has('conv') && app.conv) box.setAttribute('aria-label', 'Ladder diagram. ' + convStory(app.tl, app.conv) + (app.beside ? ' Beside it: ' + convStory(app.tl, app.beside.conv) : ''));
		if (appTold(what, 'map', 'range', 'chosen', 'theme', 'query', 'size', 'view', 'conv', 'data'))
			stageDraw(app, stage);
		else if (appTold(what, 'hover', 'step')) stageOverlay(app, stage);
	});
	return stage;
}

/** @typedef {{ box: HTMLElement, canvases: HTMLCanvasElement[], tip: HTMLElement }} Stage */

/** @param {App} app @param {Stage} stage */
export function stageResize(app, stage) {
	const { clientWidth: width, clientHeight: height } = stage.box;
	if (width === 0 || height === 0 || (width === app.width && height === app.height)) return;
	app.width = width;
	app.height = height;
	appEmit(app, 'size', 'range');
}

/** @param {App} app @param {Stage} stage */
function stageDraw(app, stage) {
	const view = stageView(app);
	if (!view && !app.ladder) return;
	app.ladder = view ? ladderLayout(view) : null;
	paint(app, stage.canvases[0], app.width, app.height, app.ladder?.lanes ?? []);
	paint(app, stage.canvases[1], app.width, app.height, app.ladder?.arrows ?? []);
	stageOverlay(app, stage);
}

/** @param {App} app @param {Stage} stage */
function stageOverlay(app, stage) {
	const { tl, ladder } = app, over = [app.overCall, app.call].filter((i) => i >= 0), view = stageView(app);
	const arrows = ladder?.list.filter((a) => a.row === app.hover || over.some((i) => callTouches(tl, i, a.row))) ?? [];
	const calls = new Set([app.overCall, ...[app.hover, view?.chosen ?? -1].flatMap((row) => row < 0 ? [] : rowCalls(tl, row))]);
	const bars = ladder?.lanes.filter((p) => p.kind === 'bar' && p.role === 'call' && p.title && calls.has(p.call ?? -1)) ?? [];
	const canvas = stage.canvases[2], step = appStepNow(app);
	// An empty overlay needs no canvas; the first hover makes it.
	if (arrows.length + bars.length === 0 && !step && canvas.hidden) return;
	canvas.hidden = false;
	app.over = ladder && view ? [...(step ? playheadDraw(ladder.own ?? ladder, step, view) : []), bodyClip(view),
		...arrows.map((a) => arrowGlow(a, 'hover')), ...bars.map((bar) => callGlow(/** @type {any} */ (bar), 'hover-call')), { kind: 'unclip', role: 'body' }] : [];
	paint(app, canvas, app.width, app.height, app.over);
}

/** @param {App} app @param {Stage} stage */
function stagePointer(app, stage) {
	const { box } = stage;
	/** @type {number|null} where the pointer went down, and has come to since */
	let down = null;
	let moved = 0;
	domOn(box, {
		pointerdown: (event) => {
			if (event.button !== 0) return;
			down = event.clientY;
			moved = 0;
			box.setPointerCapture(event.pointerId);
		},
		pointermove: (event) => {
			if (down === null) return stageHover(app, stage, event);
			const dy = event.clientY - down;
			moved += abs(dy);
			if (moved < 4) return;
			box.classList.add('dragging');
			stage.tip.hidden = true;
			appPan(app, -dy);
			down = event.clientY;
		},
		pointerup: (event) => {
			if (down !== null && moved < 4) stageClick(app, stage, event);
			down = null;
			box.classList.remove('dragging');
		},
		pointercancel: () => { down = null; },
		pointerleave: () => stageHover(app, stage, null),
	});
	box.addEventListener('wheel', (event) => stageWheel(app, stage, event), { passive: false });
}

/** @param {App} app @param {Stage} stage @param {WheelEvent} event */
function stageWheel(app, stage, event) {
	event.preventDefault();
	const lines = event.deltaMode === 1 ? 18 : event.deltaMode === 2 ? app.height : 1;
	if (event.ctrlKey || event.metaKey) {
		const y = event.clientY - stage.box.getBoundingClientRect().top - HEAD_HEIGHT - BODY_PAD;
		appZoom(app, Math.exp(-event.deltaY * lines * 0.004), y);
	} else appPan(app, event.deltaY * lines);
}

/** Where an event is on the stage, and what is there. @param {App} app @param {Stage} stage @param {PointerEvent} event */
function stageAt(app, stage, event) {
	const at = stage.box.getBoundingClientRect(), x = event.clientX - at.left, y = event.clientY - at.top;
	return { x, y, arrow: app.ladder && ladderHit(app.ladder, x, y), thing: app.ladder && ladderThing(app.ladder, x, y) };
}

/** @param {App} app @param {Stage} stage @param {PointerEvent} event */
function stageClick(app, stage, event) {
	const { arrow, thing } = stageAt(app, stage, event), row = arrow?.row ?? timelineRow(app.tl, thing?.n);
	if (row >= 0) appChoose(app, row);
	else if (thing?.call !== undefined) appCall(app, thing.call);
}

/** @param {App} app @param {Stage} stage @param {PointerEvent|null} event */
function stageHover(app, stage, event) {
	const { x, y, arrow, thing } = event ? stageAt(app, stage, event) : { x: -1, y: -1, arrow: null, thing: null };
	const row = arrow ? arrow.row : -1;
	const text = arrow ? '#' + arrow.n + ' · ' + timeNamed(app.tl.cols.t[row], app.unit) + ' · '
		+ kindText(app.tl, row) + '\n' + arrowLabels(app.tl, row)[0]
		: thing?.title ?? '';
	const call = arrow ? -1 : thing?.call ?? -1;
	stage.box.classList.toggle('pointing', arrow !== null || call >= 0);
	stage.tip.hidden = text === '';
	stage.tip.textContent = text;
	if (text !== '') stageTip(app, stage.tip, x, y);
	appHover(app, row, call);
}

/** @param {App} app @param {HTMLElement} tip @param {number} x @param {number} y */
function stageTip(app, tip, x, y) {
	const left = min(x + 14, app.width - tip.offsetWidth - 6);
	const top = y + 18 + tip.offsetHeight > app.height ? y - tip.offsetHeight - 10 : y + 18;
	tip.style.left = max(4, left) + 'px';
	tip.style.top = max(4, top) + 'px';
}
