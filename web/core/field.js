// What header figures are made of: layers of fields, each with its bits in the packet; and the
// Internet checksum (RFC 1071).

import { hex, word16 } from './bytes.js';
import { ceil, floor, max, min } from './math.js';

/**
 * `from` and `to` are byte offsets in the packet; `bits` its width in the figure; `key` is the
 * same for the same field of another packet, so that two can be compared.
 * @typedef {{ name: string, key: string, value: string, raw: string, from: number, to: number,
 *   bits: number, changed: boolean, wide: boolean }} Field
 * @typedef {{ name: string, cite: string, fields: Field[], from: number, to: number,
 *   length: number, cut: boolean }} Layer
 */

/** @param {string} name @param {string} cite @param {Layer[]} layers @returns {Layer} */
export function layerMake(name, cite, layers) {
	const layer = { name, cite, fields: [], from: -1, to: -1, length: 0, cut: false };
	layers.push(layer);
	return layer;
}

/** @param {Uint8Array} b @param {number} from @param {number} to */
export function hexBytes(b, from, to) {
	return Array.from(b.subarray(from, to), (byte) => hex(byte, 2)).join(to - from === 4 || to - from <= 2 ? '' : ' ');
}

/**
 * Reads fields that follow one another, each beginning at the bit where the one before it ended.
 * One that the bytes do not reach is left out. `tell` makes the value out of the number, which
 * else is told as it is; a field of more than 32 bits has no number.
 * @param {Layer} layer @param {Uint8Array} b @param {number} from where the first one begins
 */
export function fieldReader(layer, b, from) {
	let bit = from * 8;
	return (/** @type {string} */ name, /** @type {number} */ bits, tell = (/** @type {number} */ value) => String(value)) => {
		const at = floor(bit / 8), to = ceil((bit + bits) / 8), low = to * 8 - bit - bits;
		bit += bits;
		if (to > b.length) {
			layer.cut = true;
			return;
		}
		let value = 0;
		for (let i = at; i < to; i++) value = value * 256 + b[i];
		value = floor(value / 2 ** low) % 2 ** bits;
		fieldPush(layer, name, at, to, tell(value), bits, bits > 32 ? hexBytes(b, at, to) : String(value), false);
	};
}

/**
 * Adds whole bytes, as wide as they are, at most a line.
 * @param {Layer} layer @param {string} name @param {number} from @param {number} to
 * @param {string} value
 */
export function fieldBits(layer, name, from, to, value) {
	if (to <= from) return;
	fieldPush(layer, name, from, to, value, min((to - from) * 8, 32), value, true);
}

/**
 * @param {Layer} layer @param {string} name @param {number} from @param {number} to
 * @param {string} value @param {number} bits @param {string} raw @param {boolean} wide
 */
function fieldPush(layer, name, from, to, value, bits, raw, wide) {
	if (layer.from < 0) layer.from = from;
	layer.to = max(layer.to, to);
	const same = layer.fields.filter((f) => f.name === name).length;
	layer.fields.push({
		name, key: layer.name + '/' + name + '/' + same, value, raw, from, to, bits, wide,
		changed: false,
	});
}

/**
 * Options of IPv4 or TCP: a kind, its length but for the two of one byte, its bytes.
 * @param {Layer} layer @param {Uint8Array} b @param {{ at: number, end: number }} where
 * @param {Map<number, string>} names @param {(kind: number, at: number, stop: number) => string} tell
 */
export function fieldOptions(layer, b, { at, end }, names, tell) {
	while (at < end) {
		const kind = b[at], stop = at + (kind < 2 ? 1 : b[at + 1] ?? 0);
		if (stop > end || stop < at + min(kind, 2)) return fieldBits(layer, 'bad option ' + kind, at, end, hexBytes(b, at, end));
		const name = ['end of options', 'no-operation'][kind] ?? names.get(kind) ?? 'option ' + kind;
		fieldBits(layer, name, at, stop, ['EOL', 'NOP'][kind] ?? tell(kind, at, stop));
		at = stop;
		if (kind === 0) break;
	}
	fieldBits(layer, 'padding', at, end, '');
}

/**
 * Marks the fields whose bits differ from the packet before. An option that was not there
 * before counts as changed.
 * @param {Layer[]} layers @param {Layer[]|null} before
 */
export function layersCompare(layers, before) {
	if (!before) return;
	const old = new Map();
	for (const layer of before) for (const f of layer.fields) old.set(f.key, f.raw);
	for (const layer of layers)
		for (const f of layer.fields) f.changed = old.get(f.key) !== f.raw;
}

/** @param {Uint8Array} b @param {number} from @param {number} to */
export function sumWords(b, from, to) {
	let sum = 0;
	for (let i = from; i + 1 < to; i += 2) sum += word16(b, i);
	if ((to - from) % 2 === 1 && to > from) sum += b[to - 1] << 8;
	return sum;
}

/** Whether a checksum is right: with it the folded sum is all ones.
 * @param {Uint8Array} b @param {number} from @param {number} to @param {number} pseudo */
export function sumRight(b, from, to, pseudo) {
	let sum = pseudo + sumWords(b, from, to);
	while (sum > 0xffff) sum = (sum & 0xffff) + floor(sum / 65536);
	return sum === 0xffff;
}

/** @param {number} sum the checksum @param {boolean|null} right null when nobody can tell */
export function sumText(sum, right) {
	return hexText(sum, 4) + (right === null ? '' : right ? ' ✓' : ' ✗');
}

/** @param {number} value @param {number} digits */
export function hexText(value, digits) {
	return '0x' + hex(value, digits);
}

/** @param {Uint8Array} b @param {number} at */
export function addrText4(b, at) {
	return Array.from(b.subarray(at, at + 4)).join('.');
}

/** RFC 5952: the longest run of zeros, the first of equals, becomes `::`; an address's own parser writes it so.
 * @param {Uint8Array} b @param {number} at */
export function addrText6(b, at) {
	const words = [];
	for (let i = 0; i < 16; i += 2) words.push(hex(word16(b, at + i), 4));
	return new URL('http://[' + words.join(':') + ']').hostname.slice(1, -1);
}
