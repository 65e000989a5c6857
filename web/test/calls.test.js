// Socket calls and kernel samples: whose they are, where they stand, and what is said of them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { callTouches, rowCalls, samplesAround } from '../core/calls.js';
import { sheetRecord, timelineAppend, timelineIndex, timelineRow } from '../core/columns.js';
import { tapOf } from '../core/delay.js';
import { findCompile } from '../core/find.js';
import { batchMake } from '../core/records.js';
import { stepsOf } from '../core/steps.js';
import { mapTimeAt, mapYAt } from '../core/timemap.js';
import { geometryOf } from '../layout/geometry.js';
import { ladderLayout } from '../layout/ladder.js';
import { laneBoxes } from '../layout/lanes.js';
import { phasesOf } from '../layout/phases.js';
import { themeColors } from '../draw/theme.js';
import { svgString, svgTree } from '../draw/svg.js';
import { callName, callNotes, callResult, callText, programText } from '../text/call.js';
import { stepText } from '../text/lesson.js';
import { convChip } from '../text/story.js';
import { callsRecords } from './support/calls.mjs';
import { mapBuild, timelineOf, viewOf } from './support/views.mjs';

const LESSON = fileURLToPath(new URL('../../tests/browser/lessons/fast-retransmit.jsonl', import.meta.url));
const RECORDS = callsRecords(readFileSync(LESSON, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line)));
const tl = timelineOf(RECORDS.map((r) => JSON.stringify(r)));
const named = (list) => list.map((i) => callName(tl, i));
const wide = (index, mode = 'elastic', more = {}) => viewOf(tl, index, mode, { width: 1300, height: 4000, ...more });
const bars = (ladder) => ladder.lanes.filter((p) => p.role === 'call' && p.kind === 'bar' && p.title);

test('a listening socket belongs to each conversation it gave birth to, a connection to its own', () => {
	for (const index of [0, 1]) {
		const names = named(tl.callsOf[index]);
		for (const name of ['bind()', 'listen()', 'accept()', 'connect()']) assert.equal(names.filter((n) => n === name).length, name === 'accept()' && index === 1 ? 2 : 1, name + index);
		assert.equal(names.filter((n) => n === 'socket()').length, 2, 'the client’s before connect(), the server’s before listen()');
	}
	const [last] = tl.callsOf[1].filter((i) => callResult(tl, i) === 'never returns');
	assert.equal(callName(tl, last), 'accept()');
	assert.ok(!tl.callsOf[0].includes(last), 'what began after a conversation was over is not part of it');
});

test('bars of one thread follow each other, name, wait and result readable, at every zoom of 1', () => {
	for (const index of [0, 1, 2, 3]) for (const mode of ['elastic', 'rows', 'true']) {
		const { map } = wide(index, mode), last = new Map();
		map.calls.forEach((call, at) => {
			const line = map.line[at], leave = isNaN(map.leave[at]) ? map.total : map.leave[at];
			assert.ok(map.enter[at] >= (last.get(line) ?? -Infinity), callText(tl, call));
			if (mode !== 'true' && !isNaN(map.leave[at])) assert.ok(leave - map.enter[at] >= 19 - 1e-9, callText(tl, call));
			last.set(line, leave);
		});
	}
});

test('calls share the packets’ clock: connect() begins before its SYN and returns after the answer came', () => {
	const { map } = wide(0), at = map.calls.findIndex((i) => callName(tl, i) === 'connect()');
	assert.ok(map.enter[at] <= map.dep[0] && map.leave[at] >= map.arr[1]);
	const c = tl.sheets.call.cols, i = map.calls[at];
	assert.ok(Math.abs(mapYAt(map, c.t[i]) - map.enter[at]) < 1e-6);
	assert.ok(Math.abs(mapTimeAt(map, map.leave[at]) - c.end[i]) < 1);
});

test('threads stand side by side and no two bars overlap', () => {
	const list = bars(ladderLayout(wide(0)));
	assert.ok(new Set(list.map((p) => p.x)).size >= 3);
	for (const a of list) for (const b of list)
		assert.ok(a === b || a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y + 1e-6 || b.y + b.h <= a.y + 1e-6, a.title + ' and ' + b.title);
});

