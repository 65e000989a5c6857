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
	kind: 'u8', seq: 'f64', ack: 'f64', len: 'u32', win: 'u32', off: 'u32', size: 'u32',
});

/** The state columns; `because1` and `because2` are packet numbers, 0 for none. */
export const STATE_COLUMNS = /** @type {const} */ ({
	conv: 'u32', t: 'f64', state: 'u16', bits: 'u8', because1: 'u32', because2: 'u32',
	row: 'u32',
});

/**
 * @typedef {{ n: Uint32Array, t: Float64Array, arr: Float64Array, conv: Uint32Array,
 *   proto: Uint8Array, flags: Uint16Array, bits: Uint16Array, kind: Uint8Array,
 *   seq: Float64Array, ack: Float64Array, len: Uint32Array, win: Uint32Array,
 *   off: Uint32Array, size: Uint32Array }} PacketArrays
 * @typedef {{ conv: Uint32Array, t: Float64Array, state: Uint16Array, bits: Uint8Array,
 *   because1: Uint32Array, because2: Uint32Array, row: Uint32Array }} StateArrays
 */

/** @typedef {Record<string, keyof typeof GROW_ARRAYS>} Spec */

const GROW_ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array };

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
