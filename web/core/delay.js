// Where was the tap, and what is known of the far end? One capture sees each packet at one
// moment; what the other end saw is then unknown, estimated, or (both ends at the tap) the same.

import { BIT_LOST } from './kinds.js';
import { convRows } from './columns.js';
import { isNumber, min } from './math.js';
import { recordList } from './records.js';

/**
 * How arrows of a conversation get their second end:
 * `seen`: both moments were captured; `both`: one tap sees both ends, no time passes;
 * `client`/`server`: the tap is at that end and `delay` (ns) is the estimate for the far half;
 * `unknown`: nothing is known of the far end, and nothing is made up.
 * @typedef {{ place: 'seen'|'both'|'client'|'server'|'unknown', delay: number }} Tap
 */

/** @param {string} addr */
function addrIsLoopback(addr) {
	return addr === '::1' || addr.startsWith('127.') || addr.startsWith('::ffff:127.');
}

/** @param {unknown} v @returns {number} */
function delayHalf(v) {
	return isNumber(v) && v > 0 ? v / 2 : 0;
}

/** @param {import('./columns.js').Timeline} tl @param {import('./columns.js').Conv} conv */
function tapOnLoopback(tl, conv) {
	if (addrIsLoopback(conv.client.addr) && addrIsLoopback(conv.server.addr)) return true;
	const taps = recordList(tl.meta.vantages);
	return taps.length === 1 && taps[0]?.name === 'lo';
}

/**
 * @param {import('./columns.js').Timeline} tl @param {import('./columns.js').Conv} conv
 * @returns {Tap}
 */
export function tapOf(tl, conv) {
	const rows = convRows(tl, conv.index), c = tl.cols;
	let least = Infinity, two = false;
	for (let i = 0; i < rows.length; i++) {
		const wait = c.arr[rows[i]] - c.t[rows[i]];
		if (wait >= 0) least = min(least, wait);
		two = two || wait >= 0 || (c.bits[rows[i]] & BIT_LOST) !== 0;
	}
	if (two) return { place: 'seen', delay: least < Infinity ? least : 0 };
	const closed = conv.closed ?? {};
	const place = closed.vantage?.place;
	if (place === 'both' || tapOnLoopback(tl, conv)) return { place: 'both', delay: 0 };
	if (place !== 'client' && place !== 'server') return { place: 'unknown', delay: 0 };
	const delay = delayHalf(closed.rtt?.[place]?.min) || delayHalf(closed.handshake?.rtt);
	return delay > 0 ? { place, delay } : { place: 'unknown', delay: 0 };
}
