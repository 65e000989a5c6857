// What a person types into the search field -> which packets are meant.
// Terms, all of which must hold: syn fin rst psh ack urg ece cwr, len>0 win<100 seq=1 ack>5,
// `seq 1`, #12, send(), tcp udp icmp fragment, client server, lost resent, verdict:ID (or a part of an id
// or of a label, or needless); any other word is looked for in verdicts, flaws, names of options and payload text.

import {
	BIT_LOST, BIT_SERVER, FLAG_WORDS, KIND_RESENT, PROTO_NAMES,
} from './kinds.js';
import { callTouches } from './calls.js';

/** @typedef {(row: number) => boolean} FindTest */

/** @type {Record<string, (a: number, b: number) => boolean>} */
const FIND_OPS = {
	'<': (a, b) => a < b, '>': (a, b) => a > b, '<=': (a, b) => a <= b, '>=': (a, b) => a >= b,
	'!=': (a, b) => a !== b, '=': (a, b) => a === b,
};
/** @type {Map<string, (c: import('./grow.js').PacketArrays, row: number) => boolean>} */
const FIND_WORDS = new Map([
	['client', (c, row) => !(c.bits[row] & BIT_SERVER)], ['server', (c, row) => Boolean(c.bits[row] & BIT_SERVER)],
	['lost', (c, row) => Boolean(c.bits[row] & BIT_LOST)],
	['resent', (c, row) => c.kind[row] === KIND_RESENT], ['rtx', (c, row) => c.kind[row] === KIND_RESENT],
]);
/** Of more calls of one name than these nobody wants each packet. */
const FIND_CALLS = 2000;
const FIND_FIELDS = new Set(['seq', 'ack', 'len', 'win', 'n', 't']);

/**
 * @param {string} query @param {import('./columns.js').Timeline} tl
 * @returns {FindTest|null} null for an empty query
 */
export function findCompile(query, tl) {
	const words = findWords(query);
	/** @type {FindTest[]} */
	const tests = [];
	for (let i = 0; i < words.length; i++) {
		const word = words[i], next = words[i + 1] ?? '';
		if (FIND_FIELDS.has(word) && /^-?\d+$/.test(next)) {
			tests.push(findNumber(word, '=', Number(next), tl));
			i++;
		} else tests.push(findTerm(word, tl));
	}
	return tests.length > 0 ? (row) => tests.every((test) => test(row)) : null;
}

/** @param {string} query */
function findWords(query) {
	const tight = query.toLowerCase().replace(/\s*([<>=!]=?)\s*/g, '$1');
	return tight.split(/[\s,]+/).filter((word) => word !== '');
}

/** @param {string} word @param {import('./columns.js').Timeline} tl @returns {FindTest} */
function findTerm(word, tl) {
	const c = tl.cols;
	const compare = /^(seq|ack|len|win|n|t)(<=|>=|!=|==?|<|>)(-?\d+(?:\.\d+)?)$/.exec(word);
	if (compare) return findNumber(compare[1], compare[2], Number(compare[3]), tl);
	if (word.startsWith('verdict:')) return findVerdict(word.slice(8), tl);
	if (word.endsWith('()')) return findCall(word.slice(0, -2), tl);
	if (/^#\d+$/.test(word)) return findNumber('n', '=', Number(word.slice(1)), tl);
	const flag = FLAG_WORDS.indexOf(word.toUpperCase());
	if (flag >= 0) return (row) => (c.flags[row] & (1 << flag)) !== 0;
	const proto = PROTO_NAMES.findIndex((name) => name.toLowerCase() === word);
	if (proto >= 0) return (row) => c.proto[row] === proto;
	const known = FIND_WORDS.get(word);
	return known ? (row) => known(c, row) : findText(word, tl);
}

/**
 * @param {string} field @param {string} op @param {number} value
 * @param {import('./columns.js').Timeline} tl @returns {FindTest}
 */
function findNumber(field, op, value, tl) {
	const name = /** @type {'seq'|'ack'|'len'|'win'|'n'|'t'} */ (field), test = FIND_OPS[op] ?? FIND_OPS['='];
	// Times are typed in milliseconds, as the axis shows them.
	return (row) => test(name === 't' ? tl.cols.t[row] / 1e6 : tl.cols[name][row], value);
}

/** Packets that calls of a name made or read. @param {string} name @param {import('./columns.js').Timeline} tl @returns {FindTest} */
function findCall(name, tl) {
	const { rows, cols } = tl.sheets.call;
	/** @type {number[]} */
	const calls = [];
	for (let i = 0; i < rows && calls.length < FIND_CALLS; i++) if (tl.ids[cols.call[i]] === name) calls.push(i);
	return (row) => calls.some((i) => callTouches(tl, i, row));
}

/** A whole id means no other one that it is a part of.
 * @param {string} word @param {import('./columns.js').Timeline} tl @returns {FindTest} */
function findVerdict(word, tl) {
	const whole = tl.glossary.has(word);
	const hit = (/** @type {string} */ id) => whole ? id === word
		: id.includes(word) || String(tl.glossary.get(id)?.label ?? '').toLowerCase().includes(word);
	return (row) => (tl.extras.get(row)?.verdicts ?? []).some((v) => hit(v.id) || (word === 'needless' && v.needed === 'no'));
}

/** @param {string} word @param {import('./columns.js').Timeline} tl @returns {FindTest} */
function findText(word, tl) {
	const verdict = findVerdict(word, tl);
	return (row) => {
		const extra = tl.extras.get(row);
		return extra !== undefined && (verdict(row) || [extra.preview, extra.flaws,
			Object.keys(extra.opts ?? {}), extra.icmp?.text].join(' ').toLowerCase().includes(word));
	};
}
