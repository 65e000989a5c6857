// A socket call in words.

import { visibleText } from '../core/bytes.js';
import { CALL_THREADS, callFrom } from '../core/callmap.js';
import { durationText, endText } from './format.js';

/** @typedef {import('../core/columns.js').Timeline} Timeline */

/** @param {Timeline} tl @param {number} i */
export function callName(tl, i) {
	return visibleText(tl.ids[tl.sheets.call.cols.call[i]]) + '()';
}

/** @param {Timeline} tl @param {number} i `= -1 ECONNREFUSED` */
export function callResult(tl, i) {
	const { end, ret, errno } = tl.sheets.call.cols;
	if (isNaN(end[i])) return 'never returns';
	return isNaN(ret[i]) ? '' : '= ' + ret[i] + (errno[i] ? ' ' + visibleText(tl.ids[errno[i]]) : '');
}

/** What stands below the name, a line each: how long it blocked, whose address a datagram brought.
 * @param {Timeline} tl @param {number} i */
export function callNotes(tl, i) {
	const c = tl.sheets.call.cols, from = callFrom(tl, i);
	return [c.blocked[i] ? 'blocked ' + (isNaN(c.end[i]) ? 'to the end' : durationText(c.end[i] - c.t[i])) : '', from ? 'from ' + endText(from) : ''].filter((note) => note);
}

/** @param {Timeline} tl @param {number} i */
export function callWho(tl, i) {
	return tl.sheets.call.cols.server[i] ? 'server' : 'client';
}

/** One sentence. @param {Timeline} tl @param {number} i */
export function callText(tl, i) {
	const { fd, sock } = tl.sheets.call.cols, notes = callNotes(tl, i), result = callResult(tl, i), name = callName(tl, i);
	return 'The ' + callWho(tl, i) + ' calls ' + name + (fd[i] >= 0 ? ' on socket ' + fd[i] : '')
		// What made it listen was called before it did.
		+ (fd[i] >= 0 && tl.listening.has(sock[i]) && !/^(bind|listen|setsockopt)/.test(name) ? ', which listens' : '') + notes.map((note) => ', ' + note).join('') + (result && ': ' + result.replace('= ', 'returns ')) + '.';
}

/** An event of the walk. @param {Timeline} tl @param {number} i @param {boolean} back */
export function callStep(tl, i, back) {
	return 'the ' + callWho(tl, i) + (back ? '’s ' + callName(tl, i) + ' returns ' + callResult(tl, i).slice(2) : ' calls ' + callName(tl, i));
}

/** `echo-client · pid 4121` @param {Timeline} tl @param {number} id */
export function programName(tl, id) {
	const program = tl.programs.get(id);
	return visibleText(program ? (program.name ?? 'program') + ' · pid ' + program.pid : 'program ' + id);
}

/** Below the heading of an end's lanes. @param {Timeline} tl @param {import('../core/callmap.js').CallMap} map @param {number} end
 * @param {number} count of the lanes */
export function programText(tl, { calls, line, threadsAll }, end, count) {
	const c = tl.sheets.call.cols, first = calls[line.findIndex((at) => Number(at >= CALL_THREADS) === end)], all = threadsAll[end];
	const processes = new Set(calls.filter((i) => c.server[i] === end).map((i) => c.program[i])).size;
	return programName(tl, c.program[first]) + (all > 1 ? ' · ' + (all > count ? count + ' of ' : '') + all + (processes < 2 ? ' threads' : ' processes' + (processes < all ? ' and threads' : '')) : '');
}
