// Files from outside: dropped or chosen. A timeline is shown; for a capture the sentence says
// how to make a timeline of it.

import { hex } from '../core/bytes.js';
import { domButton, domOn, h } from './dom.js';

/** @typedef {import('./app.js').App} App */

const DROP_INPUT = 'pick-file';
/** The first four bytes of captures: pcap in both orders and both precisions, pcapng. */
const DROP_MAGIC = /a1b2c3d4|d4c3b2a1|a1b23c4d|4d3cb2a1|0a0d0d0a/;

/** The place that a page without data shows. @param {App} app */
export function dropMake(app) {
	const input = h('input.unseen', { type: 'file', id: DROP_INPUT, accept: '.json,.jsonl,.html,.htm', tabindex: -1, 'aria-hidden': 'true' });
	const box = h('section.drop', { 'aria-label': 'Open a timeline' },
		h('div.drop-inner', h('div.drop-mark', { 'aria-hidden': 'true' }, '⇵'),
			h('h2', 'Drop a timeline here'),
			h('p', 'A .json, .jsonl or .html file that wireladder wrote. It stays on this machine: the page has no network.'),
			domButton('Choose a file…', '', dropPick, { class: 'primary' }),
			h('p.none', 'From a capture: ', h('code', 'wireladder read capture.pcap -o x.html'))));
	app.listeners.push(() => { box.hidden = app.loaded; });
	return [box, input];
}

export function dropPick() {
	document.getElementById(DROP_INPUT)?.click();
}

/** @param {(file: File) => void} open */
export function dropListen(open) {
	const over = (/** @type {Event} */ event, /** @type {boolean} */ on) => {
		event.preventDefault();
		document.body.classList.toggle('dropping', on);
	};
	const take = (/** @type {FileList|null|undefined} */ files) => { if (files?.[0]) open(files[0]); };
	domOn(document, {
		dragover: (event) => over(event, true),
		dragleave: (event) => { if (!event.relatedTarget) over(event, false); },
		drop: (event) => {
			over(event, false);
			take(event.dataTransfer?.files);
		},
	});
	const input = /** @type {HTMLInputElement} */ (document.getElementById(DROP_INPUT));
	input.addEventListener('change', () => {
		take(input.files);
		input.value = '';
	});
}

/** A sentence when the file is not a timeline, '' when it may be one. @param {File} file */
export async function dropRefuse(file) {
	const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
	const magic = Array.from(start, (b) => hex(b, 2)).join('');
	if (DROP_MAGIC.test(magic) || /\.(pcap|pcapng|cap|dmp)(\.gz|\.zst)?$/i.test(file.name))
		return 'This is a capture, not a timeline. Make one of it: wireladder read ' + dropQuote(file.name) + ' -o x.html';
	if (file.size === 0) return file.name + ' is empty.';
	if (file.size > 4e9) return file.name + ' is larger than 4 GB; this page reads no more. wireladder read with --conv N makes a smaller one.';
	return '';
}

/** A file name as a shell needs it. @param {string} name */
function dropQuote(name) {
	return /^[\w.,:@%+/-]+$/.test(name) && !name.startsWith('-') ? name : '\'' + name.replace(/'/g, '\'\\\'\'') + '\'';
}
