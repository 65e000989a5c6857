// The reader: lines to columns, blocks to lines, what is broken is named and the rest is kept.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64Decode, crc32Hex, textPreview, visibleText } from '../core/bytes.js';
import { blockRead, blocksCheck, blocksInText } from '../core/blocks.js';
import { convRows, timelineRecord, timelineRow } from '../core/columns.js';
import { tapOf } from '../core/delay.js';
import { findCompile } from '../core/find.js';
import { KINDS, KIND_CTL, KIND_DATA, KIND_DUP, KIND_RESENT } from '../core/kinds.js';
import { lodCounts, lodMake, lodSum } from '../core/lod.js';
import { MAP_APART, mapTapY, mapTimeAt, mapYAt } from '../core/timemap.js';
import { jobRun } from '../ui/job.js';
import { pageData } from './support/page.mjs';
import { sampleLines } from './support/sample.mjs';
import { specialLines } from './support/special.mjs';
import { largeLines } from './support/large.mjs';
import { mapBuild, timelineOf } from './support/views.mjs';

const demo = timelineOf(sampleLines());

/** @param {any} job */
async function runJob(job) {
	const parts = [];
	await jobRun(job, (part) => parts.push(part));
	return { wrong: parts.map((p) => p.wrong).filter((w) => w), rows: parts.reduce((n, p) => n + p.batch.rows, 0), bad: parts.flatMap((p) => p.batch.bad) };
}

test('base64 and CRC-32 agree with the known ones', () => {
	assert.deepEqual([...base64Decode('aGVs bG8=')], [...Buffer.from('hello')]);
	assert.equal(base64Decode('*'), null);
	assert.equal(crc32Hex(Buffer.from('123456789')), 'cbf43926');
});

test('control and bidi characters are shown, not obeyed', () => {
	assert.equal(visibleText('a\u001b[31m\n\u202eb\u0000'), 'a\\x1b[31m\\n[U+202E]b\\x00');
	assert.equal(textPreview(Buffer.from('hello\r\n'), 20), 'hello');
	assert.equal(textPreview(Buffer.from([1, 2, 3]), 20), '');
});

test('the demo becomes five conversations with their packets', () => {
	assert.equal(demo.convs.length, 5);
	assert.deepEqual(demo.convs.map((c) => c.proto), ['tcp', 'tcp', 'tcp', 'udp', 'udp']);
	assert.equal(demo.convs.reduce((n, c) => n + c.count, 0), demo.rows);
	assert.equal(convRows(demo, 0).length, 23);
});

test('packet kinds follow verdicts first, then flags, then data', () => {
	const kind = (n) => demo.cols.kind[timelineRow(demo, n)];
	assert.equal(kind(1), KIND_CTL);
	assert.equal(kind(4), KIND_DATA);
	assert.equal(kind(17), KIND_RESENT);
	const [row] = [...demo.extras].find(([, extra]) => extra.verdicts?.[0].id === 'dup-ack');
	assert.equal(demo.cols.kind[row], KIND_DUP);
});

test('a packet\'s full record is read again from its line', async () => {
	const rec = await timelineRecord(demo, timelineRow(demo, 17));
	assert.equal(rec.n, 17);
	assert.equal(rec.verdicts[0].of, 16);
});

test('broken lines are named by number and the rest is shown', async () => {
	const lines = sampleLines();
	lines[3] = '{"k":"tcp",';
	lines[7] = '[1]';
	const got = await runJob({ kind: 'file', file: new Blob([lines.join('\n') + '\n']), name: 'x.jsonl' });
	assert.deepEqual(got.bad.map((b) => b.line), [4, 8]);
	assert.ok(got.rows > 60);
});

test('one timeline in its three files is the same timeline', async () => {
	const lines = sampleLines(), json = '{"wireladder":1,"records":[\n' + lines.join(',\n') + '\n]}\n';
	const page = '<!DOCTYPE html><html><body>' + pageData(lines, 4000) + '</body></html>';
	for (const [name, text] of [['x.jsonl', lines.join('\n')], ['x.json', json], ['pretty.json', JSON.stringify(JSON.parse(json), null, '\t')], ['x.html', page]]) {
		const got = await runJob({ kind: 'file', file: new Blob([text]), name });
		assert.deepEqual([name, got.rows, got.wrong, got.bad], [name, demo.rows, [], []]);
	}
});

test('missing, short and damaged blocks are told, the others are read', async () => {
	const all = pageData(sampleLines(), 4000).split('\n'), count = all.length - 1;
	const without = blocksInText(all.filter((_, i) => i !== 2 && i !== 4).join('\n'));
	assert.deepEqual(blocksCheck(without), ['2 of ' + count + ' blocks missing: what they held is not shown.']);
	assert.match(blocksCheck(blocksInText(all[0]))[0], /last block/);
	const first = blocksInText(all.join('\n')).blocks[0];
	assert.equal((await blockRead(first)).wrong, '');
	assert.match((await blockRead({ ...first, length: 1 })).wrong, /bad length/);
	assert.match((await blockRead({ ...first, crc: '00000000' })).wrong, /bad CRC/);
	assert.match((await blockRead({ ...first, text: first.text.slice(0, 200) })).wrong, /gzip/);
	assert.match((await blockRead({ ...first, text: '***' })).wrong, /base64/);
});