test('a bar is hatched only while its call blocks, inside of the bar', () => {
	const { lanes } = ladderLayout(wide(0)), c = tl.sheets.call.cols;
	for (const bar of lanes.filter((p) => p.role === 'call' && p.title)) {
		const lines = lanes.filter((p) => p.role === 'blocked' && p.call === bar.call);
		assert.equal(lines.length > 0, c.blocked[bar.call] === 1, bar.title);
		for (const l of lines) assert.ok(l.x1 >= bar.x - 0.01 && l.x2 <= bar.x + bar.w + 0.01 && l.y2 >= bar.y - 0.01 && l.y1 <= bar.y + bar.h + 0.01);
	}
});

test('lanes fold away when told to, and in narrow windows', () => {
	const full = ladderLayout(wide(0)).geometry;
	for (const more of [{ folded: new Set(['programs']) }, { width: 700 }]) {
		const { geometry, lanes } = ladderLayout(wide(0, 'elastic', more));
		assert.ok(geometry.programs.every(({ each }) => each < 10) && full.programs.every(({ each }) => each > 90));
		assert.ok(!lanes.some((p) => p.kind === 'text' && p.role === 'call'));
		assert.ok(geometry.xs - geometry.xc > 200);
	}
	assert.deepEqual(ladderLayout(wide(0, 'elastic', { folded: new Set(['windows']) })).geometry.windows.map(({ w }) => w), [0, 0]);
	assert.deepEqual(full.windows.map(({ w }) => w > 0), [true, false]);
});

test('a packet knows its calls: who made it, who read its bytes', () => {
	const row = timelineRow(tl, RECORDS.find((r) => r.len === 1000 && r.seq === 4001 && r.arrives && r.conv === 1).n);
	const calls = rowCalls(tl, row).map((i) => tl.sheets.call.cols.server[i] + callName(tl, i));
	assert.deepEqual(calls, ['0send()', '1recv()']);
	const [send] = tl.callsOf[0].filter((i) => callName(tl, i) === 'send()'), touched = [...tl.rowsOf[0]].filter((r) => callTouches(tl, send, r));
	assert.deepEqual(touched.map((r) => tl.cols.len[r]), Array(11).fill(1000));
});

test('a datagram knows the call that received it, and no other', () => {
	const call = (id, name, more) => ({ k: 'call', id, t: id * 10, end: id * 10 + 5, program: 1, pid: 1, tid: 1, call: name, fd: 3, ret: 3, bytes: 3, sock: 1, conv: 1, ...more });
	const udp = timelineOf([
		RECORDS[0], { k: 'conversation', conv: 1, t: 1, proto: 'udp', client: { addr: '10.0.0.1', port: 4000 }, server: { addr: '10.0.0.2', port: 7 } },
		{ k: 'udp', n: 1, t: 11, conv: 1, from: 'client', len: 3 }, { k: 'udp', n: 2, t: 12, conv: 1, from: 'server', len: 3 }, { k: 'udp', n: 3, t: 13, conv: 1, from: 'client', len: 3 },
		call(1, 'recvfrom', { from: 'server', reads: [1, 1] }), call(2, 'recvmmsg', { from: 'server', reads: [3, 3] }), call(3, 'recv', { from: 'client', reads: [2, 2] }),
	].map((r) => JSON.stringify(r)));
	assert.deepEqual([1, 2, 3].map((n) => rowCalls(udp, timelineRow(udp, n)).map((i) => callName(udp, i))), [['recvfrom()'], ['recv()'], ['recvmmsg()']]);
});

test('find: a call’s name with its brackets finds the packets it made or read', () => {
	const close = findCompile('close()', tl), flags = [...tl.rowsOf[0]].filter((row) => close(row)).map((row) => tl.cols.flags[row] & 1);
	assert.deepEqual(flags, [1, 1]);
	assert.equal([...tl.rowsOf[0]].filter(findCompile('listen()', tl)).length, 0);
});

