// Timelines and views for tests, without a browser.

import { timelineAppend, timelineIndex, timelineMake } from '../../core/columns.js';
import { tapOf } from '../../core/delay.js';
import { linesRead } from '../../core/lines.js';
import { lodMake } from '../../core/lod.js';
import { batchMake } from '../../core/records.js';
import { mapSteps } from '../../core/timemap.js';

/** @param {string[]} lines */
export function timelineOf(lines) {
	const tl = timelineMake(), batch = batchMake(), bytes = new TextEncoder().encode(lines.join('\n') + '\n');
	linesRead(bytes, batch, { last: true });
	timelineAppend(tl, batch, { bytes });
	timelineIndex(tl);
	return tl;
}

export function mapBuild(tl, conv, tap, mode, span) {
	const steps = mapSteps(tl, conv, tap, mode, span);
	for (;;) {
		const step = steps.next();
		if (step.done) return step.value;
	}
}

/** Widths where no canvas is: close to those of the usual fonts. */
export function measureRoughly(text, size, weight, mono) {
	return text.length * size * (mono ? 0.6 : weight >= 600 ? 0.6 : 0.54);
}

export function viewOf(tl, index, mode, more = {}) {
	const conv = tl.convs[index], map = mapBuild(tl, conv, tapOf(tl, conv), mode);
	return { tl, conv, map, lod: lodMake(map), width: 1000, height: 900, top: 0, zoom: 1, chosen: -1, call: -1, folded: new Set(), match: null, beside: null,
		measure: measureRoughly, unit: { name: 'ms', ns: 1e6, decimals: 2 }, ...more };
}
