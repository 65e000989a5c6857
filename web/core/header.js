// A packet's bytes -> layers of fields, bit by bit, for the header figure. Nothing is assumed to
// be there: what the bytes do not reach is left out and the layer says that it was cut.

import { fieldsTcp } from './headertcp.js';
import { addrText4, addrText6, field, fieldBits, hexBytes, layerMake, sumFold, sumWords } from './field.js';
import { max, min } from './math.js';

/** @typedef {import('./field.js').Layer} Layer */

const HEADER_NAMES = new Map([
	[0, 'hop-by-hop'], [1, 'ICMP'], [2, 'IGMP'], [4, 'IPv4'], [6, 'TCP'], [17, 'UDP'], [41, 'IPv6'],
	[43, 'routing'], [44, 'fragment'], [47, 'GRE'], [50, 'ESP'], [51, 'AH'], [58, 'ICMPv6'],
	[59, 'none'], [60, 'destination options'],
]);
const HEADER_EXTENSIONS = new Set([0, 43, 44, 51, 60]);

/**
 * @param {Uint8Array} bytes from the network header on
 * @returns {Layer[]} outermost first; the last one may be the data
 */
export function headerLayers(bytes) {
	/** @type {Layer[]} */
	const layers = [];
	const version = bytes.length > 0 ? bytes[0] >> 4 : 0;
	const ip = version === 4 ? headerIp4(bytes, layers) : version === 6 ? headerIp6(bytes, layers)
		: null;
	if (!ip) {
		headerData(bytes, 0, bytes.length, layers);
		return layers;
	}
	const next = headerTransport(bytes, ip, layers);
	headerData(bytes, next, max(ip.end, next), layers);
	return layers;
}

/** @param {number} number */
function headerName(number) {
	return number + ' (' + (HEADER_NAMES.get(number) ?? 'not known here') + ')';
}

/**
 * @typedef {{ at: number, end: number, proto: number, first: boolean, whole: boolean,
 *   pseudo: number }} IpInfo
 * `end` by the header's own length; `first` unless a later fragment; `whole` when all that a
 * checksum covers is known to be here; `pseudo`: the pseudo header's sum.
 */

/** @param {Uint8Array} b @param {Layer[]} layers @returns {IpInfo} */
function headerIp4(b, layers) {
	const layer = layerMake('IPv4', 'RFC 791', layers);
	const size = max(20, (b[0] & 15) * 4);
	const word = (/** @type {number} */ at) => (b[at] << 8) | b[at + 1];
	const f = (/** @type {string} */ name, /** @type {number} */ at, /** @type {number} */ bits,
		/** @type {string} */ value, shift = 0) => field(layer, b, name, at, bits, value, shift);
	f('version', 0, 4, '4');
	f('IHL', 0, 4, (b[0] & 15) + '', 4);
	f('DSCP', 1, 6, (b[1] >> 2) + '');
	f('ECN', 1, 2, ['0', '1', '2', 'CE'][b[1] & 3], 6);
	f('total length', 2, 16, word(2) + '');
	f('identification', 4, 16, '0x' + word(4).toString(16).padStart(4, '0'));
	f('flags', 6, 3, headerIp4Flags(b[6]));
	f('fragment offset', 6, 13, (word(6) & 0x1fff) * 8 + '', 3);
	f('TTL', 8, 8, b[8] + '');
	f('protocol', 9, 8, headerName(b[9]));
	const right = b.length >= size && sumFold(sumWords(b, 0, size)) === 0xffff;
	f('header checksum', 10, 16, '0x' + word(10).toString(16).padStart(4, '0')
		+ (b.length >= size ? (right ? ' ✓' : ' ✗') : ''));
	f('source address', 12, 32, addrText4(b, 12));
	f('destination address', 16, 32, addrText4(b, 16));
	if (size > 20) headerIp4Options(b, size, layer);
	layer.cut = b.length < size;
	const length = max(word(2) || b.length, size);
	return {
		at: size, end: min(length, 65535), proto: b[9], first: (word(6) & 0x1fff) === 0,
		// A length of 0 is left to the network card; a fragment holds a part of what was summed.
		whole: word(2) > 0 && b.length >= length && (word(6) & 0x3fff) === 0,
		pseudo: sumWords(b, 12, 20) + b[9] + (length - size),
	};
}

