// Numbers, times and addresses as people read them.

import { visibleText } from '../core/bytes.js';
import { abs, floor, round } from '../core/math.js';

/**
 * The axis unit of a conversation: s above 100 s, else ms; with as many decimals as its usual
 * gap needs.
 * @typedef {{ name: 's'|'ms', ns: number, decimals: number }} TimeUnit
 * @param {number} elapsed ns @param {number} gap the usual gap, ns
 * @returns {TimeUnit}
 */
export function timeUnit(elapsed, gap) {
	const name = elapsed > 100e9 ? 's' : 'ms', ns = name === 's' ? 1e9 : 1e6;
	let decimals = name === 's' ? 2 : 1;
	while (decimals < 3 && gap > 0 && gap * 10 ** decimals < 2 * ns) decimals++;
	return { name, ns, decimals };
}

/** @param {number} t ns @param {TimeUnit} unit */
export function timeText(t, unit) {
	return (t / unit.ns).toFixed(unit.decimals).replace(/^-(0\.?0*)$/, '$1');
}

/** @param {number} t ns @param {TimeUnit} unit */
export function timeNamed(t, unit) {
	return timeText(t, unit) + ' ' + unit.name;
}

/** From how many ns on, the unit, its decimals, its name. @type {[number, number, number, string][]} */
const FORMAT_DURATIONS = [
	[10e9, 1e9, 1, 's'], [1e8, 1e9, 2, 's'], [1e7, 1e6, 1, 'ms'], [1e6, 1e6, 2, 'ms'], [1e4, 1e3, 0, 'µs'], [1e3, 1e3, 1, 'µs'],
];

/** A length of time in the unit that suits it. @param {number} ns */
export function durationText(ns) {
	const size = abs(ns);
	if (size >= 120e9) return floor(ns / 60e9) + ' min ' + round((ns % 60e9) / 1e9) + ' s';
	const [, unit, decimals, name] = FORMAT_DURATIONS.find(([least]) => size >= least) ?? [0, 1, 0, 'ns'];
	return (ns / unit).toFixed(decimals) + ' ' + name;
}

/** @param {number} value @param {string} [comma] */
export function countText(value, comma = '\u2009') {
	return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, comma);
}

/** @param {number} count @param {string} word */
export function plural(count, word) {
	return countText(count) + ' ' + word + (count === 1 ? '' : 's');
}

/** @param {number} count */
export function bytesText(count) {
	return count + (count === 1 ? ' byte' : ' bytes');
}

/** @param {number} bytes */
export function sizeText(bytes) {
	if (bytes < 10000) return countText(bytes) + ' B';
	if (bytes < 1e7) return (bytes / 1e3).toFixed(1) + ' kB';
	return (bytes / 1e6).toFixed(1) + ' MB';
}

/** @param {unknown} error @param {string} other */
export function errorText(error, other) {
	return error instanceof Error ? error.message : other;
}

/** @param {{ addr: string, port: number }} end */
export function endText(end) {
	return visibleText((end.addr.includes(':') ? '[' + end.addr + ']' : end.addr) + ':' + end.port);
}

