// What is drawn: every packet once, nothing upwards, no label on another, folds where waits are.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boxesTouch } from '../layout/labels.js';
import { ladderLayout } from '../layout/ladder.js';
import { laneBoxes } from '../layout/lanes.js';
import { geometryOf } from '../layout/geometry.js';
import { svgString, svgTree } from '../draw/svg.js';
import { themeColors } from '../draw/theme.js';
import { specialLines } from './support/special.mjs';
import { sampleLines } from './support/sample.mjs';
import { largeLines } from './support/large.mjs';
import { timelineOf, viewOf } from './support/views.mjs';

const demo = timelineOf(sampleLines());

/** @param {any[]} list */
function labelBoxes(list) {
	return list.filter((p) => p.kind === 'text' && (p.role === 'label' || p.role === 'lost-label')).map((p) => ({
		x: p.x, y: p.y, w: p.w / 2, h: p.size * 0.45, c: Math.cos(p.angle ?? 0), s: Math.sin(p.angle ?? 0), text: p.text,
	}));
}

test('labels never touch, whatever the conversation, mode, zoom and width', () => {
	const timelines = [demo, timelineOf(specialLines('two')), timelineOf(specialLines('client')), timelineOf(specialLines('icmp'))];
	for (const tl of timelines) for (let conv = 0; conv < tl.convs.length; conv++)
		for (const mode of ['elastic', 'rows', 'true']) for (const zoom of [0.3, 0.7, 1, 1.7]) for (const width of [480, 760, 1100]) {
			const boxes = labelBoxes(ladderLayout(viewOf(tl, conv, mode, { zoom, width })).arrows);
			for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++)
				assert.ok(!boxesTouch(boxes[i], boxes[j]), boxes[i].text + ' touches ' + boxes[j].text);
		}
});

test('every packet of a conversation is one arrow with a label', () => {
	const view = viewOf(demo, 0, 'elastic', { height: 2000 });
	const { arrows, list } = ladderLayout(view);
	assert.equal(list.length, demo.convs[0].count);
	const labelled = new Set(arrows.filter((p) => p.role === 'label').map((p) => p.n));
	for (const a of list) assert.ok(labelled.has(a.n), 'packet ' + a.n + ' has no label');
});

test('arrows lead downwards from the sender to the receiver', () => {
	for (const mode of ['elastic', 'rows', 'true'])
		for (const a of ladderLayout(viewOf(demo, 0, mode, { height: 3000 })).list) {
			assert.ok(a.y2 >= a.y1);
			assert.equal(a.x1 > a.x2, a.server);
		}
});

test('a lost packet stops at a cross and says why', () => {
	const { arrows, geometry } = ladderLayout(viewOf(timelineOf(specialLines('two')), 0, 'elastic', { height: 1500 }));
	const cross = arrows.find((p) => p.role === 'lost');
	assert.equal(cross.n, 5);
	assert.ok(cross.x1 > geometry.xc + 50 && cross.x2 < geometry.xs - 50);
	assert.ok(arrows.some((p) => p.role === 'lost-label' && /drop data segment 2/.test(p.text ?? '')));
	assert.ok(!arrows.some((p) => p.kind === 'head' && p.n === 5));
});

test('a resent packet is a double line with its sign', () => {
	const { arrows } = ladderLayout(viewOf(demo, 0, 'elastic', { height: 1500 }));
	assert.equal(arrows.filter((p) => p.kind === 'line' && p.role === 'arrow' && p.n === 17).length, 2);
	assert.ok(arrows.some((p) => p.role === 'label' && p.n === 17 && p.text.startsWith('\u27f3')));
});

test('a tap at the client leaves the far half dotted', () => {
	const view = viewOf(timelineOf(specialLines('client')), 0, 'elastic', { height: 1500 });
	const { arrows, list, geometry } = ladderLayout(view);
	assert.equal(view.map.tap.place, 'client');
	for (const a of list) assert.equal(a.far, a.server ? 'tail' : 'head');
	const dotted = arrows.filter((p) => p.kind === 'line' && p.dash?.[0] === 1.5);
	const middle = (geometry.xc + geometry.xs) / 2;
	for (const p of dotted) assert.ok(Math.min(p.x1, p.x2) >= middle - 5);
});

test('one tap for both ends gives one slant to all', () => {
	const { list } = ladderLayout(viewOf(demo, 0, 'elastic', { zoom: 1, height: 2000 }));
	for (const a of list) assert.equal(Math.round(a.y2 - a.y1), 12);
});

