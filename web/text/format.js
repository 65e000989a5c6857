// Numbers, times and addresses as people read them.

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

/** A length of time in the unit that suits it. @param {number} ns */
export function durationText(ns) {
	const size = abs(ns);
	if (size >= 120e9) return floor(ns / 60e9) + ' min ' + round((ns % 60e9) / 1e9) + ' s';
	if (size >= 10e9) return (ns / 1e9).toFixed(1) + ' s';
	if (size >= 1e8) return (ns / 1e9).toFixed(2) + ' s';
	if (size >= 1e6) return (ns / 1e6).toFixed(size >= 1e7 ? 1 : 2) + ' ms';
	if (size >= 1e3) return (ns / 1e3).toFixed(size >= 1e4 ? 0 : 1) + ' µs';
	return ns.toFixed(0) + ' ns';
}

/** @param {number} value */
export function countText(value) {
	return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, '\u2009');
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

/** @param {{ addr: string, port: number }} end */
export function endText(end) {
	return (end.addr.includes(':') ? '[' + end.addr + ']' : end.addr) + ':' + end.port;
}

