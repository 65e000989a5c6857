// One record -> columns. A batch is what one piece of input gives: packet and state columns,
// the few records that stay objects (meta, conversation, closed, summary, note, amend), and the
// lines that could not be read. A worker makes batches; columns.js joins them.

import { base64Decode, textPreview } from './bytes.js';
import {
	BIT_COPY, BIT_ESTIMATED, BIT_FLAW, BIT_LOST, BIT_SERVER, BIT_VERDICT, FLAG_SYN,
	NO_CONV, PROTO_FRAGMENT, PROTO_ICMP, PROTO_TCP, PROTO_UDP,
	flagBits, kindByVerdict, kindOf, kindVerdict,
} from './kinds.js';
import { PACKET_COLUMNS, SHEETS, SHEET_COLUMNS, growMake, growTo, sheetsMake } from './grow.js';
import { isNumber } from './math.js';

/** @typedef {Record<string, any>} Rec */
/**
 * What only some packets have. `preview` is the start of a payload that is text.
 * @typedef {{ opts?: Rec, verdicts?: Rec[], flaws?: string[], preview?: string, fate?: Rec[],
 *   copyOf?: number, fragments?: number[], icmp?: Rec, frag?: Rec }} Extra
 */
/**
 * @typedef {{ rows: number, cols: import('./grow.js').PacketArrays, sheets: import('./grow.js').Sheets, ids: string[], extras: [number, Extra][],
 *   others: { row: number, rec: Rec }[], bad: { line: number, why: string }[],
 *   badCount: number, lines: number, known: number, previews: number }} Batch
 */

/** Text previews are a courtesy to small timelines; a big one has no room to show them. */
const RECORDS_PREVIEWS = 5000;
const RECORDS_PREVIEW_LEN = 20;

const RECORD_PROTOS = new Map([['tcp', PROTO_TCP], ['udp', PROTO_UDP], ['icmp', PROTO_ICMP], ['fragment', PROTO_FRAGMENT]]);
/** Kinds that stay objects. */
const RECORD_OTHERS = new Set(['meta', 'conversation', 'closed', 'summary', 'note', 'amend', 'program']);

/** @returns {Batch} */
export function batchMake() {
	return {
		rows: 0, cols: growMake(PACKET_COLUMNS, 256), sheets: sheetsMake(), ids: [], extras: [], others: [], bad: [],
		badCount: 0, lines: 0, known: 0, previews: 0,
	};
}

/** Cuts the columns to size, so that handing them to another thread moves no spare room.
 * @param {Batch} batch */
export function batchTrim(batch) {
	batch.cols = growTo(PACKET_COLUMNS, batch.cols, batch.rows, true);
	for (const kind of SHEETS) batch.sheets[kind].cols = growTo(SHEET_COLUMNS[kind], batch.sheets[kind].cols, batch.sheets[kind].rows, true);
	return batch;
}

/** @param {Batch} batch */
export function batchBuffers(batch) {
	return [batch.cols, ...SHEETS.map((kind) => batch.sheets[kind].cols)].flatMap((cols) => Object.values(cols).map((a) => a.buffer));
}

/** @param {unknown} v @param {number} other */
function recordNumber(v, other) {
	return isNumber(v) && Number.isFinite(v) ? v : other;
}

/** @param {unknown} v @returns {any[]} */
export function recordList(v) {
	return Array.isArray(v) ? v : [];
}

/** @param {unknown} v @returns {Rec} one without keys for what is no object */
export function recordObject(v) {
	return v && typeof v === 'object' ? v : {};
}

/** What a table says of a word from a record, which may be any word. @template T
 * @param {Record<string, T>} table @param {any} word @param {T} other */
export function recordWord(table, word, other) {
	return Object.hasOwn(table, word) ? table[word] : other;
}

/** Verdicts as they should be: objects with a text id. @param {unknown} v @returns {Rec[]} */
export function recordVerdicts(v) {
	return recordList(v).filter((x) => typeof recordObject(x).id === 'string');
}

/** The number of an id in the batch's list; 0 is none. @param {Batch} batch @param {string} id */
function batchId(batch, id) {
	if (id === '') return 0;
	const at = batch.ids.indexOf(id);
	return at >= 0 ? at + 1 : batch.ids.push(id);
}

/**
 * Takes one record in; kinds that are not known are passed over.
 * @param {Batch} batch @param {Rec} rec @param {number} off @param {number} size where its line is
 */
export function batchAdd(batch, rec, off, size) {
	const proto = RECORD_PROTOS.get(rec.k);
	if (proto !== undefined) batchPacket(batch, rec, proto, off, size);
	else if (SHEETS.includes(rec.k)) batchSheet(batch, rec.k, rec, off, size);
	else if (RECORD_OTHERS.has(rec.k)) batch.others.push({ row: batch.rows, rec });
	else return;
	batch.known++;
}