test('results, errors, waits and the address that a datagram brought are said', () => {
	const at = (index, name, test = () => true) => tl.callsOf[index].find((i) => callName(tl, i) === name && test(i));
	assert.equal(callResult(tl, at(3, 'connect()')), '= -1 ECONNREFUSED');
	assert.deepEqual(callNotes(tl, at(2, 'recvfrom()', (i) => tl.sheets.call.cols.server[i])), ['blocked 29.1 ms', 'from 10.77.0.1:40001']);
	assert.match(callText(tl, at(2, 'recvfrom()', (i) => !tl.sheets.call.cols.server[i])), /, blocked 20\.\d ms, from 10\.77\.0\.2:7777: returns 5\.$/);
	assert.match(callText(tl, at(0, 'bind()')), /^The server calls bind\(\) on socket 3: returns 0\.$/);
	assert.match(callText(tl, at(0, 'socket()', (i) => tl.listening.has(tl.sheets.call.cols.sock[i]))), /^The server calls socket\(\): returns 3\.$/);
	assert.match(callText(tl, at(0, 'accept()')), /^The server calls accept\(\) on socket 3, which listens, blocked 41\.\d ms: returns 4\.$/);
});

test('a bar says how long a datagram was waited for and who sent it, by port alone where there is no room', () => {
	const view = wide(2), c = tl.sheets.call.cols, { lanes } = ladderLayout(view);
	const read = view.map.calls.filter((i) => callName(tl, i) === 'recvfrom()' && c.ret[i] >= 0);
	for (const i of read) {
		const words = lanes.filter((p) => p.kind === 'text' && p.call === i).map((p) => p.text), port = c.server[i] ? 40001 : 7777;
		assert.ok(words.some((text) => text.startsWith('blocked')) && words.some((text) => text.endsWith(':' + port)), words.join(' | '));
	}
	assert.equal(read.length, 2);
});

test('the phases of a session follow each other; UDP has no handshake', () => {
	const phases = phasesOf(wide(0));
	assert.deepEqual(phases.map(({ name }) => name), ['set-up', 'connect', 'exchange', 'close']);
	phases.forEach(({ y1 }, at) => assert.equal(y1, phases[at + 1]?.y0 ?? y1));
	assert.ok(phasesOf(wide(2)).every(({ name }) => !/connect/.test(name)));
	assert.deepEqual(phasesOf(wide(3)), [], 'one program is not seen');
});

test('the close phase begins with the call that made the first FIN, the exchange with the first data, whoever closed before', () => {
	const accept = RECORDS.find((r) => r.call === 'accept' && r.conv === 1), t = accept.end + 1e5;
	const parent = { ...accept, id: 900, call: 'close', args: '4', t, end: t + 1e4, ret: 0, sock: accept.new_sock, new_sock: undefined, blocked: undefined };
	const forks = timelineOf([...RECORDS, parent].map((r) => JSON.stringify(r))), { map, ...view } = viewOf(forks, 0, 'elastic', { width: 1300 });
	const enter = (name, server) => map.enter[map.calls.findIndex((i) => callName(forks, i) === name && forks.sheets.call.cols.server[i] === server)];
	const [, connect, exchange, close] = phasesOf({ map, ...view });
	assert.deepEqual([connect.y0, exchange.y0, close.y0], [enter('connect()', 0), enter('send()', 0), enter('close()', 0)]);
	assert.ok(enter('close()', 1) < close.y0, 'the parent closed its copy first');
	const cut = timelineOf(RECORDS.filter((r) => r.call !== 'close').map((r) => JSON.stringify({ ...r, call: r.k === 'call' ? r.call : undefined }))), other = viewOf(cut, 0, 'elastic', { width: 1300 });
	assert.equal(phasesOf(other).at(-1).y0, other.map.dep[other.map.rows.findIndex((row) => cut.cols.flags[row] & 1)], 'without its call: with the FIN itself');
	const ask = RECORDS.find((r) => r.call === 'sendto' && r.from === 'client'), shut = { ...ask, id: 901, call: 'close', t: ask.t + 60e6, end: ask.t + 60.1e6, conv: undefined, from: undefined, ret: 0 };
	const talk = viewOf(timelineOf([...RECORDS, shut].map((r) => JSON.stringify(r))), 2, 'elastic', { width: 1300 });
	assert.equal(phasesOf(talk).at(-1).name, 'close', 'a close() of a datagram socket sends nothing: it is the first behind the last datagram');
});

