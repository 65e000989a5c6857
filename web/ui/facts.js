// The rows of facts about a packet.

import { visibleText } from '../core/bytes.js';
import {
	BIT_ESTIMATED, BIT_SERVER, FLAG_ACK, FLAG_FIN, FLAG_SYN, PROTO_FRAGMENT, PROTO_ICMP, PROTO_TCP,
} from '../core/kinds.js';
import { recordList, recordObject, recordWord } from '../core/records.js';
import { bytesText, countText, durationText, endText, timeNamed } from '../text/format.js';
import { appRows } from './app.js';
import { isNumber } from '../core/math.js';

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../core/records.js').Rec} Rec */

/**
 * @param {App} app @param {number} row @param {Rec} rec @param {number} place
 * @returns {[string, string][]}
 */
export function panelFacts(app, row, rec, place) {
	const { tl, conv } = app, c = tl.cols;
	/** @type {[string, string][]} */
	const facts = [];
	const add = (/** @type {string} */ name, /** @type {unknown} */ value) => {
		if (value !== undefined && value !== null && value !== '') facts.push([name, visibleText(value)]);
	};
	add('time', factTime(app, row, place));
	if (isNumber(rec.arrives)) add('travelled', durationText(rec.arrives - c.t[row]));
	if (c.proto[row] === PROTO_ICMP || c.proto[row] === PROTO_FRAGMENT)
		add('from → to', (rec.from_addr ?? '?') + ' → ' + (rec.to_addr ?? '?'));
	else if (conv) {
		const [from, to] = c.bits[row] & BIT_SERVER ? [conv.server, conv.client] : [conv.client, conv.server];
		add('from → to', endText(from) + ' → ' + endText(to));
	}
	add('names', factNames(app, [rec.from_addr, rec.to_addr, conv?.client.addr, conv?.server.addr]));
	if (c.proto[row] === PROTO_TCP) factsTcp(app, row, rec, add);
	else if (rec.len !== undefined) add('data', c.len[row] + ' bytes');
	if (c.proto[row] === PROTO_ICMP) {
		add('type, code', rec.type + ', ' + (rec.code ?? 0));
		if (isNumber(rec.quotes)) add('quotes packet', '#' + rec.quotes);
	}
	if (c.proto[row] === PROTO_FRAGMENT)
		add('piece', 'offset ' + (rec.offset ?? 0) + ', ' + (rec.len ?? 0) + ' bytes' + (rec.more ? ', more follow' : ', the last'));
	factsCommon(app, row, rec, add);
	factsStates(app, row, add);
	return facts;
}

/** The names that the capture file gives to these addresses.
 * @param {App} app @param {unknown[]} addrs */
function factNames(app, addrs) {
	return recordList(app.tl.meta.hosts).flatMap((host) => recordList(host?.addrs).filter((a) => addrs.includes(a))
		.map((a) => a + ' is ' + host.name)).join(', ');
}

/** @param {App} app @param {number} row @param {number} place */
function factTime(app, row, place) {
	const { tl, unit } = app, t = tl.cols.t[row], rows = appRows(app);
	const before = place > 0 ? ' · ' + durationText(t - tl.cols.t[rows[place - 1]]) + ' after the one before' : '';
	return timeNamed(t, unit) + (tl.cols.bits[row] & BIT_ESTIMATED ? ' (estimated)' : '') + before;
}

/** @param {App} app @param {number} row @param {Rec} rec
 * @param {(name: string, value: unknown) => void} add */
function factsTcp(app, row, rec, add) {
	const c = app.tl.cols, flags = c.flags[row];
	add('flags', rec.flags ?? 'none');
	const [own, other] = c.bits[row] & BIT_SERVER ? ['server', 'client'] : ['client', 'server'];
	const next = c.seq[row] + c.len[row] + (flags & FLAG_SYN ? 1 : 0) + (flags & FLAG_FIN ? 1 : 0);
	add('seq', c.seq[row] + factRaw(app, own, c.seq[row], rec.isn) + (next !== c.seq[row] ? ', next ' + next : ''));
	if (flags & FLAG_ACK && !isNaN(c.ack[row]))
		add('ack', c.ack[row] + factRaw(app, other, c.ack[row]));
	add('data', bytesText(c.len[row]));
	if (rec.win !== undefined) add('window', countText(rec.win) + (rec.win_raw !== undefined ? ' (scale not known)' : ' bytes'));
	add('options', factOptions(recordObject(rec.opts)));
	if (isNumber(rec.rtt)) add('RTT sample', durationText(rec.rtt));
	if (isNumber(rec.flight)) add('in flight', countText(rec.flight) + ' bytes after it');
}

/** A relative number as it stood in the packet, when somebody knows with which number its end began.
 * @param {App} app @param {string} end @param {number} relative @param {unknown} [own] as the packet itself says */
function factRaw(app, end, relative, own) {
	const isn = isNumber(own) ? own : app.conv?.closed?.isn?.[end];
	return isNumber(isn) ? ' (raw ' + ((((isn + relative) % 2 ** 32) + 2 ** 32) % 2 ** 32) + ')' : '';
}

/** @param {Rec} opts */
function factOptions(opts) {
	/** @type {Record<string, string>} */
	const names = { mss: 'MSS', wscale: 'window scale', sack_ok: 'SACK permitted', ts: 'timestamps', sack: 'SACK', fastopen: 'fast open' };
	return Object.entries(opts).map(([key, value]) => {
		const name = recordWord(names, key, key);
		if (value === true) return name;
		if (key === 'ts' && Array.isArray(value)) return 'TSval ' + value[0] + ' TSecr ' + value[1];
		if (key === 'sack' && Array.isArray(value)) return name + ' ' + value.map((b) => Array.isArray(b) ? b.join('–') : b).join(', ');
		return name + ' ' + (typeof value === 'object' ? JSON.stringify(value) : value);
	}).join(' · ');
}

/** @param {App} app @param {number} row @param {Rec} rec
 * @param {(name: string, value: unknown) => void} add */
function factsCommon(app, row, rec, add) {
	add('flaws', recordList(rec.flaws).join(', '));
	add('fragments', recordList(rec.fragments).map((n) => '#' + n).join(', '));
	add('tunnel', recordList(rec.tunnel).join(' › '));
	if (rec.if !== undefined) add('interface', factInterface(app, rec.if));
	add('direction', rec.dir);
	add('comment', rec.comment);
	add('the wire', recordList(rec.fate).map((f) => (f?.did ?? '?') + (f?.rule ? ' (' + f.rule + ')' : '')).join(', '));
	if (isNumber(rec.copy_of)) add('copy of', '#' + rec.copy_of);
}

/** @param {App} app @param {unknown} id */
function factInterface(app, id) {
	const tap = recordList(app.tl.meta.vantages).find((v) => v?.id === id);
	return tap?.name !== undefined ? tap.name + ' (' + id + ')' : id;
}

/** The states that this packet brought about. @param {App} app @param {number} row
 * @param {(name: string, value: unknown) => void} add */
function factsStates(app, row, add) {
	for (const mark of app.map?.states ?? [])
		if (mark.row === row) add((mark.server ? 'server' : 'client') + ' is now', mark.name + (mark.inferred ? ' (inferred)' : ''));
}