test('state lanes change where the arrows end', () => {
	const view = viewOf(demo, 0, 'elastic', { height: 2000 }), g = geometryOf(view);
	const client = laneBoxes(view, g, false), server = laneBoxes(view, g, true);
	assert.deepEqual(client.map((b) => b.name), ['CLOSED', 'SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT']);
	assert.deepEqual(server.map((b) => b.name), ['', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT', 'LAST-ACK', 'CLOSED']);
	assert.equal(client[1].y0, g.y(view.map.dep[0]));
	assert.equal(server[1].y0, g.y(view.map.arr[0]));
	assert.equal(server.at(-1).inferred, true);
	assert.match(server[0].title, /LISTEN/);
});

test('UDP lanes say that there is no state', () => {
	const view = viewOf(demo, 3, 'elastic');
	assert.deepEqual(laneBoxes(view, geometryOf(view), false).map((b) => b.name), ['no state']);
});

test('too many packets for arrows become bands, and rare ones keep their own bars', () => {
	const tl = timelineOf([...largeLines(9000, 1)]), view = viewOf(tl, 0, 'elastic', {});
	view.zoom = view.height / view.map.total;
	const { arrows, bands, list } = ladderLayout(view);
	assert.equal(bands, true);
	assert.equal(list.length, 0);
	assert.ok(arrows.some((p) => p.role === 'band'));
	assert.ok(arrows.some((p) => p.role === 'band-rare' && p.fill === 'resent'));
	assert.ok(arrows.length < 4000);
});

test('the SVG holds the same things and no markup from packets', () => {
	const ladder = ladderLayout(viewOf(demo, 1, 'elastic', { height: 1500 }));
	const text = svgString(svgTree([...ladder.lanes, ...ladder.arrows], themeColors('light'), 1000, 1500));
	assert.ok(!text.includes('<script'));
	assert.ok(text.includes('&lt;script&gt;'));
	assert.ok(!text.includes(' style='));
	assert.ok(!/[\u0000-\u0008\u202e]/.test(text));
	assert.equal((text.match(/<g /g) ?? []).length, (text.match(/<\/g>/g) ?? []).length);
});

test('times near the end of 64 bits do not stop the axis', () => {
	const rec = (n, t) => JSON.stringify({ k: 'tcp', n, t, conv: 1, from: 'client', flags: 'ACK' });
	for (const times of [[9.2e18], [9.2e18, 9.2e18 + 2048], [-9.2e18, 9.2e18], [0]]) {
		const tl = timelineOf(['{"k":"conversation","conv":1,"proto":"tcp","client":{"addr":"10.0.0.1","port":1},"server":{"addr":"10.0.0.2","port":2}}', ...times.map((t, i) => rec(i + 1, t))]);
		for (const mode of ['elastic', 'rows', 'true']) for (const zoom of [0.1, 1, 1e6, 1e9])
			assert.ok(ladderLayout(viewOf(tl, 0, mode, { zoom })).lanes.length < 2000);
	}
});

test('times far from the start, long waits and long addresses stay inside and apart', () => {
	const far = (addr, t, gap) => timelineOf([
		{ k: 'meta', wireladder: '0', format: 1 },
		{ k: 'conversation', conv: 1, proto: 'tcp', client: { addr, port: 60201 }, server: { addr, port: 443 } },
		...[0, 2000, 4000, gap, gap + 2000].map((dt, i) => ({ k: 'tcp', n: i + 1, t: t + dt, conv: 1, from: i % 2 ? 'server' : 'client', flags: 'ACK', seq: 1, ack: 1 })),
	].map((rec) => JSON.stringify(rec)));
	for (const tl of [far('192.0.2.1', 52201666581e6, 9e10), far('2001:db8:1234:5678:9abc:def0:1234:5678', 0, 15226702000), far('10.0.0.1', -9e15, 9e9)])
		for (const width of [460, 620, 1000]) for (const mode of ['elastic', 'rows', 'true']) {
			const view = viewOf(tl, 0, mode, { width, unit: { name: 'ms', ns: 1e6, decimals: 3 } }), { lanes } = ladderLayout(view);
			const texts = lanes.filter((p) => p.kind === 'text' && !p.angle);
			const left = (p) => p.x - (p.align === 'end' ? p.w : p.align === 'middle' ? p.w / 2 : 0);
			for (const p of texts) assert.ok(left(p) >= 0 && left(p) + p.w <= width, mode + ' ' + width + ': ' + p.text);
			const heads = texts.filter((p) => p.role === 'heading');
			for (const a of heads) for (const b of heads)
				assert.ok(a === b || Math.abs(a.y - b.y) >= 11 || left(a) >= left(b) + b.w || left(b) >= left(a) + a.w, a.text + ' touches ' + b.text);
		}
});
