// Real IP packets for test timelines: valid lengths and checksums, made from a few facts.

/** @param {number[]} bytes */
function sum(bytes) {
	let total = 0;
	for (let i = 0; i < bytes.length; i += 2) total += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
	while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
	return ~total & 0xffff;
}

const u16 = (v) => [(v >>> 8) & 255, v & 255];
const u32 = (v) => [...u16(Math.floor(v / 65536) & 0xffff), ...u16(v % 65536)];
const addr4 = (text) => text.split('.').map(Number);

/** @param {string} text */
export function addr6(text) {
	const [a, b] = text.split('::').map((part) => (part ? part.split(':') : []));
	const words = b === undefined ? a : [...a, ...Array(8 - a.length - b.length).fill('0'), ...b];
	return words.flatMap((word) => u16(parseInt(word, 16)));
}

/** The IP packet around a transport part; the checksum stands at `at` in it. */
function ip(from, to, proto, part, at, id = 1) {
	const six = from.includes(':');
	const src = six ? addr6(from) : addr4(from), dst = six ? addr6(to) : addr4(to);
	if (at >= 0) {
		const pseudo = [...src, ...dst, ...(six ? u32(part.length) : u16(part.length)), ...u16(proto)];
		const check = sum([...pseudo, ...part, ...(part.length % 2 ? [0] : [])]);
		part[at] = check >>> 8;
		part[at + 1] = check & 255;
	}
	if (six) return [0x60, 0, 0x12, 0x34, ...u16(part.length), proto, 64, ...src, ...dst, ...part];
	const head = [0x45, 0, ...u16(20 + part.length), ...u16(id), 0x40, 0, 64, proto, 0, 0, ...src, ...dst];
	const check = sum(head);
	head[10] = check >>> 8;
	head[11] = check & 255;
	return [...head, ...part];
}

const FLAG_BITS = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128, AE: 256 };

/** @param {any} opts in the timeline's words, sack as raw numbers */
function tcpOptions(opts) {
	const out = [];
	if (opts.mss) out.push(2, 4, ...u16(opts.mss));
	if (opts.sack_ok) out.push(4, 2);
	if (opts.ts) {
		if (!opts.sack_ok) out.push(1, 1);
		out.push(8, 10, ...u32(opts.ts[0]), ...u32(opts.ts[1]));
	}
	if (opts.wscale !== undefined) out.push(1, 3, 3, opts.wscale);
	if (opts.sack) out.push(1, 1, 5, 2 + opts.sack.length * 8, ...opts.sack.flat().flatMap(u32));
	while (out.length % 4) out.push(1);
	return out;
}

/** A TCP segment with raw sequence numbers, as base64 from the IP header on. */
export function tcpBytes({ from, to, sport, dport, seq, ack = 0, flags, win, opts = {}, data = '', id }) {
	const options = tcpOptions(opts), payload = [...Buffer.from(data)];
	const bits = flags.split(' ').reduce((all, word) => all | FLAG_BITS[word], 0);
	const words = (5 + options.length / 4) << 12 | bits;
	const part = [...u16(sport), ...u16(dport), ...u32(seq >>> 0), ...u32(ack >>> 0), ...u16(words), ...u16(win), 0, 0, 0, 0, ...options, ...payload];
	return Buffer.from(ip(from, to, 6, part, 16, id)).toString('base64');
}

export function udpBytes({ from, to, sport, dport, data, id }) {
	const payload = [...Buffer.from(data)];
	const part = [...u16(sport), ...u16(dport), ...u16(8 + payload.length), 0, 0, ...payload];
	return Buffer.from(ip(from, to, 17, part, 6, id)).toString('base64');
}