/** @param {number} byte */
function headerIp4Flags(byte) {
	const names = [byte & 0x80 ? 'R' : '', byte & 0x40 ? 'DF' : '', byte & 0x20 ? 'MF' : ''];
	return names.filter((name) => name !== '').join(' ') || '·';
}

/** @param {Uint8Array} b @param {number} end @param {Layer} layer */
function headerIp4Options(b, end, layer) {
	const names = new Map([[7, 'record route'], [68, 'timestamp'], [130, 'security'],
		[131, 'loose source route'], [137, 'strict source route'], [148, 'router alert']]);
	let at = 20;
	while (at < end && at < b.length) {
		const kind = b[at], size = kind < 2 ? 1 : max(b[at + 1] ?? 2, 2);
		const stop = min(at + size, end, b.length);
		const name = kind === 0 ? 'end of options' : kind === 1 ? 'no-operation'
			: names.get(kind) ?? 'option ' + kind;
		fieldBits(layer, 'option: ' + name, at, stop, kind < 2 ? '' : hexBytes(b, at + 2, stop));
		at = stop;
		if (kind === 0) break;
	}
	if (at < end && at < b.length) fieldBits(layer, 'padding', at, min(end, b.length), '');
}

/** @param {Uint8Array} b @param {Layer[]} layers @returns {IpInfo} */
function headerIp6(b, layers) {
	const layer = layerMake('IPv6', 'RFC 8200', layers);
	const f = (/** @type {string} */ name, /** @type {number} */ at, /** @type {number} */ bits,
		/** @type {string} */ value, shift = 0) => field(layer, b, name, at, bits, value, shift);
	const flow = ((b[1] & 15) << 16) | (b[2] << 8) | b[3], length = (b[4] << 8) | b[5];
	f('version', 0, 4, '6');
	f('DSCP', 0, 6, (((b[0] & 15) << 2) | (b[1] >> 6)) + '', 4);
	f('ECN', 1, 2, ['0', '1', '2', 'CE'][(b[1] >> 4) & 3], 2);
	f('flow label', 1, 20, '0x' + flow.toString(16).padStart(5, '0'), 4);
	f('payload length', 4, 16, length + '');
	f('next header', 6, 8, headerName(b[6]));
	f('hop limit', 7, 8, b[7] + '');
	f('source address', 8, 128, addrText6(b, 8));
	f('destination address', 24, 128, addrText6(b, 24));
	layer.cut = b.length < 40;
	const end = length > 0 ? 40 + length : b.length;
	const info = { at: 40, end, proto: b[6] ?? 59, first: true, whole: length > 0, pseudo: 0 };
	while (HEADER_EXTENSIONS.has(info.proto) && info.at + 8 <= b.length)
		headerExtension(b, info, layer);
	info.whole = info.whole && b.length >= info.end;
	info.pseudo = sumWords(b, 8, 40) + info.proto + (info.end - info.at);
	return info;
}

/** @param {Uint8Array} b @param {IpInfo} info @param {Layer} layer */
function headerExtension(b, info, layer) {
	const at = info.at, name = HEADER_NAMES.get(info.proto) ?? '';
	// AH counts in 4 bytes, less 2 (RFC 4302 section 2.2); the others in 8, less 1.
	const size = info.proto === 44 ? 8 : info.proto === 51 ? (b[at + 1] + 2) * 4 : (b[at + 1] + 1) * 8;
	field(layer, b, name + ': next header', at, 8, headerName(b[at]), 0);
	if (info.proto === 44) {
		const offset = ((b[at + 2] << 8) | b[at + 3]) & 0xfff8;
		field(layer, b, 'reserved', at + 1, 8, '', 0);
		field(layer, b, 'fragment offset', at + 2, 13, offset + '', 0);
		field(layer, b, 'res, M', at + 3, 3, b[at + 3] & 1 ? 'M' : '·', 5);
		fieldBits(layer, 'identification', at + 4, at + 8, '0x' + hexBytes(b, at + 4, at + 8));
		info.first = info.first && offset === 0;
		info.whole = info.whole && offset === 0 && (b[at + 3] & 1) === 0;
	} else {
		field(layer, b, 'length', at + 1, 8, size + ' bytes', 0);
		const stop = min(at + size, b.length);
		fieldBits(layer, name + (info.proto === 51 ? ' fields' : ' options'), at + 2, stop, hexBytes(b, at + 2, stop));
		if (info.proto === 0) headerJumbo(b, at, stop, info);
	}
	info.proto = b[at];
	info.at = at + size;
}

