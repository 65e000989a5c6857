// Bytes and text: base64, CRC-32, and text from packets made safe to look at.

import { ceil } from './math.js';

const BYTES_B64 = (() => {
	const table = new Int16Array(128).fill(-1);
	const abc = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
	for (let i = 0; i < abc.length; i++) table[abc.charCodeAt(i)] = i;
	return table;
})();

const BYTES_CRC = (() => {
	const table = new Int32Array(256);
	for (let n = 0; n < 256; n++) {
		let c = n;
		for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
		table[n] = c;
	}
	return table;
})();

/**
 * Decodes base64, passing over white space; null when the text is not base64.
 * Done by hand because atob makes a string first: at 16 MB a block that is felt.
 * @param {string} text
 */
export function base64Decode(text) {
	const out = new Uint8Array(ceil((text.length * 3) / 4));
	let size = 0, bits = 0, have = 0;
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		const value = code < 128 ? BYTES_B64[code] : -1;
		if (value < 0) {
			if (code === 61) break;
			if (code <= 32) continue;
			return null;
		}
		bits = (bits << 6) | value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[size++] = (bits >>> have) & 255;
		}
	}
	return out.subarray(0, size);
}

/** @type {Record<number, string>} */
const BYTES_NAMED = { 9: '\\t', 10: '\\n', 13: '\\r' };
/** Controls, bidi and zero-width characters, tags, halves of surrogate pairs. */
const BYTES_HIDDEN = /[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}\p{Cs}]/gu;

/** @param {Uint8Array} bytes @returns the CRC-32 of gzip and PNG, as eight hex digits */
export function crc32Hex(bytes) {
	let c = -1;
	for (let i = 0; i < bytes.length; i++) c = BYTES_CRC[(c ^ bytes[i]) & 255] ^ (c >>> 8);
	return hex((c ^ -1) >>> 0, 8);
}

/** @param {number} value @param {number} digits */
export function hex(value, digits) {
	return value.toString(16).padStart(digits, '0');
}

/** Two bytes as a number, the network's way round; what is not there counts as 0.
 * @param {Uint8Array} b @param {number} at */
export function word16(b, at) {
	return (b[at] << 8) | b[at + 1];
}

/** @param {Uint8Array} b @param {number} at */
export function word32(b, at) {
	return word16(b, at) * 65536 + word16(b, at + 2);
}

/**
 * Makes invisible characters visible: controls as \\n, \\t, \\x1b, bidi and zero-width ones as
 * [U+202E]. Packet text must not be able to turn the words around it.
 * @param {unknown} value whatever a record holds
 */
export function visibleText(value) {
	return String(value).replace(BYTES_HIDDEN, (char) => {
		const code = /** @type {number} */ (char.codePointAt(0));
		if (code < 128) return BYTES_NAMED[code] ?? '\\x' + hex(code, 2);
		return '[U+' + hex(code, 4).toUpperCase() + ']';
	});
}

/**
 * The payload's first characters, if it is text at all; '' otherwise.
 * @param {Uint8Array} bytes @param {number} most
 */
export function textPreview(bytes, most) {
	if (bytes.length === 0) return '';
	for (const byte of bytes.subarray(0, most))
		if (byte < 9 || (byte > 13 && byte < 32) || byte === 127) return '';
	const cut = bytes.length > most;
	const text = new TextDecoder().decode(bytes.subarray(0, most));
	const body = cut ? text.replace(/\ufffd+$/, '') : text.replace(/[\r\n]+$/, '');
	if (body.includes('\ufffd')) return '';
	return visibleText(body) + (cut ? '…' : '');
}
