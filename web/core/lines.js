// Lines of a timeline -> a batch. The three files (.jsonl, .json, the page's blocks) are the
// same lines; .json only adds a first line, a last line and commas, which are passed over.

import { min } from './math.js';
import { batchAdd } from './records.js';

/** How many broken lines are named; the rest are counted. */
const LINES_NAMED = 20;

/**
 * Reads whole lines; returns how many bytes were used (all when `last`, else up to the last
 * line end, so that the caller can put the rest before its next piece).
 * @param {Uint8Array} bytes @param {import('./records.js').Batch} batch
 * @param {{ last: boolean, base?: number, lineBase?: number }} at `base`: where the bytes start
 *   in the source; `lineBase`: lines read before
 */
export function linesRead(bytes, batch, at) {
	const decoder = new TextDecoder();
	const base = at.base ?? 0;
	let from = 0;
	while (from < bytes.length) {
		let to = bytes.indexOf(10, from);
		if (to < 0) {
			if (!at.last) break;
			to = bytes.length;
		}
		batch.lines++;
		lineRead(decoder.decode(bytes.subarray(from, to)), batch, base + from, to - from,
			(at.lineBase ?? 0) + batch.lines);
		from = min(to + 1, bytes.length);
	}
	return from;
}

/**
 * @param {string} text @param {import('./records.js').Batch} batch
 * @param {number} off @param {number} size @param {number} number of the line
 */
function lineRead(text, batch, off, size, number) {
	const line = lineBare(text);
	if (line === '') return;
	let rec;
	try {
		rec = JSON.parse(line);
	} catch (error) {
		lineBad(batch, number, error instanceof Error ? error.message : 'not JSON');
		return;
	}
	if (rec === null || typeof rec !== 'object' || Array.isArray(rec))
		lineBad(batch, number, 'not a record');
	else batchAdd(batch, rec, off, size);
}

/** A line without what .json puts around it. @param {string} text */
export function lineBare(text) {
	let line = text.trim();
	if (line.endsWith(',')) line = line.slice(0, -1);
	if (line === ']}' || line === ']' || line === '}') return '';
	if (/^\{\s*"wireladder"\s*:\s*\d+\s*,\s*"records"\s*:\s*\[$/.test(line)) return '';
	return line;
}

/** @param {import('./records.js').Batch} batch @param {number} line @param {string} why */
function lineBad(batch, line, why) {
	batch.badCount++;
	if (batch.bad.length < LINES_NAMED) batch.bad.push({ line, why });
}
