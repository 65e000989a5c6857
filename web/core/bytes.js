// Bytes and text: base64, CRC-32, and text from packets made safe to look at.

const BYTES_CRC = Int32Array.from({ length: 256 }, (_, n) => {
	let c = n;
	for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
	return c;
});

/** Decodes base64, passing over white space; null when the text is not base64. @param {string} text */
export function base64Decode(text) {
	try {
		const chars = atob(text), out = new Uint8Array(chars.length);
		for (let i = 0; i < out.length; i++) out[i] = chars.charCodeAt(i);
		return out;
	} catch {
		return null;
	}
}

/** @type {Record<number, string>} */
const BYTES_NAMED = { 9: '\\t', 10: '\\n', 13: '\\r' };
/** Controls, bidi and zero-width characters, tags, halves of surrogate pairs, what has no character; line
 * separators; variation selectors for ideographs. */
const BYTES_HIDDEN = /[\p{C}\p{Zl}\p{Zp}\u{e0100}-\u{e01ef}]/gu;

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
