// Which conversations a socket call belongs to, and which packets it has to do with.

import { BIT_SERVER, NO_CONV } from './kinds.js';
import { firstPlace, isNumber, max, min, nearest } from './math.js';

/** @typedef {import('./columns.js').Timeline} Timeline */
/** What is known of a socket. @typedef {{ convs: Set<number>, server: number }} Sock */

/**
 * Lists calls by conversation. A call without one (socket, bind, listen) belongs to those that its
 * socket gets later; one on a listening socket to each that it gave birth to.
 * @param {Timeline} tl
 */
export function callsIndex(tl) {
	const c = tl.sheets.call.cols, { rows } = tl.sheets.call;
	/** @type {Map<number, Sock>} */
	const socks = new Map();
	const sockAt = (/** @type {number} */ sock) => {
		const known = socks.get(sock) ?? { convs: new Set(), server: 0 };
		socks.set(sock, known);
		return known;
	};
	for (let i = 0; i < rows; i++) {
		tl.callAt.set(c.id[i], i);
		if (/^accept|^listen/.test(tl.ids[c.call[i]])) tl.listening.add(c.sock[i]);
		if (c.conv[i] === NO_CONV) continue;
		for (const sock of [c.sock[i], c.new_sock[i]]) if (sock) {
			sockAt(sock).convs.add(c.conv[i]);
			sockAt(sock).server = c.server[i];
		}
	}
	for (let i = 0; i < rows; i++) if (c.new_sock[i] && c.conv[i] === NO_CONV) {
		const { convs, server } = sockAt(c.new_sock[i]), parent = sockAt(c.sock[i]);
		for (const conv of convs) parent.convs.add(conv);
		parent.server = server;
	}
	tl.callsOf = tl.convs.map(() => []);
	tl.apart = new Set();
	for (let i = 0; i < rows; i++) callGive(tl, i, sockAt(c.new_sock[i] || c.sock[i]));
	callsApart(tl);
	for (const list of tl.callsOf) list.sort((a, b) => c.t[a] - c.t[b] || a - b);
}

/** @param {Timeline} tl @param {number} i @param {Sock} sock */
function callGive(tl, i, { convs, server }) {
	const c = tl.sheets.call.cols, own = c.conv[i];
	// A call that was also told as it began is told again, whole, as it returns.
	if (tl.callAt.get(c.id[i]) !== i) return;
	if (own !== NO_CONV) {
		tl.callsOf[own].push(i);
		return;
	}
	if (convs.size === 0) tl.apart.add(i);
	c.server[i] = server;
	const last = [...convs].at(-1);
	// A server that waits again is no longer part of what was over before.
	for (const conv of convs) if (conv === last || c.t[i] <= tl.cols.t[tl.convs[conv].last]) tl.callsOf[conv].push(i);
}

/** Among so many conversations of a thread, the last begun, a call looks for those of its time. */
const CALLS_DURING = 16;

/**
 * A call whose socket never gets a packet (a bind() that fails, a poll()) stands in the ladders of its thread's
 * conversations of that time, else in the one before, or the first. What a thread without any did has a ladder of its own.
 * @param {Timeline} tl
 */
function callsApart(tl) {
	const c = tl.sheets.call.cols, homes = callHomes(tl), bare = [];
	for (const i of tl.apart) {
		const list = homes.get(c.tid[i]);
		if (!list) {
			bare.push(i);
			continue;
		}
		const at = firstPlace(list.length, (place) => list[place].from > c.t[i]), before = nearest(list, at - 1);
		const during = list.slice(max(0, at - CALLS_DURING), at).filter(({ to, server }) => to >= c.t[i] && server === before.server);
		c.server[i] = before.server;
		for (const { conv } of during.length > 0 ? during : [before]) tl.callsOf[conv].push(i);
	}
	if (bare.length > 0) callsBare(tl, bare);
}

