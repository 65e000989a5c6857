// The whole timeline in the viewer: columns joined from batches, conversations, and the rows of
// each conversation. Objects are kept only for what is rare; the full record of a packet is read
// again from its line when somebody asks for it.

import {
	BIT_BETWEEN, BIT_LOST, BIT_NOTE, BIT_SERVER, BIT_VERDICT, NO_CONV, PROTO_FRAGMENT, PROTO_ICMP,
} from './kinds.js';
import { PACKET_COLUMNS, SHEETS, SHEET_COLUMNS, growAppend, growMake, sheetsMake } from './grow.js';
import { callsIndex } from './calls.js';
import { firstPlace, isNumber, max, min } from './math.js';
import { packetVerdict, recordObject, recordVerdicts } from './records.js';

/** @typedef {import('./records.js').Rec} Rec */
/** @typedef {{ addr: string, port: number }} End */
/**
 * @typedef {{ conv: number, index: number, proto: string, client: End, server: End,
 *   closed: Rec|null, notes: { row: number, rec: Rec }[], marks: number, first: number,
 *   last: number, count: number, bare?: boolean }} Conv `bare`: of calls alone, without a packet
 */
/** @typedef {{ bytes: Uint8Array } | { blob: Blob }} Source */
/**
 * @typedef {{ rows: number, cols: import('./grow.js').PacketArrays, sheets: import('./grow.js').Sheets, programs: Map<number, Rec>,
 *   callAt: Map<number, number>, callsOf: number[][], listening: Set<number>, apart: Set<number>, samplesOf: Uint32Array[],
 *   ids: string[], idAt: Map<string, number>,
 *   extras: Map<number, import('./records.js').Extra>, amends: Map<number, Rec[]>,
 *   meta: Rec, summary: Rec|null, glossary: Map<string, Rec>, convs: Conv[],
 *   convAt: Map<number, number>, notes: { row: number, rec: Rec }[],
 *   sources: { row: number, source: Source }[], bad: { line: number, why: string }[],
 *   badCount: number, records: number, problems: string[],
 *   rowsOf: Uint32Array[], statesOf: Uint32Array[] }} Timeline
 */

const NO_ROWS = new Uint32Array(0);

/** @returns {Timeline} */
export function timelineMake() {
	return {
		rows: 0, cols: growMake(PACKET_COLUMNS, 256), sheets: sheetsMake(), programs: new Map(), callAt: new Map(), callsOf: [], listening: new Set(), apart: new Set(), samplesOf: [], ids: [''], idAt: new Map([['', 0]]),
		extras: new Map(), amends: new Map(), meta: {}, summary: null, glossary: new Map(),
		convs: [], convAt: new Map(), notes: [], sources: [], bad: [], badCount: 0, records: 0, problems: [], rowsOf: [], statesOf: [],
	};
}

/**
 * Appends a batch. Call timelineIndex when the last one (or enough to be drawn) is in.
 * @param {Timeline} tl @param {import('./records.js').Batch} batch @param {Source} source
 */
export function timelineAppend(tl, batch, source) {
	const row0 = tl.rows, ids = batch.ids.map((id) => timelineId(tl, id));
	tl.sources.push({ row: row0, source });
	const last = tl.convs.at(-1);
	if (last?.bare) tl.convAt.delete((tl.convs.pop() ?? last).conv);
	tl.bad = [...tl.bad, ...batch.bad].slice(0, 20);
	tl.badCount += batch.badCount;
	tl.records += batch.known;
	// Conversations first: the packets' numbers are turned into places in that list.
	for (const { row, rec } of batch.others)
		if (rec.k === 'conversation' || rec.k === 'closed') timelineConv(tl, rec.conv, rec, row0 + row);
	timelinePackets(tl, batch);
	for (const kind of SHEETS) timelineSheet(tl, batch, ids, kind, row0);
	for (const [row, extra] of batch.extras) tl.extras.set(row0 + row, extra);
	for (const { row, rec } of batch.others) timelineOther(tl, rec, row0 + row);
}

/** @param {Timeline} tl @param {string} id */
function timelineId(tl, id) {
	const known = tl.idAt.get(id);
	if (known !== undefined) return known;
	tl.idAt.set(id, tl.ids.length);
	return tl.ids.push(id) - 1;
}

/** @param {any} end @returns {End} */
function timelineEnd(end) {
	const { addr, port } = recordObject(end);
	return { addr: String(addr ?? '?'), port: Number(port ?? 0) };
}

/**
 * The place of a conversation, made when it is not there yet (its record may be a broken line).
 * @param {Timeline} tl @param {any} number @param {Rec} rec @param {number} row
 */
