// Verdicts as the viewer tells them: words, sentences, amendments, searches, stalls.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timelineRecord, timelineRow } from '../core/columns.js';
import { findCompile } from '../core/find.js';
import { KIND_DATA, KIND_DUP, KIND_LOST, KIND_RESENT } from '../core/kinds.js';
import { ladderLayout, ladderThing } from '../layout/ladder.js';
import { arrowLabels, kindText, verdictText, verdictWords } from '../text/packet.js';
import { timelineOf, viewOf } from './support/views.mjs';

const GLOSSARY = {
	retransmission: { label: 'retransmission', text: 'Bytes[ of packet {of}] again.[ Either {candidates}.]', cite: 'RFC 9293 3.8.1' },
	'rto-retransmission': { label: 'timeout', text: '[Packet {of} again. ]Silence[ of {silence_ns}][ ({srtts} times)][; number {number}].', cite: 'RFC 6298 5' },
	'tail-loss-probe': { label: 'tail loss probe', text: 'A probe.', cite: 'RFC 8985 7.3' },
	'fast-retransmission': { label: 'fast retransmit', text: 'See {because}[; {sacked_bytes} bytes, {left} to {right}].', cite: 'RFC 5681 3.2' },
	'dup-ack': { label: 'dup ACK', text: 'Duplicate.', cite: 'RFC 5681 2' },
	lost: { label: 'lost', text: 'Lost.', cite: 'RFC 9293 3.8.1' },
};
const data = (n, ms, verdicts, more = {}) => ({ k: 'tcp', n, t: ms * 1e6, conv: 1, from: 'client', flags: 'ACK', seq: 1, ack: 1, len: 100, verdicts, ...more });

/** A conversation of these records. */
function told(...records) {
	const end = { addr: '10.0.0.1', port: 1 };
	return timelineOf([{ k: 'meta', format: 1, glossary: GLOSSARY }, { k: 'conversation', conv: 1, proto: 'tcp', client: end, server: { ...end, port: 2 } },
		...records].map((rec) => JSON.stringify(rec)));
}

const none = told(data(1, 0));
const sentence = (/** @type {any} */ verdict) => verdictText(none, verdict);
const silence = (/** @type {number} */ silence_ns) => sentence({ id: 'rto-retransmission', facts: { silence_ns } });

test('a part of a sentence is left out when nothing is known for one of its places', () => {
	assert.equal(sentence({ id: 'rto-retransmission' }), 'Silence.');
	assert.equal(sentence({ id: 'rto-retransmission', of: 4, number: 2, facts: { silence_ns: 41e6, srtts: 20 } }),
		'Packet 4 again. Silence of 41 ms (2.0 times); number 2.');
	assert.equal(sentence({ id: 'fast-retransmission', because: [8], facts: { sacked_bytes: 3000, left: 4000 } }), 'See packet 8.');
});

test('facts are written as the terminal writes them', () => {
	assert.equal(sentence({ id: 'fast-retransmission', because: [8, 9, 10], facts: { sacked_bytes: 4344, left: 12001, right: 16345 } }),
		'See packets 8, 9 and 10; 4,344 bytes, 12001 to 16345.');
	assert.equal(sentence({ id: 'fast-retransmission', because: [8, 9], facts: { sacked_bytes: 0, left: 0, right: 1 } }),
		'See packets 8 and 9; 0 bytes, 0 to 1.');
	for (const [ns, text] of [[0, '0.00 µs'], [850e3, '850 µs'], [999.7e3, '1.00 ms'], [9.996e6, '10 ms'], [41e6, '41 ms'], [1.2e9, '1.20 s'], [59.6e9, '0.99 min'], [7200e9, '2.00 h'], [-5e6, '-5.00 ms']])
		assert.equal(silence(/** @type {number} */ (ns)), 'Silence of ' + text + '.');
});

test('what nobody could tell apart is named by both, what was for nothing as needless', () => {
	const verdict = { id: 'retransmission', of: 1, sure: 'ambiguous', needed: 'no', candidates: ['rto-retransmission', 'tail-loss-probe'] };
	const tl = told(data(1, 0), data(2, 200, [verdict]));
	assert.equal(verdictWords(tl, verdict), 'timeout or tail loss probe, needless');
	assert.equal(sentence(verdict), 'Bytes of packet 1 again. Either timeout or tail loss probe.');
	assert.equal(arrowLabels(tl, 1)[0], '⟳ seq 1 len 100 timeout or tail loss probe, needless');
	assert.ok(arrowLabels(tl, 1).includes('⟳ timeout or tail loss probe, needless'));
});

test('a retransmission that is lost as well is both', () => {
	const tl = told(data(1, 0), data(2, 200, [{ id: 'lost' }, { id: 'rto-retransmission', of: 1, number: 2 }], { lost: true }));
	assert.equal(tl.cols.kind[1], KIND_LOST);
	assert.equal(kindText(tl, 1), '✕ lost · ⟳ timeout 2');
	assert.equal(arrowLabels(tl, 1)[0], '⟳ seq 1 len 100 timeout 2');
});

