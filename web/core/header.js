// A packet's bytes -> layers of fields, bit by bit, for the header figure. Nothing is assumed to
// be there: what the bytes do not reach is left out and the layer says that it was cut.

import { fieldsTcp } from './headertcp.js';
import { word16, word32 } from './bytes.js';
import {
	addrText4, addrText6, fieldBits, fieldOptions, fieldReader, hexBytes, hexText, layerMake, sumRight, sumText, sumWords,
} from './field.js';
import { max, min } from './math.js';

/** @typedef {import('./field.js').Layer} Layer */

const HEADER_NAMES = new Map([
	[0, 'hop-by-hop'], [1, 'ICMP'], [2, 'IGMP'], [4, 'IPv4'], [6, 'TCP'], [17, 'UDP'], [41, 'IPv6'],
	[43, 'routing'], [44, 'fragment'], [47, 'GRE'], [50, 'ESP'], [51, 'AH'], [58, 'ICMPv6'],
	[59, 'none'], [60, 'destination options'],
]);
const HEADER_EXTENSIONS = new Set([0, 43, 44, 51, 60]);

const HEADER_IP4_OPTIONS = new Map([
	[7, 'record route'], [68, 'timestamp'], [130, 'security'], [131, 'loose source route'], [137, 'strict source route'],
	[148, 'router alert'],
]);

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
	const layer = layerMake('IPv4', 'RFC 791', layers), f = fieldReader(layer, b, 0);
	const size = max(20, (b[0] & 15) * 4), length = max(word16(b, 2) || b.length, size);
	f('version', 4);
	f('IHL', 4);
	f('DSCP', 6);
	f('ECN', 2, headerEcn);
	f('total length', 16);
	f('identification', 16, (id) => hexText(id, 4));
	f('flags', 3, (bits) => ['MF', 'DF', 'R'].filter((_, bit) => bits & (1 << bit)).reverse().join(' ') || '·');
	f('fragment offset', 13, (units) => units * 8 + '');
	f('TTL', 8);
	f('protocol', 8, headerName);
	f('header checksum', 16, (sum) => sumText(sum, b.length >= size ? sumRight(b, 0, size, 0) : null));
	f('source address', 32, () => addrText4(b, 12));
	f('destination address', 32, () => addrText4(b, 16));
	fieldOptions(layer, b, { at: 20, end: min(size, b.length) }, HEADER_IP4_OPTIONS, (_, at, stop) => hexBytes(b, at + 2, stop));
	layer.cut = b.length < size;
	return {
		at: size, end: min(length, 65535), proto: b[9], first: (word16(b, 6) & 0x1fff) === 0,
		// A length of 0 is left to the network card; a fragment holds a part of what was summed.
		whole: word16(b, 2) > 0 && b.length >= length && (word16(b, 6) & 0x3fff) === 0,
		pseudo: sumWords(b, 12, 20) + b[9] + (length - size),
	};
}

/** @param {number} ecn */
function headerEcn(ecn) {
	return ecn === 3 ? 'CE' : String(ecn);
}

/** @param {Uint8Array} b @param {Layer[]} layers @returns {IpInfo} */
function headerIp6(b, layers) {
	const layer = layerMake('IPv6', 'RFC 8200', layers), f = fieldReader(layer, b, 0);
	const length = word16(b, 4);
	f('version', 4);
	f('DSCP', 6);
	f('ECN', 2, headerEcn);
	f('flow label', 20, (label) => hexText(label, 5));
	f('payload length', 16);
	f('next header', 8, headerName);
	f('hop limit', 8);
	f('source address', 128, () => addrText6(b, 8));
	f('destination address', 128, () => addrText6(b, 24));
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
	const f = fieldReader(layer, b, at);
	f(name + ': next header', 8, headerName);
	if (info.proto === 44) {
		f('reserved', 8, () => '');
		f('fragment offset', 13, (units) => units * 8 + '');
		f('res, M', 3, (bits) => (bits & 1 ? 'M' : '·'));
		fieldBits(layer, 'identification', at + 4, at + 8, '0x' + hexBytes(b, at + 4, at + 8));
		info.first = info.first && word16(b, at + 2) < 8;
		info.whole = info.whole && (word16(b, at + 2) & 0xfff9) === 0;
	} else {
		f('length', 8, () => size + ' bytes');
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
			info.end = 40 + word32(b, i + 2);
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
	const layer = layerMake('UDP', 'RFC 768', layers), f = fieldReader(layer, b, at);
	f('source port', 16);
	f('destination port', 16);
	f('length', 16);
	f('checksum', 16, (sum) => sum === 0 ? hexText(0, 4) + ' (none)' : sumText(sum, ip && sumRight(b, at, ip.end, ip.pseudo)));
	layer.cut = b.length < at + 8;
	return min(at + 8, b.length);
}

/** @param {Uint8Array} b @param {IpInfo} ip @param {Layer[]} layers */
function headerIcmp(b, ip, layers) {
	const six = ip.proto === 58, at = ip.at;
	const layer = layerMake(six ? 'ICMPv6' : 'ICMP', six ? 'RFC 4443' : 'RFC 792', layers);
	const f = fieldReader(layer, b, at);
	f('type', 8);
	f('code', 8);
	f('checksum', 16, (sum) => sumText(sum, ip.whole ? sumRight(b, at, ip.end, six ? ip.pseudo : 0) : null));
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
