// Puts a timeline into the viewer as the C program does: gzip, base64, numbered blocks, count.
//   node page.mjs VIEWER.html LINES.jsonl > PAGE.html

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { crc32Hex } from '../../core/bytes.js';

export const MARKER = '<!-- wireladder:data -->';

/**
 * @param {string[]} lines @param {number} [most] raw bytes in a block
 * @returns {string} the data elements
 */
export function pageData(lines, most = 16 << 20) {
	const blocks = [];
	let part = [], size = 0;
	const flush = () => {
		if (part.length === 0) return;
		const raw = Buffer.from(part.join('\n') + '\n');
		blocks.push('<script type="application/x-wireladder+gzip" data-block="' + (blocks.length + 1) + '" data-length="' + raw.length
			+ '" data-crc32="' + crc32Hex(raw) + '">' + gzipSync(raw).toString('base64') + '</script>');
		part = [];
		size = 0;
	};
	for (const line of lines) {
		const length = Buffer.byteLength(line) + 1;
		if (size + length > most) flush();
		part.push(line);
		size += length;
	}
	flush();
	return blocks.join('\n') + '\n<script type="application/x-wireladder-end" data-blocks="' + blocks.length + '" data-records="' + lines.length + '"></script>';
}

/** @param {string} viewer @param {string} data */
export function pageMake(viewer, data) {
	const at = viewer.indexOf(MARKER);
	if (at < 0 || viewer.indexOf(MARKER, at + 1) >= 0) throw new Error('the page must hold its marker exactly once');
	return viewer.slice(0, at) + data + viewer.slice(at + MARKER.length);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href && process.argv.length > 3) {
	const lines = readFileSync(process.argv[3], 'utf8').split('\n').filter((line) => line !== '');
	process.stdout.write(pageMake(readFileSync(process.argv[2], 'utf8'), pageData(lines)));
}
