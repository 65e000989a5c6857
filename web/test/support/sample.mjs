// A timeline as the C program writes it, by design/timeline.md: five conversations on loopback
// with true bytes. `node sample.mjs > x.jsonl`; tests import sampleLines().

import { pathToFileURL } from 'node:url';
import { tcpBytes, udpBytes } from './packets.mjs';

const GLOSSARY = {
	retransmission: { label: 'retransmission', text: 'The bytes of packet {of} are sent again; what made the sender do so cannot be told from here.', cite: 'RFC 9293 section 3.8.1' },
	'syn-retransmission': { label: 'SYN retransmission', text: 'No answer to packet {of} came for {silence_ns}: the SYN is sent again.', cite: 'RFC 9293 section 3.8.1, RFC 6298 section 2' },
	'dup-ack': { label: 'dup ACK', text: 'The receiver still waits for the same byte: duplicate number {number}.', cite: 'RFC 5681 section 2' },
	'half-close': { label: 'half-close', text: 'One direction is closed, the other goes on.', cite: 'RFC 9293 section 3.6' },
	'rst-abort': { label: 'abort', text: 'The sender gave the connection up.', cite: 'RFC 9293 section 3.10.7' },
	reply: { label: 'reply', text: 'Answers datagram {of} after {wait_ns}.', cite: 'RFC 768' },
};

/** One timeline in the making. */
class Sample {
	constructor() {
		this.records = [];
		this.n = 0;
		this.t = 0;
		this.convs = 0;
		this.closed = [];
	}

	wait(us) { this.t += us * 1000; }

	add(rec) {
		this.records.push(rec);
		return rec;
	}
}

/** A TCP conversation that keeps both ends' numbers. */
class Tcp {
	constructor(sample, client, server) {
		Object.assign(this, { sample, client, server, conv: ++sample.convs, packets: { client: 0, server: 0 }, bytes: { client: 0, server: 0 }, verdicts: {} });
		this.isn = { client: (0x3c1f0000 + this.conv * 7919) >>> 0, server: (0x91d40000 + this.conv * 104729) >>> 0 };
		this.next = { client: 0, server: 0 };
		this.first = sample.t;
		sample.add({ k: 'conversation', conv: this.conv, proto: 'tcp', client, server, t: sample.t });
	}

	/** @param {'client'|'server'} from */
	sends(from, flags, { data = '', opts, seq, verdicts, keep = true, us = 18, rtt } = {}) {
		const s = this.sample, other = from === 'client' ? 'server' : 'client';
		s.wait(us);
		const at = seq ?? this.next[from], len = Buffer.from(data).length, ack = flags.includes('ACK') ? this.next[other] : undefined;
		const win = flags.includes('SYN') ? 65495 : 512;
		const ends = { client: this.client, server: this.server };
		const ts = [10000 + Math.floor(s.t / 1e6), flags === 'SYN' ? 0 : 9990 + Math.floor(s.t / 1e6)];
		const rec = { k: 'tcp', n: ++s.n, t: s.t, conv: this.conv, from, flags };
		if (flags.includes('SYN')) rec.isn = this.isn[from];
		rec.seq = at;
		if (ack !== undefined) rec.ack = ack;
		if (len) rec.len = len;
		rec.win = flags.includes('SYN') ? win : win * 128;
		rec.opts = { ...opts, ts };
		if (verdicts) {
			rec.verdicts = verdicts;
			for (const v of verdicts) this.verdicts[v.id] = (this.verdicts[v.id] ?? 0) + 1;
		}
		if (rtt) rec.rtt = rtt;
		if (keep) rec.bytes = tcpBytes({ from: ends[from].addr, to: ends[other].addr, sport: ends[from].port, dport: ends[other].port,
			seq: this.isn[from] + at, ack: ack === undefined ? 0 : this.isn[other] + ack, flags, win, data, id: s.n,
			opts: { ...opts, ts, sack: opts?.sack?.map((b) => b.map((v) => (this.isn[other] + v) >>> 0)) } });
		s.add(rec);
		if (seq === undefined) this.next[from] += len + (flags.includes('SYN') ? 1 : 0) + (flags.includes('FIN') ? 1 : 0);
		this.packets[from]++;
		this.bytes[from] += seq === undefined ? len : 0;
		this.last = s.t;
		return rec.n;
	}

