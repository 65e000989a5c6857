// Timelines for what the demo does not show: two vantages with loss, a tap at one end of a slow
// path, ICMP, fragments. `node special.mjs NAME > x.jsonl`.

import { pathToFileURL } from 'node:url';

const ms = (v) => Math.round(v * 1e6);
const client = { addr: '10.77.0.1', port: 41822 }, server = { addr: '10.77.0.2', port: 7 };
const GLOSSARY = {
	'fast-retransmission': { label: 'fast retransmit', text: 'Packet {of} never reached the server; after the third duplicate ACK the client resent the hole.', cite: 'RFC 5681 section 3.2' },
	'dup-ack': { label: 'dup ACK', text: 'Duplicate number {number}.', cite: 'RFC 5681 section 2' },
	unreachable: { label: 'unreachable', text: 'Nobody listens.', cite: 'RFC 1122' },
};
const meta = (vantages) => ({ k: 'meta', wireladder: '0.1.0', format: 1, start: '2026-01-05T10:00:00.000000000Z', source: { kind: 'lab', name: 'lossy-echo' }, vantages, glossary: GLOSSARY });

/** The session of the drawn picture: a lost segment, three duplicates, a fast retransmit. */
function lossy(two) {
	const lines = [meta(two ? [{ id: 0, name: 'client', linktype: 'EN10MB' }, { id: 1, name: 'server', linktype: 'EN10MB' }] : [{ id: 0, name: 'eth0', linktype: 'EN10MB' }]),
		{ k: 'conversation', conv: 1, proto: 'tcp', client, server, t: 0 }];
	let n = 0;
	const add = (t, from, flags, seq, ack, len, more = {}) => {
		const rec = { k: 'tcp', n: ++n, t: ms(two || from === 'client' ? t : t + 20), conv: 1, from, flags, seq, ack, len, win: 64256, ...more };
		if (two && !more.lost) rec.arrives = rec.t + ms(20);
		if (!two) delete rec.lost;
		lines.push(rec);
		return n;
	};
	const sack = (...right) => ({ sack: [[2897, right[0]]] });
	const state = (who, name, n, t) => lines.push({ k: 'state', t: ms(t), conv: 1, who, state: name, because: [n] });
	state('client', 'SYN-SENT', add(0, 'client', 'SYN', 0, undefined, 0, { opts: { mss: 1460, sack_ok: true, wscale: 7 } }), 0);
	state('server', 'SYN-RECEIVED', 1, 20);
	state('client', 'ESTABLISHED', add(20.1, 'server', 'SYN ACK', 0, 1, 0), 40.1);
	state('server', 'ESTABLISHED', add(40.4, 'client', 'ACK', 1, 1, 0), 60.4);
	for (let i = 0; i < 5; i++) add(41 + i * 0.2, 'client', 'ACK', 1 + i * 1448, 1, 1448, i === 1 ? { lost: true, fate: [{ did: 'drop', rule: 'drop data segment 2' }] } : {});
	add(61.2, 'server', 'ACK', 1, 1449, 0);
	for (let i = 0; i < 3; i++) add(61.6 + i * 0.2, 'server', 'ACK', 1, 1449, 0, { opts: sack(4345 + i * 1448), verdicts: [{ id: 'dup-ack', number: i + 1 }] });
	add(82.1, 'client', 'ACK', 1449, 1, 1448, { verdicts: [{ id: 'fast-retransmission', of: 5, because: [10, 11, 12], sure: 'certain' }] });
	add(102.3, 'server', 'ACK', 1, 7241, 0);
	add(102.6, 'server', 'PSH ACK', 1, 7241, 2);
	add(123, 'client', 'ACK', 7241, 3, 0);
	state('client', 'FIN-WAIT-1', add(123.3, 'client', 'FIN ACK', 7241, 3, 0), 123.3);
	state('server', 'CLOSE-WAIT', n, 143.3);
	add(143.5, 'server', 'ACK', 3, 7242, 0);
	state('client', 'FIN-WAIT-2', n, 163.5);
	state('server', 'LAST-ACK', add(143.8, 'server', 'FIN ACK', 3, 7242, 0), 143.8);
	state('client', 'TIME-WAIT', n, 163.8);
	state('server', 'CLOSED', add(164, 'client', 'ACK', 7242, 4, 0), 184);
	lines.push({ k: 'closed', conv: 1, proto: 'tcp', client, server, opened: 'handshake', ended: 'fin', handshake: { rtt: ms(40.1) }, rtt: { client: { min: ms(40), avg: ms(41), max: ms(60), samples: 4 } },
		verdicts: { 'fast-retransmission': 1, 'dup-ack': 3 }, lost: two ? 1 : undefined, vantage: { place: two ? 'both' : 'client', why: 'the handshake\'s gaps' } });
	return lines;
}

/** A UDP datagram in three pieces, and one to a closed port. */
function icmp() {
	return [meta([{ id: 0, name: 'eth0', linktype: 'EN10MB' }]),
		{ k: 'conversation', conv: 1, proto: 'udp', client, server, t: 0 },
		{ k: 'fragment', n: 1, t: 0, id: 7, from_addr: client.addr, to_addr: server.addr, offset: 0, len: 1480, more: true },
		{ k: 'fragment', n: 2, t: 9000, id: 7, from_addr: client.addr, to_addr: server.addr, offset: 1480, len: 1480, more: true },
		{ k: 'fragment', n: 3, t: 18000, id: 7, from_addr: client.addr, to_addr: server.addr, offset: 2960, len: 100 },
		{ k: 'udp', n: 3, t: 18000, conv: 1, from: 'client', len: 3052, fragments: [1, 2, 3] },
		{ k: 'icmp', n: 4, t: ms(1), from_addr: server.addr, to_addr: client.addr, type: 3, code: 3, text: 'port unreachable', quotes: 3, conv: 1, verdicts: [{ id: 'unreachable', of: 3 }] },
		{ k: 'icmp', n: 5, t: ms(2), from_addr: '10.77.0.254', to_addr: client.addr, type: 11, code: 0, text: 'time to live exceeded', quotes: 3, conv: 1 }];
}

export const SPECIAL = { two: () => lossy(true), client: () => lossy(false), icmp };

/** @param {'two'|'client'|'icmp'} name */
export function specialLines(name) {
	return [...SPECIAL[name](), { k: 'summary', packets: 20, conversations: 1 }].map((rec) => JSON.stringify(rec));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href && SPECIAL[process.argv[2]])
	process.stdout.write(specialLines(process.argv[2]).join('\n') + '\n');