test('a tail loss probe with new bytes repeats nothing', () => {
	const tl = told(data(1, 0, [{ id: 'tail-loss-probe' }]), data(2, 1, [{ id: 'tail-loss-probe', of: 1 }]));
	assert.deepEqual([...tl.cols.kind.subarray(0, 2)], [KIND_DATA, KIND_RESENT]);
	assert.equal(arrowLabels(tl, 0)[0], 'seq 1 len 100 tail loss probe');
});

test('an amend takes the place of all verdicts, an empty one takes them away', async () => {
	const tl = told(data(1, 0, [{ id: 'lost' }], { lost: true }), data(2, 1, [{ id: 'fast-retransmission', of: 1, needed: 'unknown' }]), data(3, 2, [{ id: 'dup-ack' }]),
		{ k: 'amend', n: 1, because: 3, lost: false, arrives: 9e6, verdicts: [] },
		{ k: 'amend', n: 2, because: 3, verdicts: [{ id: 'fast-retransmission', of: 1, needed: 'no' }, { id: 'dup-ack' }] });
	assert.deepEqual([...tl.cols.kind.subarray(0, 3)], [KIND_DATA, KIND_RESENT, KIND_DUP]);
	assert.equal(tl.cols.arr[0], 9e6);
	assert.deepEqual((await timelineRecord(tl, 0)).verdicts, []);
	assert.equal(kindText(tl, 0), 'data');
	assert.equal(kindText(tl, 1), '⟳ fast retransmit, needless');
	const found = (/** @type {string} */ word) => [0, 1, 2].filter((row) => findCompile(word, tl)?.(row));
	assert.deepEqual(found('needless'), [1]);
	assert.deepEqual(found('verdict:fast-retransmission needless'), [1]);
	assert.equal(tl.convs[0].marks, 2);
	assert.deepEqual([0, 1, 2].filter(/** @type {any} */ (findCompile('verdict:dup-ack', tl))), [1, 2]);
});

test('find: a whole id means no other one, a part of an id or label all of them', () => {
	const tl = told(data(1, 0, [{ id: 'retransmission' }]), data(2, 1, [{ id: 'fast-retransmission' }]), data(3, 2, [{ id: 'rto-retransmission' }]), data(4, 3));
	const found = (/** @type {string} */ query) => [0, 1, 2, 3].filter(/** @type {any} */ (findCompile(query, tl)));
	assert.deepEqual(found('verdict:retransmission'), [0]);
	assert.deepEqual(found('verdict:retransm'), [0, 1, 2]);
	assert.deepEqual(found('verdict:timeout'), [2]);
	assert.deepEqual(found('Fast retransmit'), [1]);
	assert.deepEqual(found('verdict:x'), []);
});

test('a stall is a band from the packet before to the one that ends it, marked at the end that waited', () => {
	const stall = { k: 'note', t: 1e6, end: 400e6, level: 'info', code: 'stall', conv: 1, who: 'server', waits: 'retransmission-timer', because: [2, 3], text: 'It waited.' };
	const tl = told(data(1, 0), data(2, 1), data(3, 400), data(4, 401), stall);
	for (const mode of ['elastic', 'rows', 'true']) {
		const view = viewOf(tl, 0, mode, { height: 1400 }), ladder = ladderLayout(view), g = ladder.geometry;
		const bars = /** @type {any[]} */ (ladder.lanes.filter((prim) => prim.role === 'stall'));
		assert.deepEqual(bars.map((bar) => [bar.x, bar.w]), [[g.xc, g.xs - g.xc], [g.xs - 6, 6]]);
		assert.ok(Math.abs(bars[0].y - g.y(view.map.dep[1])) < 0.01 && Math.abs(bars[0].y + bars[0].h + 2 - g.y(view.map.dep[2])) < 0.01, mode);
		assert.equal(/** @type {any} */ (ladderThing(ladder, g.xc + 50, bars[0].y + bars[0].h / 2)).n, 3);
		if (mode !== 'elastic') continue;
		assert.equal(/** @type {any} */ (ladder.arrows.find((prim) => prim.role === 'stall')).text, 'server waits: retransmission timer · 0.40 s');
		// A fold inside of it is drawn over it.
		assert.ok(ladder.lanes.findIndex((prim) => prim.role === 'fold') > ladder.lanes.indexOf(bars[1]));
	}
});

test('a stall that names no packet, or no end, breaks nothing', () => {
	const tl = told(data(1, 0), data(2, 500), { k: 'note', t: 0, end: 500e6, code: 'stall', conv: 1, because: [77] }, { k: 'note', t: 0, code: 'stall', conv: 1 });
	assert.equal(ladderLayout(viewOf(tl, 0, 'elastic')).lanes.filter((prim) => prim.role === 'stall').length, 2);
	assert.equal(timelineRow(tl, 77), -1);
});
