// One polite sentence at a time for those who listen, and a short message for those who look.

import { callText } from '../text/call.js';
import { timeNamed } from '../text/format.js';
import { spokenText } from '../text/packet.js';
import { stepText } from '../text/lesson.js';
import { convStory } from '../text/story.js';
import { appStepNow } from './app.js';
import { h } from './dom.js';

/** @typedef {import('./app.js').App} App */

const LIVE_ID = 'live';
const LIVE_TOAST = 'toast';

/** @param {App} app */
export function liveMake(app) {
	const region = h('div.unseen', { id: LIVE_ID, 'aria-live': 'polite', role: 'status' });
	let spoken = -1;
	app.late.push((what) => {
		if (what.has('conv') && app.conv && app.chosen < 0) region.textContent = convStory(app.tl, app.conv);
		const step = appStepNow(app);
		if (what.has('step') && app.map && step) region.textContent = stepText(app.tl, app.map, step);
		if (what.has('chosen') && app.call >= 0) region.textContent = callText(app.tl, app.call);
		if (!what.has('chosen') || app.call >= 0 || app.chosen < 0 || app.chosen === spoken) return;
		spoken = app.chosen;
		region.textContent = spokenText(app.tl, app.chosen, timeNamed(app.tl.cols.t[app.chosen], app.unit));
	});
	return [region, h('div.toast', { id: LIVE_TOAST, hidden: true })];
}

/** @param {string} text */
export function say(text) {
	const [region, toast] = [LIVE_ID, LIVE_TOAST].map((id) => /** @type {HTMLElement} */ (document.getElementById(id)));
	region.textContent = toast.textContent = text;
	toast.hidden = false;
	setTimeout(() => { toast.hidden = toast.hidden || toast.textContent === text; }, 1800);
}