test('every phase in view has its name, also where its bracket is short, and no two names meet', () => {
	for (const zoom of [0.5, 1, 1.5]) for (const index of [0, 1, 2]) {
		const view = wide(index, 'elastic', { zoom }), { lanes } = ladderLayout(view), of = (kind) => lanes.filter((p) => p.role === 'phase' && p.kind === kind);
		const names = of('text');
		assert.deepEqual(names.map((p) => p.text.split(',')[0]), phasesOf(view).map(({ name }) => name.split(',')[0]));
		names.forEach((p, at) => assert.ok(at === 0 || p.y - p.w / 2 >= names[at - 1].y + names[at - 1].w / 2));
		assert.deepEqual(of('bar').map((p) => p.title.split(':')[0]), phasesOf(view).map(({ name }) => name));
	}
});

/** A call of a socket that never gets a packet. */
const lonely = (id, name, t, more = {}) => ({ k: 'call', id, t, end: t + 1e4, program: 2, pid: 4002, tid: 4002, call: name, fd: 8, args: '8', ret: 0, sock: 77, ...more });
const inUse = { ret: -1, errno: 'EADDRINUSE' };

test('a call whose socket gets no packet stands in its thread’s ladder of that time, grey, its error to be read', () => {
	const [first] = RECORDS.filter((r) => r.call === 'accept'), late = 1e9;
	const more = timelineOf([...RECORDS, lonely(910, 'bind', first.t - 3e5, inUse), lonely(911, 'bind', first.end - 9e6, inUse), lonely(912, 'bind', late, inUse)].map((r) => JSON.stringify(r)));
	const places = [910, 911, 912].map((id) => more.convs.filter(({ index }) => more.callsOf[index].includes(more.callAt.get(id))).map(({ conv }) => conv));
	assert.deepEqual(places, [[1], [1], [3]], 'before all: the first; during one: that; after all: the last begun');
	const view = viewOf(more, 0, 'elastic', { width: 1300, height: 4000 }), { lanes } = ladderLayout(view), bind = more.callAt.get(910);
	assert.ok(lanes.some((p) => p.kind === 'bar' && p.call === bind && p.fill === 'stNone'));
	assert.ok(lanes.some((p) => p.kind === 'text' && p.call === bind && /EADDRINUSE$/.test(p.text)));
	assert.deepEqual(bars({ lanes }).find((p) => p.call === bind).title, 'The server calls bind() on socket 8: returns -1 EADDRINUSE.');
	for (const mode of ['true', 'rows']) assert.ok(bars(ladderLayout(viewOf(more, 2, mode, { width: 1300, height: 9000 }))).some((p) => p.call === more.callAt.get(912)));
});

test('what a program did without any packet has a ladder of its own, behind the others and only once', () => {
	const third = { program: 3, pid: 4900, tid: 4900 }, records = [...RECORDS, { k: 'program', id: 3, name: 'other', pid: 4900, argv: [] }, lonely(920, 'socket', 5e6, third), lonely(921, 'bind', 6e6, { ...third, ...inUse })];
	const more = timelineOf(records.map((r) => JSON.stringify(r)));
	timelineIndex(more);
	const bare = more.convs.at(-1);
	assert.deepEqual([more.convs.length, bare.conv, bare.bare, named(more.callsOf[bare.index]).length], [5, 5, true, 2]);
	timelineAppend(more, batchMake(), { bytes: new Uint8Array(0) });
	assert.equal(more.convs.length, 4, 'what is read later may give them a conversation');
	assert.ok(tl.convs.every((conv) => !conv.bare));
});