	state(who, state, because, inferred) {
		this.sample.add({ k: 'state', t: this.sample.t, conv: this.conv, who, state, because, ...(inferred ? { inferred: true } : {}) });
	}

	opens() {
		const opts = { mss: 65495, sack_ok: true, wscale: 7 };
		const a = this.sends('client', 'SYN', { opts });
		this.state('client', 'SYN-SENT', [a]);
		this.state('server', 'SYN-RECEIVED', [a]);
		const b = this.sends('server', 'SYN ACK', { opts });
		this.state('client', 'ESTABLISHED', [b]);
		const c = this.sends('client', 'ACK');
		this.state('server', 'ESTABLISHED', [c]);
		this.handshake = { syn: a, synack: b, ack: c, rtt: 36000 };
		return [a, b, c];
	}

	talks(from, data, { us = 400, ackUs = 22 } = {}) {
		const other = from === 'client' ? 'server' : 'client';
		const n = this.sends(from, 'PSH ACK', { data, us });
		this.sends(other, 'ACK', { us: ackUs, rtt: ackUs * 1000 });
		return n;
	}

	closes(first) {
		const other = first === 'client' ? 'server' : 'client';
		const a = this.sends(first, 'FIN ACK', { us: 300 });
		this.state(first, 'FIN-WAIT-1', [a]);
		this.state(other, 'CLOSE-WAIT', [a]);
		const b = this.sends(other, 'FIN ACK', { us: 60 });
		this.state(other, 'LAST-ACK', [b]);
		this.state(first, 'FIN-WAIT-2', [b]);
		this.state(first, 'TIME-WAIT', [b]);
		const c = this.sends(first, 'ACK', { us: 20 });
		this.state(other, 'CLOSED', [c], true);
		this.ended = 'fin';
	}

	done() {
		this.sample.closed.push({ k: 'closed', conv: this.conv, proto: 'tcp', client: this.client, server: this.server, packets: this.packets,
			bytes: this.bytes, first: this.first, last: this.last, opened: 'handshake', ended: this.ended ?? 'open', handshake: this.handshake, isn: this.isn,
			rtt: { client: { min: 21000, avg: 25500, max: 64000, samples: 6 } }, verdicts: this.verdicts, vantage: { place: 'both', why: 'both addresses are loopback' } });
	}
}

function udpTalk(sample, client, server, words) {
	const conv = ++sample.convs, packets = { client: 0, server: 0 }, first = sample.t;
	sample.add({ k: 'conversation', conv, proto: 'udp', client, server, t: sample.t });
	const ends = { client, server };
	for (const [from, data, us, verdict] of words) {
		const other = from === 'client' ? 'server' : 'client';
		sample.wait(us);
		packets[from]++;
		sample.add({ k: 'udp', n: ++sample.n, t: sample.t, conv, from, len: Buffer.from(data).length,
			...(verdict ? { verdicts: [{ id: 'reply', of: sample.n - 1, facts: { wait_ns: us * 1000 } }] } : {}),
			bytes: udpBytes({ from: ends[from].addr, to: ends[other].addr, sport: ends[from].port, dport: ends[other].port, data, id: sample.n }) });
	}
	sample.closed.push({ k: 'closed', conv, proto: 'udp', client, server, packets, bytes: { client: 40, server: 40 }, first, last: sample.t, ended: 'open', vantage: { place: 'both' } });
}

const lo4 = (port) => ({ addr: '127.0.0.1', port });
const lo6 = (port) => ({ addr: '::1', port });

