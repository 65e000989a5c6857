// One socket call in the panel; and what a packet's panel says of calls and of the kernel.

import { visibleText } from '../core/bytes.js';
import { callReads, callTouches, rowCalls, samplesAround } from '../core/calls.js';
import { sheetRecord } from '../core/columns.js';
import { BIT_SERVER } from '../core/kinds.js';
import { isNumber, nearest } from '../core/math.js';
import { recordList } from '../core/records.js';
import { callName, callResult, callText, callWho, programName } from '../text/call.js';
import { bytesText, durationText, timeNamed } from '../text/format.js';
import { appCall, appHover, appRows } from './app.js';
import { domButton, domSet, h } from './dom.js';
import { panelItems, panelList, panelPacketLink, panelSection } from './panelsection.js';

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../core/records.js').Rec} Rec */

/** @param {App} app @param {HTMLElement} box @param {() => boolean} current */
export async function panelCall(app, box, current) {
	const { tl, call: i } = app, rec = await sheetRecord(tl, 'call', i), calls = app.map?.calls ?? [], place = calls.indexOf(i);
	if (!current()) return;
	const step = (/** @type {number} */ by) => appCall(app, nearest(calls, place + by));
	const rows = [...appRows(app)].filter((row) => callTouches(tl, i, row)).slice(0, 40);
	domSet(box,
		h('div.chips', h('span.chip', 'call ' + (place + 1) + ' of ' + calls.length), h('span.spring'),
			domButton('‹', 'Previous call', () => step(-1), { class: 'key' }), domButton('›', 'Next call', () => step(1), { class: 'key' })),
		h('h2', visibleText((rec.call ?? '?') + '(' + (rec.args ?? '') + ')')),
		h('p.lead', callText(tl, i)),
		panelSection('Facts', panelList(callFacts(app, i, rec))),
		rows.length > 0 && panelSection(callReads(tl, i) ? 'The bytes it read came in' : 'It made', h('p', rows.map((row) => [panelPacketLink(app, tl.cols.n[row]), ' ']))));
}

/** @param {App} app @param {number} i @param {Rec} rec @returns {[string, string][]} */
function callFacts({ tl, unit }, i, rec) {
	const argv = recordList(tl.programs.get(rec.program)?.argv).join(' '), [from, to] = recordList(rec.range);
	/** @type {[string, string|false][]} */
	const facts = [
		['entered', timeNamed(rec.t, unit)],
		['returned', isNumber(rec.end) ? timeNamed(rec.end, unit) + ', after ' + durationText(rec.end - rec.t) : 'never'],
		['blocked', (rec.blocked ? 'yes' : 'no') + (rec.interrupted ? '; a signal interrupted it, and it was taken up again' : '')],
		['result', callResult(tl, i)],
		['bytes', isNumber(rec.bytes) && bytesText(rec.bytes) + (rec.peek ? ', left to be read again' : '')],
		['sequence', from < to && from + '–' + (to - 1)],
		['program', callWho(tl, i) + ': ' + programName(tl, rec.program) + (argv && ': ' + argv)],
		['thread', String(rec.tid)],
		['socket', isNumber(rec.fd) && rec.fd >= 0 && 'fd ' + rec.fd + (tl.listening.has(rec.sock) ? ', listening' : '') + (rec.new_sock ? '; a new one: fd ' + rec.ret : '')],
	];
	return /** @type {[string, string][]} */ (facts.filter(([, text]) => text)).map(([name, text]) => [name, visibleText(text)]);
}

/** Which calls made a packet, or read it. @param {App} app @param {number} row */
export function panelCalls(app, row) {
	const { tl } = app;
	return panelItems('Socket calls', rowCalls(tl, row).slice(0, 12).map((i) => [
		domButton(callName(tl, i), '', () => appCall(app, i), { class: 'link', onpointerenter: () => appHover(app, -1, i), onpointerleave: () => appHover(app, -1) }),
		' of the ' + callWho(tl, i) + (callReads(tl, i) ? ' read its bytes' : ' made it'),
	]));
}

/** What the sender's kernel thought just before and just after: `cwnd 10→7`.
 * @param {App} app @param {number} row @returns {Promise<[string, string][]>} */
export async function kernelFacts({ tl }, row) {
	const c = tl.cols, around = samplesAround(tl, c.conv[row], c.bits[row] & BIT_SERVER, c.t[row]);
	const [old, now] = await Promise.all(around.map((i) => sheetRecord(tl, 'kernel', i)));
	if (!old) return [];
	const words = ['retrans', 'total_retrans', 'lost', 'cwnd', 'ssthresh', 'unacked', 'ca_state', 'state', 'srtt', 'rto'].map((key) => {
		const [a, b] = [old, now ?? old].map((rec) => rec[key] === undefined ? '0' : /^(srtt|rto)$/.test(key) ? durationText(rec[key]) : visibleText(rec[key]));
		return a !== b ? key + ' ' + a + '→' + b : /^(cwnd|ca_state|srtt|rto)$/.test(key) ? key + ' ' + a : '';
	});
	return [['TCP_INFO', words.filter((word) => word).join(' · ')]];
}