/** @param {Batch} batch @param {import('./grow.js').SheetKind} kind @param {Rec} rec @param {number} off @param {number} size */
function batchSheet(batch, kind, rec, off, size) {
	/** @type {Record<string, string>} */
	const spec = SHEET_COLUMNS[kind];
	const sheet = batch.sheets[kind], i = sheet.rows++, [left, right] = recordList(rec.range), because = recordList(rec.because), reads = recordList(rec.reads);
	const cols = sheet.cols = growTo(SHEET_COLUMNS[kind], sheet.cols, i + 1);
	const values = { ...rec, off, size, left, right, reads1: reads[0], reads2: reads[1], because1: because[0], because2: because.at(-1),
		server: Number((rec.from ?? rec.who) === 'server'), blocked: Number(rec.blocked === true), inferred: Number(rec.inferred === true) };
	for (const [name, type] of Object.entries(spec)) {
		const value = /** @type {Rec} */ (values)[name];
		cols[name][i] = type === 'word' ? batchId(batch, String(value ?? '').slice(0, 24)) : recordNumber(value, name === 'conv' ? NO_CONV : NaN);
	}
}

/**
 * @param {Batch} batch @param {Rec} rec @param {number} proto
 * @param {number} off @param {number} size
 */
function batchPacket(batch, rec, proto, off, size) {
	batch.cols = growTo(PACKET_COLUMNS, batch.cols, batch.rows + 1);
	const c = batch.cols, i = batch.rows++;
	c.n[i] = recordNumber(rec.n, 0);
	// A packet without a stamp takes the time of the one before it, as the rules have it.
	c.t[i] = recordNumber(rec.t, i > 0 ? c.t[i - 1] : 0);
	c.arr[i] = recordNumber(rec.arrives, NaN);
	c.conv[i] = recordNumber(rec.conv, NO_CONV);
	c.proto[i] = proto;
	c.flags[i] = flagBits(rec.flags);
	c.seq[i] = recordNumber(rec.seq, proto === PROTO_TCP ? 0 : NaN);
	c.ack[i] = recordNumber(rec.ack, NaN);
	c.len[i] = recordNumber(rec.len, 0);
	c.win[i] = recordNumber(rec.win, 0);
	c.call[i] = recordNumber(rec.call, 0);
	c.off[i] = off;
	c.size[i] = size;
	c.bits[i] = packetBits(rec);
	packetVerdict(c, i, recordVerdicts(rec.verdicts));
	const extra = packetExtra(batch, rec, proto, c.flags[i]);
	if (extra) batch.extras.push([i, extra]);
}

/** An offloaded checksum is how a capture on the sending host looks, not something to stop at.
 * @param {Rec} rec */
function packetBits(rec) {
	return (rec.from === 'server' ? BIT_SERVER : 0) | (rec.lost === true ? BIT_LOST : 0)
		| (recordList(rec.flaws).some((flaw) => flaw !== 'checksum-offloaded') ? BIT_FLAW : 0)
		| (isNumber(rec.copy_of) ? BIT_COPY : 0)
		| (rec.t_estimated === true ? BIT_ESTIMATED : 0);
}

/**
 * Sets what follows from a packet's verdicts; an amend comes here a second time.
 * @param {import('./grow.js').PacketArrays} c @param {number} i @param {Rec[]} verdicts
 */
export function packetVerdict(c, i, verdicts) {
	c.bits[i] = verdicts.length > 0 ? c.bits[i] | BIT_VERDICT : c.bits[i] & ~BIT_VERDICT;
	c.kind[i] = kindOf(c.bits[i], c.proto[i], c.flags[i], c.len[i], kindByVerdict(kindVerdict(verdicts)));
}

/**
 * @param {Batch} batch @param {Rec} rec @param {number} proto @param {number} flags
 * @returns {Extra | null}
 */
function packetExtra(batch, rec, proto, flags) {
	/** @type {Extra} */
	const extra = {};
	// A timestamp alone says little: every segment may carry one.
	const opts = recordObject(rec.opts), told = Object.keys(opts).some((key) => key !== 'ts');
	if (rec.opts && (flags & FLAG_SYN || told)) extra.opts = opts;
	const verdicts = recordVerdicts(rec.verdicts);
	if (verdicts.length > 0) extra.verdicts = verdicts;
	const flaws = recordList(rec.flaws);
	if (flaws.length > 0) extra.flaws = flaws.map(String);
	if (Array.isArray(rec.fate)) extra.fate = rec.fate;
	if (isNumber(rec.copy_of)) extra.copyOf = rec.copy_of;
	if (Array.isArray(rec.fragments)) extra.fragments = rec.fragments;
	if (proto === PROTO_ICMP) extra.icmp = recordCopy(rec);
	if (proto === PROTO_FRAGMENT) extra.frag = recordCopy(rec);
	const preview = packetPreview(batch, rec);
	if (preview) extra.preview = preview;
	return Object.keys(extra).length > 0 ? extra : null;
}

/** A record without its bytes, which are read from the line when asked for. @param {Rec} rec */
function recordCopy(rec) {
	const { bytes, ...rest } = rec;
	return rest;
}

/** @param {Batch} batch @param {Rec} rec */
function packetPreview(batch, rec) {
	const len = recordNumber(rec.len, 0);
	if (len <= 0 || len > 1460 || typeof rec.bytes !== 'string') return '';
	if (batch.previews++ >= RECORDS_PREVIEWS) return '';
	const bytes = base64Decode(rec.bytes);
	if (!bytes || bytes.length < len) return '';
	return textPreview(bytes.subarray(bytes.length - len), RECORDS_PREVIEW_LEN);
}