test('a timeline without packets shows its calls on the clock, and why there is no packet', () => {
	const note = { k: 'note', t: 0, level: 'warning', code: 'trace', text: 'Packets are not shown.' };
	const calls = RECORDS.filter((r) => r.k === 'call' || r.k === 'program').map((r) => ({ ...r, conv: undefined, from: undefined }));
	const more = timelineOf([RECORDS[0], note, ...calls].map((r) => JSON.stringify(r))), [conv] = more.convs;
	assert.equal(more.convs.length, 1);
	assert.equal(conv.notes[0].rec.text, note.text);
	assert.match(convChip(more, conv), /^Calls without packets · server, client · \d+ calls · /);
	for (const mode of ['elastic', 'rows', 'true']) {
		const view = viewOf(more, 0, mode, { width: 1000, height: 9000 }), { lanes, arrows, geometry } = ladderLayout(view), list = bars({ lanes });
		assert.equal(list.length, view.map.calls.length);
		assert.ok(list.every((p) => Number.isFinite(p.y) && Number.isFinite(p.h) && p.x >= geometry.left && p.x + p.w <= geometry.right), mode);
		assert.deepEqual(['client', 'server'].map((name) => list.filter((p) => p.title.startsWith('The ' + name)).every((p) => (p.x < geometry.xc) === (name === 'client'))), [true, true]);
		assert.ok(lanes.some((p) => p.role === 'tick') && !lanes.some((p) => p.role === 'lifeline' || p.role === 'state') && arrows.length === 2, mode);
		assert.ok(view.map.folds.length < view.map.calls.length / 2, mode);
	}
});

test('the side with many threads becomes narrow first, the wire keeps its room, and what is not shown is said', () => {
	const threads = (count) => RECORDS.flatMap((r) => r.k === 'call' && r.from === 'server' && r.conv === 1 && r.call === 'recv'
		? Array.from({ length: count }, (_, n) => ({ ...r, id: 1000 + r.id * 10 + n, tid: 5000 + n })) : [r]);
	for (const count of [2, 8]) {
		const view = viewOf(timelineOf(threads(count).map((r) => JSON.stringify(r))), 0, 'elastic', { width: 1010, height: 4000 });
		const { geometry: { programs: [client, server], xc, xs }, lanes } = ladderLayout(view);
		assert.ok(client.each > 75 && server.each > 60 && xs - xc > 250 && client.w + server.w < 400, JSON.stringify([client, server, xs - xc]));
		assert.ok(server.count >= 2 && new Set(bars({ lanes }).filter((p) => p.x > xs).map((p) => p.x)).size === server.count);
		const all = view.map.threadsAll[1];
		assert.equal(programText(view.tl, view.map, 1, server.count), 'server · pid 4002 · ' + (server.count < all ? server.count + ' of ' : '') + all + ' threads');
	}
	const forks = timelineOf(RECORDS.map((r) => JSON.stringify(r.k === 'call' && r.tid === 4003 ? { ...r, program: 3 } : r)));
	assert.equal(programText(tl, wide(0).map, 1, 2), 'server · pid 4002 · 2 threads');
	assert.equal(programText(forks, viewOf(forks, 0, 'elastic').map, 1, 2), 'server · pid 4002 · 2 processes');
	const titles = (width) => ladderLayout(wide(0, 'elastic', { width })).lanes.filter((p) => p.kind === 'text' && /program$/.test(p.text)).map((p) => p.text);
	assert.deepEqual([titles(1300), titles(940)], [['client program', 'server program'], ['program', 'program']]);
});