function firstEcho(s) {
	const c = new Tcp(s, lo4(41822), lo4(7));
	c.opens();
	for (const word of ['hello\n', 'a rose is a rose\n', 'two\twords\n']) {
		c.talks('client', word);
		c.talks('server', word, { us: 35 });
	}
	s.wait(90000);
	const n = c.sends('client', 'PSH ACK', { data: 'is anybody there?\n', us: 500 });
	c.sends('client', 'PSH ACK', { data: 'is anybody there?\n', us: 205000, seq: c.next.client - 18,
		verdicts: [{ id: 'retransmission', of: n, because: [n], sure: 'ambiguous', candidates: ['rto-retransmission', 'tail-loss-probe'], facts: { silence_ns: 205000000 } }] });
	c.sends('server', 'ACK', { us: 25, opts: { sack: [[c.next.client - 18, c.next.client]], dsack: true } });
	c.talks('server', 'is anybody there?\n', { us: 30 });
	c.closes('client');
	c.done();
}

function halfClose(s) {
	const c = new Tcp(s, lo4(41824), lo4(7));
	c.opens();
	c.talks('client', 'x'.repeat(1400));
	c.talks('client', '<script>alert("packet")</script>\u202e evil \u001b[31m\n');
	const a = c.sends('client', 'FIN ACK', { verdicts: [{ id: 'half-close' }] });
	c.state('client', 'FIN-WAIT-1', [a]);
	c.state('server', 'CLOSE-WAIT', [a]);
	const b = c.sends('server', 'ACK');
	c.state('client', 'FIN-WAIT-2', [b]);
	for (let i = 0; i < 3; i++) c.talks('server', 'line ' + i + ' after the half-close\n', { us: 12000 });
	const d = c.sends('server', 'FIN ACK', { us: 100 });
	c.state('server', 'LAST-ACK', [d]);
	c.state('client', 'TIME-WAIT', [d]);
	const e = c.sends('client', 'ACK');
	c.state('server', 'CLOSED', [e], true);
	c.ended = 'fin';
	c.done();
}

function sixReset(s) {
	const c = new Tcp(s, lo6(50312), lo6(7));
	c.opens();
	for (let i = 0; i < 4; i++) c.talks(i % 2 ? 'server' : 'client', 'IPv6 line ' + i + '\n');
	c.sends('client', 'PSH ACK', { data: 'a', us: 5 });
	for (let i = 1; i <= 3; i++) c.sends('server', 'ACK', { us: 4, verdicts: [{ id: 'dup-ack', number: i, because: [s.n] }] });
	const r = c.sends('client', 'RST ACK', { verdicts: [{ id: 'rst-abort' }], us: 50 });
	c.state('client', 'CLOSED', [r]);
	c.state('server', 'CLOSED', [r]);
	c.ended = 'rst';
	c.done();
}

/** @returns {string[]} lines without their ends */
export function sampleLines() {
	const s = new Sample();
	s.add({ k: 'meta', wireladder: '0.1.0', format: 1, start: '2026-01-05T10:00:00.000000000Z', start_ns: '1767607200000000000',
		source: { kind: 'demo', name: 'echo-demo' }, vantages: [{ id: 0, name: 'lo', linktype: 'EN10MB', snaplen: 262144, precision: 'ns' }],
		hosts: [{ name: 'here', addrs: ['127.0.0.1', '::1'] }], glossary: GLOSSARY });
	s.wait(650);
	firstEcho(s);
	s.wait(2000);
	halfClose(s);
	sixReset(s);
	const echo = (word) => [['client', word, 300], ['server', word, 24, true]];
	udpTalk(s, lo4(39001), lo4(7), ['ping', 'datagrams have edges', 'last one'].flatMap(echo));
	udpTalk(s, lo6(39002), lo6(7), ['sechs', 'six \u{1F600}'].flatMap(echo));
	s.add({ k: 'note', t: s.t, level: 'info', code: 'end-of-demo', text: 'The demo closed its sockets.', conv: 5 });
	for (const closed of s.closed) s.add(closed);
	s.add({ k: 'summary', packets: s.n, bytes: 9000, conversations: s.convs, elapsed: s.t, quality: ['No packet was dropped by the kernel.'] });
	return s.records.map((rec) => JSON.stringify(rec).replaceAll('<', '\\u003c'));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href && process.argv.includes('--print'))
	process.stdout.write(sampleLines().join('\n') + '\n');
