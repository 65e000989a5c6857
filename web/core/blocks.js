// The data elements of a page: gzip in base64, in numbered blocks with length and CRC-32, and a
// last element that says how many there should be. Whatever is wrong is told in a sentence, and
// the blocks that are whole are still read.

import { base64Decode, crc32Hex } from './bytes.js';
import { max, min } from './math.js';

const BLOCK_TYPE = 'application/x-wireladder+gzip';
const BLOCK_END_TYPE = 'application/x-wireladder-end';

/** @typedef {{ number: number, length: number, crc: string, text: string }} Block */
/** @typedef {{ blocks: Block[], count: number|null, records: number|null }} BlockSet */

/**
 * @param {Iterable<{ type: string, get: (name: string) => string|null, text: () => string }>} elements
 * @returns {BlockSet}
 */
export function blocksCollect(elements) {
	/** @type {BlockSet} */
	const set = { blocks: [], count: null, records: null };
	for (const element of elements) {
		if (element.type === BLOCK_TYPE) set.blocks.push({
			number: Number(element.get('data-block')),
			length: Number(element.get('data-length')),
			crc: (element.get('data-crc32') ?? '').toLowerCase(),
			text: element.text(),
		});
		if (element.type === BLOCK_END_TYPE) {
			set.count = Number(element.get('data-blocks'));
			set.records = Number(element.get('data-records'));
		}
	}
	set.blocks.sort((a, b) => a.number - b.number);
	return set;
}

/**
 * The data elements in the text of a saved page. The page's own script is passed over: only
 * tags that carry one of the two types count.
 * @param {string} html @returns {BlockSet}
 */
export function blocksInText(html) {
	return blocksCollect(Array.from(html.matchAll(/<script( type="application\/x-wireladder[^>]*)>([^<]*)/g), ([, tag, text]) => {
		const get = (/** @type {string} */ name) => new RegExp(' ' + name + '="([^"]*)"').exec(tag)?.[1] ?? null;
		return { type: get('type') ?? '', get, text: () => text };
	}));
}

/** What is wrong with the set as a whole. @param {BlockSet} set @returns {string[]} */
export function blocksCheck(set) {
	const numbers = new Set(set.blocks.map((b) => b.number));
	if (set.count === null)
		return set.blocks.length === 0 ? []
			: ['The page ends before its data does: the last block is not there.'];
	let missing = 0;
	for (let i = 1; i <= min(set.count, 1e6); i++) if (!numbers.has(i)) missing++;
	if (missing === 0) return [];
	return [missing + ' of ' + set.count + ' blocks missing: what they held is not shown.'];
}

/** Straight through the stream: a Blob in between would cost a trip to another process.
 * @param {Uint8Array} bytes @param {number} size what it should give */
async function blockInflate(bytes, size) {
	const stream = new DecompressionStream('gzip');
	const writer = stream.writable.getWriter(), reader = stream.readable.getReader();
	// Errors of the writing side come out of the reading side as well.
	writer.write(/** @type {any} */ (bytes)).catch(() => {});
	writer.close().catch(() => {});
	let out = new Uint8Array(min(max(size, 64), 64 << 20) || 64), used = 0;
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return out.subarray(0, used);
		if (used + value.length > out.length) {
			const more = new Uint8Array(max(out.length * 2, used + value.length));
			more.set(out.subarray(0, used));
			out = more;
		}
		out.set(value, used);
		used += value.length;
	}
}

/**
 * One block's bytes, and what is wrong with them (they are still given when they can be read).
 * @param {Block} block @returns {Promise<{ bytes: Uint8Array|null, wrong: string }>}
 */
export async function blockRead(block) {
	const told = (/** @type {Uint8Array|null} */ bytes, /** @type {string} */ wrong) =>
		({ bytes, wrong: wrong && 'Block ' + block.number + wrong });
	const packed = base64Decode(block.text);
	if (!packed) return told(null, ' is not base64; it is left out.');
	let bytes;
	try {
		bytes = await blockInflate(packed, block.length);
	} catch {
		return told(null, ' cannot be unpacked (damaged gzip); it is left out.');
	}
	if (bytes.length !== block.length)
		return told(bytes, ' has ' + bytes.length + ' bytes, but should have ' + block.length + ' (bad length).');
	const crc = crc32Hex(bytes);
	return told(bytes, crc === block.crc ? '' : ' has the checksum ' + crc + ', but should have ' + block.crc + ' (bad CRC).');
}