test('two conversations stand beside each other, each in its half with its own clock, whichever is chosen', () => {
	const whole = wide(0), other = wide(2), half = 650, shown = ({ conv, map, lod }) => ({ conv, map, lod });
	const one = ladderLayout({ ...whole, beside: shown(other) }), two = ladderLayout({ ...other, beside: shown(whole) });
	assert.deepEqual(one.list.map((a) => [a.n, a.x1]), two.list.map((a) => [a.n, a.x1]));
	for (const { row, x1, x2 } of one.list) assert.deepEqual([x1, x2].map((x) => x > half), Array(2).fill(tl.cols.conv[row] === 2));
	const ticks = one.lanes.filter((p) => p.role === 'tick' && p.kind === 'text');
	assert.ok(ticks.some((p) => p.x < half) && ticks.some((p) => p.x > half));
	assert.deepEqual([one, two].map(({ own }) => tl.cols.conv[own.list[0].row]), [0, 2]);
	assert.ok(one.own.geometry.right <= half && two.own.geometry.left >= half);
	const titles = one.lanes.filter((p) => p.kind === 'text' && /^client (TCP|UDP)$/.test(p.text)).map((p) => [p.text, p.x > half]);
	assert.deepEqual(titles, [['client TCP', false], ['client UDP', true]]);
	const scales = [whole, other].map(({ conv }) => mapBuild(tl, conv, tapOf(tl, conv), 'true', 1e9).perNs);
	assert.deepEqual(scales, [1e-6, 1e-6], 'linear time can have one scale for both');
});

test('each entry and each return is a step, told in words', () => {
	const { map } = wide(0), steps = stepsOf(map).filter((step) => step.call !== undefined);
	assert.equal(steps.length, map.calls.length * 2);
	const words = steps.map((step) => stepText(tl, map, step));
	assert.ok(words.includes('the client calls connect()') && words.includes('the server’s listen() returns 0'));
});

test('LISTEN stands where listen() returned', () => {
	const { map } = wide(0), at = map.calls.findIndex((i) => callName(tl, i) === 'listen()');
	assert.equal(map.states.find((mark) => mark.name === 'LISTEN').y, map.leave[at]);
});

test('before the call that tells of the first state there was none: CLOSED', () => {
	const view = wide(0), [before, listen] = laneBoxes(view, geometryOf(view), true);
	assert.deepEqual([before.name, before.title, before.inferred, before.y1], ['CLOSED', 'CLOSED: before listen()', false, listen.y0]);
	assert.equal(listen.title, 'LISTEN: the server calls listen()');
	const [shown] = ladderLayout(view).lanes.filter((p) => p.role === 'state' && p.kind === 'bar' && p.title === listen.title);
	assert.equal(callName(tl, shown.call), 'listen()');
});

test('a height stands for one time, the same one there and back, also where rows share a height', () => {
	for (const index of [0, 1, 2, 3]) for (const mode of ['elastic', 'rows']) {
		const { map } = wide(index, mode);
		for (let i = 1; i < map.moments.length; i++) assert.ok(map.moments[i].t >= map.moments[i - 1].t, mode + ' ' + i);
		for (let y = 0; y < map.total; y += 7) {
			const t = mapTimeAt(map, y);
			assert.ok(Math.abs(mapTimeAt(map, mapYAt(map, t)) - t) < 1, mode + ' ' + y);
		}
	}
});

test('the kernel’s numbers just before and after a packet are those of its sender', async () => {
	const row = timelineRow(tl, RECORDS.find((r) => r.verdicts?.length && r.conv === 1).n);
	const around = await Promise.all(samplesAround(tl, 0, 0, tl.cols.t[row]).map((i) => sheetRecord(tl, 'kernel', i)));
	assert.deepEqual(around.map((r) => r.cwnd + r.ca_state), ['10Open', '7Recovery']);
});

test('the picture of calls is well-formed, whatever a program calls itself', () => {
	const evil = timelineOf(RECORDS.map((r) => JSON.stringify(r.k === 'program' ? { ...r, name: '<script>' } : r.k === 'call' ? { ...r, call: '</text>', errno: 7, program: '?' } : r)));
	const view = viewOf(evil, 0, 'elastic', { width: 1300 }), { lanes, arrows } = ladderLayout(view);
	assert.doesNotMatch(svgString(svgTree([...lanes, ...arrows], themeColors('light'), 1300, 900)), /<script|<\/text>\(/);
});
