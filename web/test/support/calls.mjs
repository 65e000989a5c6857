// Programs, socket calls and kernel samples around a timeline of packets, as the tracer tells them:
// `node calls.mjs LESSON.jsonl > x.jsonl`; tests import callsRecords(). The lesson is a client that sends
// in one go and a server that answers once (fast-retransmit). It is played a second time, over the same
// listening socket, and followed by a UDP echo, a refused connect and a recv() that never returns.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const LATER = 120e6;
const UDP_AT = 300e6;

/** Calls, with numbers in the order of entry. */
class Calls {
	constructor() { this.list = []; }

	add(program, thread, call, fd, t, end, more = {}) {
		const pid = 4000 + program, record = { k: 'call', t, end, program, pid, tid: pid + thread, call, fd, args: fd + '', ret: 0, ...more };
		this.list.push(record);
		return record;
	}

	numbered() {
		this.list.sort((a, b) => a.t - b.t).forEach((call, at) => { call.id = at + 1; });
		return this.list;
	}
}

/** The second playing of a conversation: later, from another port. */
function again(record, packets) {
	const shift = (key) => (record[key] === undefined ? {} : { [key]: record[key] + LATER });
	const copy = { ...record, conv: 2, ...shift('t'), ...shift('arrives') };
	if (record.n) copy.n = record.n + packets;
	if (record.because) copy.because = record.because.map((n) => n + packets);
	if (record.client) copy.client = { ...record.client, port: record.client.port + 2 };
	delete copy.verdicts;
	return copy;
}

/** One connection seen from both programs. `own`: its packets; `sock`: of the client, the server's is the next. */
function connection(calls, own, conv, sock, thread) {
	const at = (test) => own.filter(test), [syn, synack] = own, data = at((p) => p.len > 0 && p.from === 'client');
	const [reply] = at((p) => p.len > 0 && p.from === 'server'), fins = at((p) => /FIN/.test(p.flags));
	const last = data.reduce((late, p) => Math.max(late, p.arrives ?? 0), 0), bytes = Math.max(...data.map((p) => p.seq + p.len)) - 1;
	const client = { sock, conv, from: 'client' }, server = { sock: sock + 1, conv, from: 'server' };
	const mine = (packets, call) => { for (const p of packets) p.call = call; };
	calls.add(1, 0, 'socket', undefined, syn.t - 180e3, syn.t - 120e3, { sock, args: 'AF_INET, SOCK_STREAM, 0', ret: 3 });
	mine([syn], calls.add(1, 0, 'connect', 3, syn.t - 60e3, synack.arrives + 20e3, { ...client, args: '3, 10.77.0.2:7777', blocked: true }));
	mine(data, calls.add(1, 0, 'send', 3, data[0].t - 20e3, data.at(-1).t + 2e3, { ...client, args: `3, "${'x'.repeat(32)}"..., ${bytes}, 0`, ret: bytes, bytes, range: [1, bytes + 1] }));
	calls.add(1, 0, 'recv', 3, data.at(-1).t + 20e3, reply.arrives + 9e3, { ...client, args: '3, "OK", 4096, 0', ret: 2, bytes: 2, range: [1, 3], blocked: true });
	mine([fins[0]], calls.add(1, 0, 'close', 3, fins[0].t - 20e3, fins[0].t + 20e3, { ...client, args: '3' }));
	calls.add(2, 0, 'accept', 3, syn.t - 10e6, synack.arrives + 11e6, { sock: 1, new_sock: sock + 1, conv, from: 'server', args: '3, 10.77.0.1', ret: 3 + conv, blocked: true, interrupted: conv === 2 || undefined });
	const half = bytes / 2;
	calls.add(2, thread, 'recv', 3 + conv, synack.arrives + 11.2e6, last - 9e6, { ...server, args: `${3 + conv}, "xxxx"..., 65536, 0`, ret: half, bytes: half, range: [1, half + 1] });
	calls.add(2, thread, 'recv', 3 + conv, last - 8e6, last + 20e3, { ...server, args: `${3 + conv}, "xxxx"..., 65536, 0`, ret: half, bytes: half, range: [half + 1, bytes + 1], blocked: true });
	mine([reply], calls.add(2, thread, 'send', 3 + conv, reply.t - 30e3, reply.t + 30e3, { ...server, args: `${3 + conv}, "OK", 2, 0`, ret: 2, bytes: 2, range: [1, 3] }));
	calls.add(2, thread, 'recv', 3 + conv, reply.t + 60e3, fins[0].arrives + 20e3, { ...server, args: `${3 + conv}, "", 65536, 0`, blocked: true });
	mine([fins[1]], calls.add(2, thread, 'close', 3 + conv, fins[1].t - 20e3, fins[1].t + 20e3, { ...server, args: String(3 + conv) }));
}