function timelineConv(tl, number, rec, row) {
	if (!isNumber(number) || number === NO_CONV) return NO_CONV;
	let index = tl.convAt.get(number);
	if (index === undefined) {
		index = tl.convs.length;
		tl.convAt.set(number, index);
		tl.convs.push({
			conv: number, index, proto: '', client: timelineEnd(null), server: timelineEnd(null),
			closed: null, notes: [], marks: 0, first: row, last: row, count: 0,
		});
	}
	const conv = tl.convs[index];
	if (rec.client) conv.client = timelineEnd(rec.client);
	if (rec.server) conv.server = timelineEnd(rec.server);
	if (typeof rec.proto === 'string') conv.proto = rec.proto;
	if (rec.k === 'closed') conv.closed = rec;
	return index;
}

/** @param {Timeline} tl @param {import('./records.js').Batch} batch */
function timelinePackets(tl, batch) {
	const row0 = tl.rows, rows = batch.rows;
	/** @type {import('./grow.js').PacketArrays} */
	const to = tl.cols = growAppend(PACKET_COLUMNS, tl.cols, row0, batch.cols, rows);
	let lastNumber = NO_CONV, lastIndex = NO_CONV;
	for (let i = row0; i < row0 + rows; i++) {
		if (to.conv[i] !== lastNumber) {
			lastNumber = to.conv[i];
			lastIndex = timelineConv(tl, lastNumber, {}, i);
		}
		to.conv[i] = lastIndex;
	}
	tl.rows += rows;
}

/** @param {Timeline} tl @param {import('./records.js').Batch} batch @param {number[]} ids
 * @param {import('./grow.js').SheetKind} kind @param {number} row0 */
function timelineSheet(tl, batch, ids, kind, row0) {
	const sheet = tl.sheets[kind], { rows, cols } = batch.sheets[kind], at0 = sheet.rows;
	const to = sheet.cols = growAppend(SHEET_COLUMNS[kind], sheet.cols, at0, cols, rows);
	sheet.rows += rows;
	for (let i = at0; i < sheet.rows; i++) {
		to.source[i] = tl.sources.length - 1;
		to.conv[i] = timelineConv(tl, to.conv[i], {}, row0);
		for (const [name, type] of Object.entries(SHEET_COLUMNS[kind])) if (type === 'word') to[name][i] = ids[to[name][i] - 1] ?? 0;
	}
}

/** @param {Timeline} tl @param {Rec} rec @param {number} row the row that comes next */
function timelineOther(tl, rec, row) {
	if (rec.k === 'meta') timelineMeta(tl, rec);
	else if (rec.k === 'summary') tl.summary = rec;
	else if (rec.k === 'note') timelineNote(tl, rec, row);
	else if (rec.k === 'amend') timelineAmend(tl, rec);
	else if (rec.k === 'program') tl.programs.set(rec.id, rec);
}

/** @param {Timeline} tl @param {Rec} rec */
function timelineMeta(tl, rec) {
	tl.meta = rec;
	if (isNumber(rec.format) && rec.format > 1)
		tl.problems.push('The timeline has format ' + rec.format
			+ '; this page knows format 1 and shows what it understands.');
	for (const [id, entry] of Object.entries(recordObject(rec.glossary))) tl.glossary.set(id, recordObject(entry));
}

/**
 * A note stands after what made it known: it belongs to the packet it names, else to the last.
 * @param {Timeline} tl @param {Rec} rec @param {number} next
 */
function timelineNote(tl, rec, next) {
	const named = Array.isArray(rec.because) ? timelineRow(tl, rec.because[0]) : -1;
	const row = named >= 0 ? named : min(max(next - 1, 0), tl.rows - 1);
	tl.notes.push({ row, rec });
	const index = tl.convAt.get(rec.conv);
	if (index !== undefined) tl.convs[index].notes.push({ row, rec });
	if (row >= 0 && (index === undefined || tl.cols.conv[row] === index))
		tl.cols.bits[row] |= BIT_NOTE;
}

/** @param {Timeline} tl @param {Rec} rec */
function timelineAmend(tl, rec) {
	const row = timelineRow(tl, rec.n), c = tl.cols;
	if (row < 0) return;
	const extra = tl.extras.get(row) ?? {};
	if (isNumber(rec.arrives)) c.arr[row] = rec.arrives;
	if (isNumber(rec.call)) c.call[row] = rec.call;
	if (typeof rec.lost === 'boolean')
		c.bits[row] = rec.lost ? c.bits[row] | BIT_LOST : c.bits[row] & ~BIT_LOST;
	if (Array.isArray(rec.fate)) extra.fate = rec.fate;
	if (Array.isArray(rec.verdicts)) extra.verdicts = recordVerdicts(rec.verdicts);
	packetVerdict(c, row, extra.verdicts ?? []);
	tl.extras.set(row, extra);
	tl.amends.set(row, [...(tl.amends.get(row) ?? []), rec]);
}

