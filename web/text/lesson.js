// A lesson's wire and its events in words.

import { BIT_BETWEEN, BIT_SERVER } from '../core/kinds.js';
import { callStep } from './call.js';
import { countText, durationText } from './format.js';
import { arrowLabels, lostLabel } from './packet.js';

/** @typedef {import('../core/records.js').Rec} Rec */

/** @param {Rec} way one direction of the wire @returns {string} */
function wireWay(way) {
	const { delay_ns: delay, rate, queue, mtu, stall_ns: stall, stall_from_ns: from } = way;
	return [
		delay > 0 && 'delay ' + durationText(delay), rate > 0 && countText(rate / 1000) + ' kbit/s',
		queue > 0 && 'a queue of ' + queue, mtu > 0 && 'MTU ' + mtu,
		stall > 0 && 'stands still for ' + durationText(stall) + (from > 0 ? ' after ' + durationText(from) : ''),
	].filter((part) => part).join(' · ');
}

/** @param {any} link of a lesson @returns {[string, string][]} */
export function wireFacts(link) {
	const there = wireWay(link?.to_server ?? {}), back = wireWay(link?.to_client ?? {});
	if (there === back) return [['each way', there || 'at once']];
	return [['to the server', there || 'at once'], ['to the client', back || 'at once']];
}

/** @param {import('../core/columns.js').Timeline} tl @param {import('../core/timemap.js').TimeMap} map
 * @param {import('../core/steps.js').Step} step */
export function stepText(tl, map, step) {
	if (step.mark) return 'the ' + (step.mark.server ? 'server' : 'client') + ' is now ' + step.mark.name
		+ (step.mark.inferred ? ' (inferred)' : '');
	if (step.call !== undefined) return callStep(tl, step.call, step.kind === 'returns');
	const row = map.rows[step.i], server = (tl.cols.bits[row] & BIT_SERVER) !== 0;
	const what = '#' + tl.cols.n[row] + ' ' + arrowLabels(tl, row).at(-1);
	if (step.kind === 'lost') return what + ' dies on the wire – ' + lostLabel(tl, row);
	if (step.kind === 'arrived') return what + ' reaches the ' + (server ? 'client' : 'server');
	return what + ' leaves the ' + (tl.cols.bits[row] & BIT_BETWEEN ? 'wire' : server ? 'server' : 'client');
}