/** The kernel's numbers: cwnd grows, and shrinks where a packet was sent again. */
function samples(own, conv, sock) {
	const list = [], resent = own.find((p) => p.verdicts?.some((v) => /fast-ret/.test(v.id)))?.t ?? own.at(-8).t;
	for (const p of own.filter((q) => q.from === 'client')) {
		const t = p.t + 1e3, late = t > resent;
		list.push({ k: 'kernel', t, conv, who: 'client', sock, state: 'ESTABLISHED', ca_state: late ? 'Recovery' : 'Open', cwnd: late ? 7 : 10, ssthresh: late ? 7 : undefined,
unacked: p.flight ? p.flight / 1000 : undefined, retrans: late ? 1 : undefined, srtt: 20241632, rto: 224000000 });
	}
	return list.sort((a, b) => a.t - b.t);
}

/** A UDP echo: nothing is set up, and recvfrom() tells who sent. */
function datagrams(calls, n) {
	const end = { addr: '10.77.0.2', port: 7777 }, client = { addr: '10.77.0.1', port: 40001 }, own = { sock: 20, conv: 3, from: 'client' };
	const ask = { k: 'udp', n, t: UDP_AT, conv: 3, from: 'client', len: 5, arrives: UDP_AT + 10e6 }, reply = { k: 'udp', n: n + 1, t: UDP_AT + 10.2e6, conv: 3, from: 'server', len: 5, arrives: UDP_AT + 20.3e6 };
	calls.add(1, 0, 'socket', undefined, UDP_AT - 90e3, UDP_AT - 70e3, { sock: 20, args: 'AF_INET, SOCK_DGRAM, 0', ret: 3 });
	ask.call = calls.add(1, 0, 'sendto', 3, UDP_AT - 30e3, UDP_AT + 30e3, { ...own, args: '3, "hello", 5, 0, 10.77.0.2:7777', ret: 5, bytes: 5 });
	calls.add(1, 0, 'recvfrom', 3, UDP_AT + 50e3, UDP_AT + 20.4e6, { ...own, args: '3, "hello", 4096, 0, 10.77.0.2:7777', ret: 5, bytes: 5, blocked: true });
	calls.add(2, 0, 'socket', undefined, UDP_AT - 20e6, UDP_AT - 19.9e6, { sock: 21, args: 'AF_INET, SOCK_DGRAM, 0', ret: 9 });
	calls.add(2, 0, 'bind', 9, UDP_AT - 19.8e6, UDP_AT - 19.7e6, { sock: 21, args: '9, 0.0.0.0:7777' });
	calls.add(2, 0, 'recvfrom', 9, UDP_AT - 19e6, UDP_AT + 10.1e6, { ...own, sock: 21, from: 'server', args: '9, "hello", 4096, 0, 10.77.0.1:40001', ret: 5, bytes: 5, blocked: true });
	reply.call = calls.add(2, 0, 'sendto', 9, reply.t - 20e3, reply.t + 20e3, { ...own, sock: 21, from: 'server', args: '9, "hello", 5, 0, 10.77.0.1:40001', ret: 5, bytes: 5 });
	calls.add(2, 0, 'recvfrom', 9, reply.t + 60e3, undefined, { sock: 21, args: '9', ret: undefined, blocked: true });
	return [{ k: 'conversation', t: UDP_AT, conv: 3, proto: 'udp', client, server: end }, ask, reply];
}