/**
 * The row of packet number n, -1 if there is none. Numbers count up, so halving finds it; of
 * two rows with one number (a fragment and the datagram it completes) the later is meant.
 * @param {Timeline} tl @param {unknown} n
 */
export function timelineRow(tl, n) {
	if (!isNumber(n)) return -1;
	const at = firstPlace(tl.rows, (row) => tl.cols.n[row] > n) - 1;
	return at >= 0 && tl.cols.n[at] === n ? at : -1;
}

/** Lists of rows by conversation: counted, then laid out one after the other.
 * @param {Uint32Array} conv @param {number} rows @param {number} convs */
function timelineLists(conv, rows, convs) {
	const start = new Uint32Array(convs + 1);
	for (let i = 0; i < rows; i++) if (conv[i] < convs) start[conv[i] + 1]++;
	for (let c = 0; c < convs; c++) start[c + 1] += start[c];
	const list = new Uint32Array(start[convs]), at = start.slice();
	for (let i = 0; i < rows; i++) if (conv[i] < convs) list[at[conv[i]]++] = i;
	return Array.from({ length: convs }, (_, c) => list.subarray(start[c], start[c + 1]));
}

/** Makes the lists of rows that views need. @param {Timeline} tl */
export function timelineIndex(tl) {
	timelineAdopt(tl);
	const { kernel, state } = tl.sheets;
	[tl.rowsOf, tl.samplesOf, tl.statesOf] = [tl, kernel, state].map(({ cols, rows }) =>
		timelineLists(/** @type {Uint32Array} */ (cols.conv), rows, tl.convs.length));
	for (const conv of tl.convs) {
		const rows = convRows(tl, conv.index);
		conv.count = rows.length;
		conv.marks = rows.filter((row) => tl.cols.bits[row] & BIT_VERDICT).length;
		if (rows.length > 0) {
			conv.first = rows[0];
			conv.last = rows[rows.length - 1];
		}
	}
	callsIndex(tl);
}

/** Gives fragments to the conversation of their datagram, and ICMP messages their direction.
 * @param {Timeline} tl */
function timelineAdopt(tl) {
	const c = tl.cols;
	for (const [row, extra] of tl.extras) {
		for (const n of extra.fragments ?? []) {
			const part = timelineRow(tl, n);
			if (part < 0 || part === row || c.proto[part] !== PROTO_FRAGMENT) continue;
			c.conv[part] = c.conv[row];
			c.bits[part] |= c.bits[row] & BIT_SERVER;
		}
		const conv = tl.convs[c.conv[row]];
		if (c.proto[row] === PROTO_ICMP && conv && extra.icmp) {
			const from = extra.icmp.from_addr;
			const away = extra.icmp.to_addr === conv.client.addr;
			c.bits[row] |= away ? BIT_SERVER : 0;
			if (from !== conv.client.addr && from !== conv.server.addr) c.bits[row] |= BIT_BETWEEN;
		}
	}
}

/** @param {Timeline} tl @param {number} index @returns {Uint32Array} */
export function convRows(tl, index) {
	return tl.rowsOf[index] ?? NO_ROWS;
}

/** @param {Timeline} tl @param {number} index @returns {Uint32Array} */
export function convStates(tl, index) {
	return tl.statesOf[index] ?? NO_ROWS;
}

/** The place of a row in a list of rows (nearly always ascending); -1 if it is not there.
 * @param {Uint32Array} rows @param {number} row */
export function rowPlace(rows, row) {
	const at = firstPlace(rows.length, (place) => rows[place] >= row);
	return rows[at] === row ? at : rows.indexOf(row);
}

/**
 * The full record of a row, read again from its line, with later amends applied.
 * @param {Timeline} tl @param {number} row @returns {Promise<Rec>}
 */
export async function timelineRecord(tl, row) {
	let at = tl.sources.length - 1;
	while (at > 0 && tl.sources[at].row > row) at--;
	const rec = await timelineLine(tl, at, tl.cols.off[row], tl.cols.size[row]);
	for (const amend of tl.amends.get(row) ?? [])
		for (const key of ['verdicts', 'arrives', 'lost', 'fate'])
			if (Object.hasOwn(amend, key)) rec[key] = amend[key];
	return rec;
}

/** The full record of a call or sample. @param {Timeline} tl @param {'call'|'kernel'} kind @param {number} i */
export function sheetRecord(tl, kind, i) {
	const { source, off, size } = tl.sheets[kind].cols;
	return timelineLine(tl, source[i], off[i], size[i]);
}

/** @param {Timeline} tl @param {number} at @param {number} off @param {number} size @returns {Promise<Rec>} */
async function timelineLine(tl, at, off, size) {
	const { source } = tl.sources[at], end = off + size;
	const text = 'bytes' in source ? new TextDecoder().decode(source.bytes.subarray(off, end))
		: await source.blob.slice(off, end).text();
	return JSON.parse(text.trim().replace(/,$/, ''));
}
