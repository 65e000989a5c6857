// Lessons, as the program wrote them: every event is a step, in order; forks, losses and the
// wire's own words stand where they happened.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BIT_BETWEEN, BIT_COPY, BIT_LOST } from '../core/kinds.js';
import { stepsOf } from '../core/steps.js';
import { timelineRow } from '../core/columns.js';
import { ladderLayout } from '../layout/ladder.js';
import { playheadDraw } from '../layout/playhead.js';
import { stepText, wireFacts } from '../text/lesson.js';
import { arrowLabels, lostLabel } from '../text/packet.js';
import { timelineOf, viewOf } from './support/views.mjs';

const lines = (name) => readFileSync(new URL('../../tests/browser/lessons/' + name + '.jsonl', import.meta.url), 'utf8').trimEnd().split('\n');
const fast = timelineOf(lines('fast-retransmit')), twice = timelineOf(lines('duplicate'));

test('each departure, arrival, loss and state is one step, and no step goes back', () => {
	for (const mode of ['elastic', 'true']) {
		const { map } = viewOf(fast, 0, mode), steps = stepsOf(map);
		const count = (kind) => steps.filter((step) => step.kind === kind).length;
		const lost = map.rows.filter((row) => fast.cols.bits[row] & BIT_LOST).length;
		assert.equal(lost, 1);
		assert.equal(count('sent'), map.rows.length);
		assert.equal(count('lost'), lost);
		assert.equal(count('arrived'), map.rows.length - lost);
		assert.equal(count('state'), fast.sheets.state.rows);
		for (let i = 1; i < steps.length; i++) assert.ok(steps[i].y >= steps[i - 1].y);
		for (const end of ['arrived', 'lost']) for (const step of steps.filter((s) => s.kind === end))
			assert.ok(steps.indexOf(step) > steps.findIndex((s) => s.kind === 'sent' && s.i === step.i));
	}
});

test('a copy is sent by nobody', () => {
	const { map } = viewOf(twice, 0, 'elastic'), steps = stepsOf(map);
	const copy = map.rows.findIndex((row) => twice.cols.bits[row] & BIT_COPY);
	assert.deepEqual(steps.filter((step) => step.i === copy && !step.mark).map((step) => step.kind), ['arrived']);
});

test('an end that no tap saw gives no steps', () => {
	const { map } = viewOf(fast, 0, 'elastic');
	assert.ok(!stepsOf({ ...map, tap: { place: 'unknown', delay: 0 } }).some((step) => step.kind === 'arrived'));
});

test('steps are told in words', () => {
	const { map } = viewOf(fast, 0, 'elastic'), told = stepsOf(map).map((step) => stepText(fast, map, step));
	assert.deepEqual(told.slice(0, 3), ['#1 SYN seq 0 leaves the client', 'the client is now SYN-SENT', '#1 SYN seq 0 reaches the server']);
	assert.ok(told.some((text) => /dies on the wire – wire rule: drop data 5$/.test(text)));
	assert.equal(new Set(told).size, told.length);
});

test('the future is dimmed, and what is on its way is a dot on the line', () => {
	const view = viewOf(fast, 0, 'elastic'), ladder = ladderLayout(view), steps = stepsOf(view.map);
	const third = steps.find((step) => step.kind === 'arrived' && step.i === 3);
	const list = playheadDraw(ladder, third, view), line = list.find((p) => p.role === 'playhead');
	const future = list.find((p) => p.role === 'future');
	assert.ok(future.y >= line.y1 && future.y + future.h >= view.height);
	const flying = list.filter((p) => p.role === 'flying');
	const inFlight = ladder.list.filter((a) => a.y1 <= line.y1 && a.y2 > line.y1).map((a) => a.n);
	assert.ok(inFlight.length > 3);
	assert.deepEqual(new Set(flying.map((p) => p.n)), new Set([...inFlight, ladder.list.find((a) => a.i === 3).n]));
	for (const dot of flying) assert.ok(Math.abs(dot.y - line.y1) < 0.01);
});