/** The jumbo payload option carries the true length (RFC 2675 section 2).
 * @param {Uint8Array} b @param {number} at the hop-by-hop header @param {number} stop @param {IpInfo} info */
function headerJumbo(b, at, stop, info) {
	for (let i = at + 2; i + 1 < stop; i += b[i] === 0 ? 1 : 2 + b[i + 1])
		if (b[i] === 0xc2 && b[i + 1] === 4 && i + 6 <= stop) {
			info.end = 40 + new DataView(b.buffer, b.byteOffset).getUint32(i + 2);
			info.whole = true;
		}
}

/** @param {Uint8Array} b @param {IpInfo} ip @param {Layer[]} layers @returns {number} where data begins */
function headerTransport(b, ip, layers) {
	if (!ip.first || ip.at >= b.length) return min(ip.at, b.length);
	if (ip.proto === 6) return fieldsTcp(b, ip.at, ip.whole ? ip : null, layers);
	if (ip.proto === 17) return headerUdp(b, ip.at, ip.whole ? ip : null, layers);
	if (ip.proto === 1 || ip.proto === 58) return headerIcmp(b, ip, layers);
	return ip.at;
}

/** @param {Uint8Array} b @param {number} at @param {IpInfo|null} ip @param {Layer[]} layers */
function headerUdp(b, at, ip, layers) {
	const layer = layerMake('UDP', 'RFC 768', layers);
	const word = (/** @type {number} */ i) => (b[i] << 8) | b[i + 1];
	field(layer, b, 'source port', at, 16, word(at) + '', 0);
	field(layer, b, 'destination port', at + 2, 16, word(at + 2) + '', 0);
	field(layer, b, 'length', at + 4, 16, word(at + 4) + '', 0);
	const sum = word(at + 6);
	let mark = '';
	if (sum === 0) mark = ' (none)';
	else if (ip) mark = sumFold(ip.pseudo + sumWords(b, at, ip.end)) === 0xffff ? ' ✓' : ' ✗';
	field(layer, b, 'checksum', at + 6, 16, '0x' + sum.toString(16).padStart(4, '0') + mark, 0);
	layer.cut = b.length < at + 8;
	return min(at + 8, b.length);
}

/** @param {Uint8Array} b @param {IpInfo} ip @param {Layer[]} layers */
function headerIcmp(b, ip, layers) {
	const six = ip.proto === 58, at = ip.at;
	const layer = layerMake(six ? 'ICMPv6' : 'ICMP', six ? 'RFC 4443' : 'RFC 792', layers);
	field(layer, b, 'type', at, 8, b[at] + '', 0);
	field(layer, b, 'code', at + 1, 8, b[at + 1] + '', 0);
	const right = ip.whole
		? sumFold((six ? ip.pseudo : 0) + sumWords(b, at, ip.end)) === 0xffff : null;
	field(layer, b, 'checksum', at + 2, 16, '0x' + hexBytes(b, at + 2, at + 4).replace(/ /g, '')
		+ (right === null ? '' : right ? ' ✓' : ' ✗'), 0);
	if (b.length >= at + 8)
		fieldBits(layer, 'rest of header', at + 4, at + 8, hexBytes(b, at + 4, at + 8));
	layer.cut = b.length < at + 8;
	return min(at + 8, b.length);
}

/** @param {Uint8Array} b @param {number} at @param {number} end @param {Layer[]} layers */
function headerData(b, at, end, layers) {
	if (end <= at) return;
	const layer = layerMake('data', '', layers);
	layer.from = at;
	layer.to = min(end, b.length);
	layer.length = end - at;
	layer.cut = end > b.length;
}