test('unknown kinds, unknown keys and __proto__ change nothing', () => {
	const tl = timelineOf([...sampleLines(), '{"k":"kernel","t":1}', '{"k":"__proto__"}', '{"__proto__":{"polluted":1},"k":"tcp","n":999,"t":1,"conv":1,"from":"client","flags":"ACK"}', '{"k":"constructor"}']);
	assert.equal(/** @type {any} */ ({}).polluted, undefined);
	assert.equal(tl.rows, demo.rows + 1);
});

test('an amend changes the packet that it names', () => {
	const tl = timelineOf([...specialLines('two'), '{"k":"amend","n":5,"lost":false,"arrives":70000000}']);
	const row = timelineRow(tl, 5);
	assert.equal(tl.cols.kind[row], KIND_DATA);
	assert.equal(tl.cols.arr[row], 70000000);
});

test('the tap is told from the records', () => {
	const place = (lines) => { const tl = timelineOf(lines); return tapOf(tl, tl.convs[0]); };
	assert.equal(place(sampleLines()).place, 'both');
	assert.equal(place(specialLines('two')).place, 'seen');
	assert.deepEqual(place(specialLines('client')), { place: 'client', delay: 20e6 });
	assert.equal(place(specialLines('icmp')).place, 'unknown');
});

test('elastic: events of one lifeline stand apart, time never runs upwards, waits are folded', () => {
	for (const lines of [sampleLines(), specialLines('two'), specialLines('client'), [...largeLines(5000, 2)]]) {
		const tl = timelineOf(lines), conv = tl.convs[0], map = mapBuild(tl, conv, tapOf(tl, conv), 'elastic');
		const line = [[], []];
		for (let i = 0; i < map.rows.length; i++) {
			const s = map.server(i) ? 1 : 0;
			assert.ok(map.arr[i] >= map.dep[i]);
			line[s].push(map.dep[i]);
			if (!(tl.cols.bits[map.rows[i]] & 2)) line[1 - s].push(map.arr[i]);
			if (i > 0) assert.ok(mapTapY(map, i) >= mapTapY(map, i - 1));
		}
		for (const ys of line) {
			ys.sort((a, b) => a - b);
			for (let i = 1; i < ys.length; i++) assert.ok(ys[i] - ys[i - 1] >= MAP_APART - 1e-6);
		}
		assert.ok(map.folds.length > 0);
		for (const fold of map.folds) assert.ok(fold.dt > 0 && fold.y1 > fold.y0);
	}
});

test('a clock that steps back draws nothing upwards', () => {
	const rec = (n, t) => JSON.stringify({ k: 'tcp', n, t, conv: 1, from: n % 2 ? 'client' : 'server', flags: 'ACK' });
	const tl = timelineOf(['{"k":"conversation","conv":1,"proto":"tcp","client":{"addr":"10.0.0.1","port":1},"server":{"addr":"10.0.0.2","port":2}}', rec(1, 0), rec(2, 9e9), rec(3, 4e9), rec(4, 1e10)]);
	const map = mapBuild(tl, tl.convs[0], tapOf(tl, tl.convs[0]), 'elastic');
	for (let i = 1; i < 4; i++) assert.ok(map.dep[i] > map.dep[i - 1]);
});

test('time and height lead to each other in every mode', () => {
	for (const mode of ['elastic', 'rows', 'true']) {
		const map = mapBuild(demo, demo.convs[0], tapOf(demo, demo.convs[0]), mode);
		for (let i = 0; i < map.rows.length; i++) {
			const t = demo.cols.t[map.rows[i]], y = mapTapY(map, i);
			assert.ok(Math.abs(mapYAt(map, t) - y) < 0.01);
			assert.ok(Math.abs(mapTimeAt(map, y) - t) < 1000);
		}
	}
});

test('levels of detail count every packet once', () => {
	const tl = timelineOf([...largeLines(70000, 1)]), conv = tl.convs[0];
	const map = mapBuild(tl, conv, tapOf(tl, conv), 'elastic'), lod = lodMake(map);
	assert.ok(lod.sums);
	const all = lodCounts(lod, 0, map.total, 500), kinds = KINDS.map((_, kind) => kind);
	let sum = 0;
	for (let bin = 0; bin < all.bins; bin++) sum += lodSum(all, bin, kinds, [0, 1]);
	assert.equal(all.bins, 500);
	assert.equal(sum, 70000);
});

test('find: flags, numbers, packet numbers, verdict words and payload text', () => {
	const found = (query) => [...convRows(demo, 0)].filter(/** @type {any} */ (findCompile(query, demo))).map((row) => demo.cols.n[row]);
	assert.deepEqual(found('syn'), [1, 2]);
	assert.deepEqual(found('syn ack'), [2]);
	assert.deepEqual(found('#12'), [12]);
	assert.deepEqual(found('seq 1 len>0'), [4, 6]);
	assert.deepEqual(found('len > 17 client'), [16, 17]);
	assert.deepEqual(found('retransmission'), [17]);
	assert.deepEqual(found('resent'), [17]);
	assert.deepEqual(found('hello'), [4, 6]);
	assert.deepEqual(found('rst'), []);
	assert.equal(findCompile('  ', demo), null);
});
