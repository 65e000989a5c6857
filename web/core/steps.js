// What happens, one thing after the other: packets leave, arrive or die on the wire, ends change
// their state. The list through which a reader steps; its order is that of the map's heights.

import { BIT_BETWEEN, BIT_COPY, BIT_LOST } from './kinds.js';

/** @typedef {'sent'|'lost'|'arrived'|'state'|'enters'|'returns'} StepKind */
/**
 * `i` is the packet's place in the map (-1: a state that no packet shows), `mark` the state.
 * `call` is what enters or returns.
 * @typedef {{ kind: StepKind, y: number, i: number, call?: number,
 *   mark: import('./stateline.js').StateMark|null }} Step
 */

/** Nobody walks through more packets than this one event at a time. */
export const STEPS_MOST = 20000;
/** How far a lost packet gets, as it is drawn: nobody knows where it died. */
export const STEPS_LOST = 0.55;

/** @param {import('./timemap.js').TimeMap} map @returns {Step[]} none for a map with too many packets */
export function stepsOf(map) {
	/** @type {Step[]} */
	const steps = [];
	if (map.rows.length > STEPS_MOST) return steps;
	for (let i = 0; i < map.rows.length; i++) {
		const bits = map.cols.bits[map.rows[i]], dep = map.dep[i], arr = map.arr[i];
		// A copy is made on the wire: no end sends it.
		if (!(bits & BIT_COPY)) steps.push({ kind: 'sent', y: dep, i, mark: null });
		if (bits & BIT_LOST) steps.push({ kind: 'lost', y: dep + (arr - dep) * STEPS_LOST, i, mark: null });
		// What no tap saw and nothing lets estimate is no event.
		else if (map.tap.place !== 'unknown' || bits & BIT_BETWEEN) steps.push({ kind: 'arrived', y: arr, i, mark: null });
	}
	for (const mark of map.states) steps.push({ kind: 'state', y: mark.y, i: mark.i, mark });
	map.calls.forEach((call, at) => {
		steps.push({ kind: 'enters', y: map.enter[at], i: -1, call, mark: null });
		if (!isNaN(map.leave[at])) steps.push({ kind: 'returns', y: map.leave[at], i: -1, call, mark: null });
	});
	// The sort is stable: a state stands behind the packet whose moment it shares.
	return steps.sort((a, b) => a.y - b.y);
}