test('a duplicate forks from its original, half-way', () => {
	const view = viewOf(twice, 0, 'elastic'), { list } = ladderLayout(view);
	const copy = list.find((a) => twice.cols.bits[a.row] & BIT_COPY);
	const original = list.find((a) => a.n === twice.extras.get(copy.row).copyOf);
	assert.ok(Math.abs(copy.x1 - (original.x1 + original.x2) / 2) < 0.01);
	assert.ok(Math.abs(copy.y1 - (original.y1 + original.y2) / 2) < 0.01);
	assert.ok(copy.y2 > original.y2);
	assert.equal(view.map.dep[copy.i], view.map.dep[original.i], 'it takes no room on the lifeline of its sender');
	assert.match(arrowLabels(twice, original.row).join('|'), /doubled by the wire/);
});

test('records that are copies of each other, or of nothing, still draw', () => {
	for (const of of [[19, 8], [8, 8], [999, 0]]) {
		const changed = lines('duplicate').map((line) => JSON.parse(line)).map((rec) =>
			rec.n === 8 ? { ...rec, copy_of: of[0] } : rec.n === 19 ? { ...rec, copy_of: of[1] } : rec);
		const tl = timelineOf(changed.map((rec) => JSON.stringify(rec)));
		for (const a of ladderLayout(viewOf(tl, 0, 'elastic')).list) assert.ok(a.y2 >= a.y1 && Number.isFinite(a.x1));
	}
});

test('an ICMP error leaves the wire at the cross of the packet that it quotes', () => {
	const recs = lines('fast-retransmit').map((line) => JSON.parse(line));
	const lost = recs.find((rec) => rec.lost), last = recs.findLastIndex((rec) => rec.k === 'tcp'), at = recs[last];
	recs.splice(last + 1, 0, { k: 'icmp', n: at.n + 1, t: at.t + 1000, conv: 1, from_addr: '10.77.0.254', to_addr: '10.77.0.1', type: 3, code: 4,
		text: 'destination unreachable: fragmentation needed', quotes: lost.n });
	const tl = timelineOf(recs.map((rec) => JSON.stringify(rec))), { list } = ladderLayout(viewOf(tl, 0, 'elastic', { height: 5000 }));
	const icmp = list.find((a) => tl.cols.bits[a.row] & BIT_BETWEEN), cross = list.find((a) => a.n === lost.n);
	assert.deepEqual([icmp.x1, icmp.y1], [cross.x2, cross.y2]);
	assert.ok(arrowLabels(tl, timelineRow(tl, icmp.n)).includes('ICMP fragmentation needed'));
});

test('a loss without a rule says what is known of it', () => {
	const row = 0, tl = (fate) => ({ extras: new Map([[row, { fate }]]) });
	assert.equal(lostLabel(tl([{ did: 'queue-drop' }]), row), 'dropped: the queue is full');
	assert.equal(lostLabel(tl([{ did: 'too-big' }]), row), 'dropped: too big for the link');
	assert.equal(lostLabel(tl([{ did: '__proto__' }]), row), 'lost: it never arrived');
	assert.equal(lostLabel(tl(undefined), row), 'lost: it never arrived');
	assert.equal(lostLabel(tl([{ did: 'drop', rule: 'drop fin' }]), row), 'wire rule: drop fin');
});

test('the wire is told by direction only where they differ', () => {
	const slow = { delay_ns: 10e6, rate: 1e6, queue: 20, mtu: 1000, stall_ns: 3e8, stall_from_ns: 1e9 };
	assert.deepEqual(wireFacts(undefined), [['each way', 'at once']]);
	assert.deepEqual(wireFacts({ to_server: { delay_ns: 1e6 }, to_client: { delay_ns: 1e6 } }), [['each way', 'delay 1.00 ms']]);
	assert.deepEqual(wireFacts({ to_server: slow }), [['to the server', 'delay 10.0 ms · 1\u2009000 kbit/s · a queue of 20 · MTU 1000 · stands still for 0.30 s after 1.00 s'],
		['to the client', 'at once']]);
});