/** By thread: its conversations and when it was at them, the first one first. @param {Timeline} tl */
function callHomes(tl) {
	/** @type {Map<number, { conv: number, server: number, from: number, to: number, own: boolean }[]>} */
	const homes = new Map(), c = tl.sheets.call.cols;
	tl.callsOf.forEach((calls, conv) => {
		for (const i of calls) {
			const list = homes.get(c.tid[i]) ?? [], last = list.at(-1), own = c.conv[i] !== NO_CONV, from = c.t[i], to = c.end[i] >= from ? c.end[i] : from;
			homes.set(c.tid[i], list);
			// What was done for all of a listening socket's conversations says nothing of when this one was.
			if (last?.conv !== conv) list.push({ conv, server: c.server[i], from, to, own });
			else if (own) Object.assign(last, { own, from: last.own ? min(last.from, from) : from, to: last.own ? max(last.to, to) : to });
		}
	});
	for (const list of homes.values()) list.sort((a, b) => a.from - b.from);
	return homes;
}

/** A conversation for calls without packets, behind all others. @param {Timeline} tl @param {number[]} calls */
function callsBare(tl, calls) {
	const c = tl.sheets.call.cols, last = tl.convs.at(-1), index = last?.bare ? last.index : tl.convs.length, serves = new Set();
	for (const i of calls) {
		const { host, name } = tl.programs.get(c.program[i]) ?? {};
		if ([host, name].includes('server') || /^(bind|listen|accept)/.test(tl.ids[c.call[i]])) serves.add(c.program[i]);
	}
	for (const i of calls) c.server[i] = Number(serves.has(c.program[i]));
	tl.callsOf[index] = calls;
	const conv = tl.convs.reduce((most, other) => max(most, other.bare ? 0 : other.conv), 0) + 1, end = { addr: '?', port: 0 };
	tl.convs[index] = { conv, index, proto: '', client: end, server: end, closed: null, marks: 0, first: 0, last: 0, count: 0, bare: true,
		notes: tl.notes.filter(({ rec }) => rec.conv === undefined) };
	tl.convAt.set(conv, index);
}

/** Whether a packet was made by a call, or carries bytes that the call sent or read, or is a datagram that it received.
 * @param {Timeline} tl @param {number} i @param {number} row */
export function callTouches(tl, i, row) {
	const c = tl.sheets.call.cols, p = tl.cols;
	if (p.call[row] && p.call[row] === c.id[i]) return true;
	const reads = Number(callReads(tl, i)), end = p.seq[row] + p.len[row];
	if (p.conv[row] !== c.conv[i] || (p.bits[row] & BIT_SERVER) !== (c.server[i] ^ reads)) return false;
	return c.reads1[i] > 0 ? p.n[row] >= c.reads1[i] && p.n[row] <= c.reads2[i] : p.len[row] > 0 && p.seq[row] < c.right[i] && end > c.left[i];
}

/** Whether it takes bytes in. @param {Timeline} tl @param {number} i */
export function callReads(tl, i) {
	return /^rec|^read/.test(tl.ids[tl.sheets.call.cols.call[i]]);
}

/** Calls of a row's conversation that it has to do with. @param {Timeline} tl @param {number} row */
export function rowCalls(tl, row) {
	return (tl.callsOf[tl.cols.conv[row]] ?? []).filter((i) => callTouches(tl, i, row));
}

/** @param {Timeline} tl @param {number} conv @param {number} server */
export function samplesOfEnd(tl, conv, server) {
	return [...tl.samplesOf[conv] ?? []].filter((i) => tl.sheets.kernel.cols.server[i] === server);
}

/** The last sample of an end before a time, and the first after it; undefined where there is none.
 * @param {Timeline} tl @param {number} conv @param {number} server @param {number} t */
export function samplesAround(tl, conv, server, t) {
	const { t: times } = tl.sheets.kernel.cols, all = samplesOfEnd(tl, conv, server);
	const next = all.find((i) => times[i] > t), before = all.filter((i) => times[i] <= t).at(-1);
	return [before, next].filter(isNumber);
}
