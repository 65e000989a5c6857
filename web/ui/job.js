// Reading input, the same code in a worker and in the page: data blocks or a file become batches
// of columns, one after the other.

import { blockRead, blocksCheck, blocksInText } from '../core/blocks.js';
import { batchMake, batchTrim } from '../core/records.js';
import { lineBare, linesRead } from '../core/lines.js';

/** @typedef {import('../core/blocks.js').BlockSet} BlockSet */
/** @typedef {{ kind: 'blocks', set: BlockSet } | { kind: 'file', file: Blob, name: string }} Job */
/**
 * @typedef {{ batch: import('../core/records.js').Batch, bytes: Uint8Array|null, blob: Blob|null,
 *   wrong: string }} JobPart
 * @typedef {(part: JobPart) => void} JobEmit
 */

const JOB_PIECE = 8 << 20;
const JOB_WHOLE_JSON = 64 << 20;

/** @param {Job} job @param {JobEmit} emit */
export async function jobRun(job, emit) {
	if (job.kind === 'blocks') await jobBlocks(job.set, emit);
	else if (/\.html?$/i.test(job.name) || await jobIsPage(job.file)) {
		const set = blocksInText(await job.file.text());
		if (set.blocks.length === 0 && !set.count) jobWrong(emit, job.name + ' is a page without a timeline in it.');
		await jobBlocks(set, emit);
	} else await jobLines(await jobAsLines(job.file), emit);
}

/** @param {JobEmit} emit @param {string} wrong */
function jobWrong(emit, wrong) {
	emit({ batch: batchTrim(batchMake()), bytes: null, blob: null, wrong });
}

/** @param {Blob} file */
async function jobIsPage(file) {
	return /^\s*<(!doctype|html)/i.test(await file.slice(0, 200).text());
}

/** @param {BlockSet} set @param {JobEmit} emit */
async function jobBlocks(set, emit) {
	for (const wrong of blocksCheck(set)) jobWrong(emit, wrong);
	let lineBase = 0, records = 0, broken = false;
	for (const block of set.blocks) {
		const { bytes, wrong } = await blockRead(block);
		const batch = batchMake();
		if (bytes) linesRead(bytes, batch, { last: true, lineBase });
		lineBase += batch.lines;
		records += batch.lines;
		broken = broken || wrong !== '';
		emit({ batch: batchTrim(batch), bytes, blob: null, wrong });
	}
	if (!broken && set.count === set.blocks.length && set.records !== null && set.records !== records)
		jobWrong(emit, 'The page holds ' + records + ' records, but should have ' + set.records + '.');
}

/** The file as lines: a .json that somebody has formatted anew is brought back to one record a
 * line. @param {Blob} file @returns {Promise<Blob>} */
async function jobAsLines(file) {
	const head = (await file.slice(0, 400).text()).trimStart(), first = head.split('\n', 1)[0];
	if (!head.startsWith('{') || lineBare(first) === '' || !/^\{\s*("wireladder"|$)/.test(first)) return file;
	if (file.size > JOB_WHOLE_JSON) return file;
	try {
		const whole = JSON.parse(await file.text());
		if (!Array.isArray(whole.records)) return file;
		return new Blob([whole.records.map((/** @type {any} */ r) => JSON.stringify(r)).join('\n') + '\n']);
	} catch {
		return file;
	}
}

/** @param {Blob} file @param {JobEmit} emit */
async function jobLines(file, emit) {
	let from = 0, lineBase = 0;
	while (from < file.size) {
		let size = JOB_PIECE, used = 0;
		const batch = batchMake();
		// A line longer than a piece: take a larger piece.
		while (used === 0) {
			const last = from + size >= file.size;
			const bytes = new Uint8Array(await file.slice(from, from + size).arrayBuffer());
			used = linesRead(bytes, batch, { last, base: from, lineBase });
			size *= 2;
			if (last) break;
		}
		if (used === 0) break;
		from += used;
		lineBase += batch.lines;
		emit({ batch: batchTrim(batch), bytes: null, blob: file, wrong: '' });
	}
}
