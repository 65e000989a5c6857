// Columns that grow: typed arrays that double when full. A million packets are then a few
// blocks of numbers, not a million objects.

import { max, min } from './math.js';

/** @typedef {Uint8Array|Uint16Array|Uint32Array|Float64Array} TypedColumn */
/**
 * @template {TypedColumn} T
 * @typedef {{ array: T, size: number }} Column
 */

/** The packet columns, one letter for the element's type. `arr`: arrival, NaN when not seen. */
export const PACKET_COLUMNS = /** @type {const} */ ({
	n: 'u32', t: 'f64', arr: 'f64', conv: 'u32', proto: 'u8', flags: 'u16', bits: 'u16',
	kind: 'u8', seq: 'f64', ack: 'f64', len: 'u32', win: 'u32', off: 'u32', size: 'u32', call: 'u32',
});

/** Where a line is. */
const GROW_LINE = /** @type {const} */ ({ source: 'u32', off: 'u32', size: 'u32' });

/** Socket calls, TCP_INFO samples and states, by the record's keys; a `word` is a place in the list of words.
 * `left` and `right` are the range, `reads1` and `reads2` datagrams, `because1` and `because2` packet numbers, 0 for none. */
export const SHEET_COLUMNS = /** @type {const} */ ({
	call: {
		conv: 'u32', t: 'f64', end: 'f64', id: 'u32', program: 'u32', tid: 'u32', call: 'word', fd: 'f64', ret: 'f64', errno: 'word',
		bytes: 'f64', sock: 'u32', new_sock: 'u32', server: 'u8', left: 'f64', right: 'f64', reads1: 'u32', reads2: 'u32', blocked: 'u8', ...GROW_LINE,
	},
	kernel: { conv: 'u32', t: 'f64', server: 'u8', cwnd: 'u32', unacked: 'u32', ...GROW_LINE },
	state: {
		conv: 'u32', t: 'f64', server: 'u8', state: 'word', inferred: 'u8', because1: 'u32', because2: 'u32', because_call: 'u32',
		...GROW_LINE,
	},
});

/**
 * @typedef {{ n: Uint32Array, t: Float64Array, arr: Float64Array, conv: Uint32Array,
 *   proto: Uint8Array, flags: Uint16Array, bits: Uint16Array, kind: Uint8Array,
 *   seq: Float64Array, ack: Float64Array, len: Uint32Array, win: Uint32Array,
 *   off: Uint32Array, size: Uint32Array, call: Uint32Array }} PacketArrays
 * @typedef {{ rows: number, cols: Record<string, TypedColumn> }} Sheet
 * @typedef {keyof typeof SHEET_COLUMNS} SheetKind
 * @typedef {Record<SheetKind, Sheet>} Sheets
 */

/** @typedef {Record<string, keyof typeof GROW_ARRAYS>} Spec */

const GROW_ARRAYS = { word: Uint16Array, u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array };

/** @param {Spec} spec @param {number} capacity @returns {any} one array per column */
export function growMake(spec, capacity) {
	return Object.fromEntries(Object.entries(spec).map(([name, type]) => [name, new GROW_ARRAYS[type](capacity)]));
}

/**
 * Room for at least `need` rows; the old arrays are returned when they are large enough.
 * @param {Spec} spec @param {any} arrays @param {number} need @param {boolean} [exact]
 * @returns {any}
 */
export function growTo(spec, arrays, need, exact = false) {
	const size = arrays[Object.keys(spec)[0]].length;
	if (size >= need && !exact) return arrays;
	const capacity = exact ? need : max(need, size * 2);
	return growAppend(spec, growMake(spec, capacity), 0, arrays, min(size, capacity));
}

/** Puts rows behind the `used` ones of `to`, which may have to grow for them.
 * @param {Spec} spec @param {any} to @param {number} used @param {any} from @param {number} rows
 * @returns {any} what holds them all */
export function growAppend(spec, to, used, from, rows) {
	const room = growTo(spec, to, used + rows);
	for (const name of Object.keys(spec)) room[name].set(from[name].subarray(0, rows), used);
	return room;
}

/** The kinds of sheets. */
export const SHEETS = /** @type {SheetKind[]} */ (Object.keys(SHEET_COLUMNS));

/** @returns {Sheets} */
export function sheetsMake() {
	return /** @type {Sheets} */ (Object.fromEntries(SHEETS.map((kind) => [kind, { rows: 0, cols: growMake(SHEET_COLUMNS[kind], 64) }])));
}
