// A large timeline for trials: N packets in C conversations, some loss, as lines.
//   node large.mjs N C > x.jsonl

import { pathToFileURL } from 'node:url';

/** @param {number} packets @param {number} convs */
export function* largeLines(packets, convs) {
	yield JSON.stringify({ k: 'meta', wireladder: '0.1.0', format: 1, start: '2026-01-05T10:00:00.000000000Z', source: { kind: 'read', name: 'large', files: ['large.pcap'] },
		vantages: [{ id: 0, name: 'eth0', linktype: 'EN10MB', snaplen: 262144, precision: 'us' }],
		glossary: { retransmission: { label: 'retransmission', text: 'Sent again.', cite: 'RFC 9293' }, 'dup-ack': { label: 'dup ACK', text: 'Duplicate.', cite: 'RFC 5681' } } });
	const seq = new Float64Array(convs + 1).fill(1);
	let t = 0, random = 12345;
	for (let n = 1; n <= packets; n++) {
		const conv = n <= convs ? n : 1 + (random % convs);
		random = (random * 1103515245 + 12345) & 0x7fffffff;
		t += 2000 + (random % 200000) + (random % 997 === 0 ? 30000000 : 0);
		if (n <= convs) {
			const addr = '10.0.' + (conv >> 8 & 255) + '.' + (conv & 255);
			yield JSON.stringify({ k: 'conversation', conv, proto: 'tcp', client: { addr, port: 1024 + conv % 60000 }, server: { addr: '10.9.9.9', port: 80 }, t });
			yield JSON.stringify({ k: 'tcp', n, t, conv, from: 'client', flags: 'SYN', isn: 1, win: 65535, seq: 0, opts: { mss: 1460 } });
			yield JSON.stringify({ k: 'state', t, conv, who: 'client', state: 'SYN-SENT', because: [n] });
			continue;
		}
		const ack = n % 2 === 0, rec = { k: 'tcp', n, t, conv, from: ack ? 'client' : 'server', flags: ack ? 'ACK' : 'PSH ACK', seq: ack ? 1 : seq[conv], ack: ack ? seq[conv] : 1 };
		if (!ack) {
			rec.len = 1448;
			seq[conv] += 1448;
			if (random % 200 === 0) rec.verdicts = [{ id: 'retransmission', of: Math.max(1, n - 40) }];
		} else if (random % 211 === 0) rec.verdicts = [{ id: 'dup-ack', number: 1 }];
		rec.win = 64256;
		rec.opts = { ts: [n, n - 1] };
		yield JSON.stringify(rec);
	}
	yield JSON.stringify({ k: 'summary', packets, conversations: convs, elapsed: t });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href && process.argv.length > 3) {
	let part = [];
	for (const line of largeLines(Number(process.argv[2]), Number(process.argv[3]))) {
		part.push(line);
		if (part.length === 20000) {
			if (!process.stdout.write(part.join('\n') + '\n')) await new Promise((resolve) => process.stdout.once('drain', resolve));
			part = [];
		}
	}
	process.stdout.write(part.join('\n') + '\n');
}