/** A connect that is refused: a program without a server. */
function refused(calls, n) {
	const t = UDP_AT + 40e6, ends = { client: { addr: '10.77.0.1', port: 40002 }, server: { addr: '10.77.0.2', port: 9 } };
	const syn = { k: 'tcp', n, t, conv: 4, from: 'client', flags: 'SYN', isn: 7, win: 64240, arrives: t + 10e6 };
	syn.call = calls.add(1, 0, 'connect', 3, t - 40e3, t + 20.4e6, { sock: 30, conv: 4, from: 'client', args: '3, 10.77.0.2:9', ret: -1, errno: 'ECONNREFUSED', blocked: true });
	return [{ k: 'conversation', t, conv: 4, proto: 'tcp', ...ends }, syn,
		{ k: 'tcp', n: n + 1, t: t + 10.1e6, conv: 4, from: 'server', flags: 'RST ACK', ack: 1, arrives: t + 20.2e6 }];
}

/** @param {any[]} records of one conversation, fast-retransmit's @returns {any[]} */
export function callsRecords(records) {
	const first = structuredClone(records), summary = first.pop(), calls = new Calls(), count = first.filter((r) => r.n).length;
	const second = structuredClone(first).filter((r) => r.conv === 1).map((r) => again(r, count)), all = [...first, ...second];
	const own = (conv) => all.filter((r) => r.n && r.conv === conv);
	calls.add(2, 0, 'socket', undefined, -14e6, -13.9e6, { sock: 1, args: 'AF_INET, SOCK_STREAM, 0', ret: 3 });
	calls.add(2, 0, 'bind', 3, -13.8e6, -13.7e6, { sock: 1, args: '3, 10.77.0.2:7777' });
	calls.add(2, 0, 'listen', 3, -13.5e6, -13.4e6, { sock: 1, args: '3, 128' });
	connection(calls, own(1), 1, 10, 1);
	connection(calls, own(2), 2, 12, 2);
	calls.add(2, 0, 'accept', 3, 172e6, undefined, { sock: 1, args: '3', ret: undefined, blocked: true });
	all.push(...datagrams(calls, 2 * count + 1), ...refused(calls, 2 * count + 3));
	const list = calls.numbered(), never = list.filter((call) => call.end === undefined);
	for (const record of all) if (record.call) record.call = record.call.id;
	all.push(...list.filter((call) => call.end !== undefined), ...samples(own(1), 1, 10), ...samples(own(2), 2, 12));
	const listening = { k: 'state', conv: 1, who: 'server', state: 'LISTEN', t: -13.4e6, because_call: list.find((call) => call.call === 'listen').id };
	all.push(listening, { ...listening, conv: 2 });
	const when = (r) => (r.k === 'closed' ? Infinity : r.k === 'meta' ? -Infinity : r.k === 'call' ? r.end : r.t ?? -15e6);
	const programs = [['client', 4001, './echo_client'], ['server', 4002, './echo_server']].map(([name, pid, path], at) =>
		({ k: 'program', t: -15e6, id: at + 1, name, pid, argv: [path, '10.77.0.2', '7777'], host: name }));
	const sorted = all.map((r, at) => [when(r), at, r]).sort(([a, i], [b, j]) => (a === b ? i - j : a - b)).map(([, , r]) => r);
	return [sorted[0], ...programs, ...sorted.slice(1), ...never,
		{ ...summary, counters: { client: { TcpExtTCPFastRetrans: 2 }, server: { TcpExtTCPSACKReorder: 0, TcpInSegs: 32 } } }];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
	const lines = readFileSync(process.argv[2], 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
	process.stdout.write(callsRecords(lines).map((r) => JSON.stringify(r).replaceAll('<', '\\u003c')).join('\n') + '\n');
}
