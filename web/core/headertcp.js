// The TCP header and its options (RFC 9293 section 3.1 and 3.2), bit by bit.

import { word16, word32 } from './bytes.js';
import { fieldOptions, fieldReader, hexBytes, layerMake, sumRight, sumText } from './field.js';
import { max, min } from './math.js';

const TCP_FLAG_LETTERS = 'FSRPAUECA';

const TCP_OPTIONS = new Map([
	[2, 'maximum segment size'], [3, 'window scale'],
	[4, 'SACK permitted'], [5, 'SACK'], [8, 'timestamps'], [19, 'MD5 signature'],
	[28, 'user timeout'], [29, 'TCP-AO'], [30, 'multipath TCP'], [34, 'fast open cookie'],
	[69, 'encryption negotiation'], [172, 'AccECN order 0'], [174, 'AccECN order 1'],
	[253, 'experiment'], [254, 'experiment'],
]);

/**
 * @param {Uint8Array} b @param {number} at
 * @param {import('./header.js').IpInfo|null} ip null when the packet was cut: no checksum then
 * @param {import('./field.js').Layer[]} layers
 * @returns {number} where data begins
 */
export function fieldsTcp(b, at, ip, layers) {
	const layer = layerMake('TCP', 'RFC 9293', layers), f = fieldReader(layer, b, at);
	const size = max(20, (b[at + 12] >> 4) * 4);
	f('source port', 16);
	f('destination port', 16);
	f('sequence number', 32);
	f('acknowledgment number', 32);
	f('offset', 4);
	f('res', 3);
	f('flags', 9, tcpFlagText);
	f('window', 16);
	f('checksum', 16, (sum) => sumText(sum, ip && sumRight(b, at, ip.end, ip.pseudo)));
	f('urgent pointer', 16);
	fieldOptions(layer, b, { at: at + 20, end: min(at + size, b.length) }, TCP_OPTIONS, (kind, from, stop) => tcpOptionText(b, from, kind, stop - from));
	layer.cut = layer.cut || b.length < at + size;
	return min(at + size, b.length);
}

/** Letters where a flag is set, dots where not, in header order. @param {number} bits */
function tcpFlagText(bits) {
	let text = '';
	for (let bit = 8; bit >= 0; bit--) text += bits & (1 << bit) ? TCP_FLAG_LETTERS[bit] : '·';
	return text;
}

/** @param {Uint8Array} b @param {number} at @param {number} kind @param {number} size */
function tcpOptionText(b, at, kind, size) {
	if (kind === 2 && size === 4) return word16(b, at + 2) + ' bytes';
	if (kind === 3 && size === 3) return b[at + 2] + ' (× ' + 2 ** min(b[at + 2], 14) + ')';
	if (kind === 4) return 'yes';
	if (kind === 8 && size === 10) return 'TSval ' + word32(b, at + 2) + ' · TSecr ' + word32(b, at + 6);
	if (kind === 5 && (size - 2) % 8 === 0) {
		const blocks = [];
		for (let i = at + 2; i + 8 <= at + size; i += 8) blocks.push(word32(b, i) + '–' + word32(b, i + 4));
		return blocks.join(', ');
	}
	return hexBytes(b, at + 2, at + size) || 'empty';
}
