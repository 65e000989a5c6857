// The panel at the right: one packet told from the outside in (sentence, facts, evidence, header
// figure, bytes), or the conversation when no packet is chosen. A lesson's story takes turns with
// its packets.

import { visibleText } from '../core/bytes.js';
import { KINDS } from '../core/kinds.js';
import { timelineRecord, timelineRow } from '../core/columns.js';
import { recordList } from '../core/records.js';
import { countText, plural } from '../text/format.js';
import { arrowLabels, kindText, titleText, verdictLabel, verdictText } from '../text/packet.js';
import { convEnds, convFacts, convFate, convProto, convVerdicts } from '../text/story.js';
import { appChoose, appPlace, appRows, appStep, appTold } from './app.js';
import { domButton, domSet, domSwitch, h } from './dom.js';
import { panelFacts } from './facts.js';
import { panelBytes } from './panelbytes.js';
import { panelList, panelSection } from './panelsection.js';
import { panelStory } from './panelstory.js';

/** @typedef {import('./app.js').App} App */

/** @param {App} app */
export function panelMake(app) {
	const box = h('aside', { class: 'panel', 'aria-label': 'Packet details', tabindex: 0 });
	const inside = h('div', null);
	const tabs = domSwitch('Panel', [['story', 'Story'], ['packet', 'Packet']], (tab) => show(tab === 'story'));
	let turn = 0;
	const show = (/** @type {boolean} */ story) => {
		const now = ++turn;
		if (!story && app.chosen < 0) {
			appStep(app, 1);
			return;
		}
		tabs.show(story ? 'story' : 'packet');
		box.scrollTop = 0;
		if (story) panelConversation(app, inside);
		else panelPacket(app, inside, () => now === turn);
	};
	domSet(box, tabs.box, inside);
	app.late.push((what) => {
		tabs.box.hidden = !panelLesson(app);
		if (appTold(what, 'chosen', 'data', 'conv')) show(app.chosen < 0);
	});
	return box;
}

/** @param {App} app */
function panelLesson(app) {
	const { meta } = app.tl;
	return meta.lesson && typeof meta.lesson === 'object' ? meta : null;
}

/** @param {App} app @param {HTMLElement} box */
function panelConversation(app, box) {
	const { conv, tl } = app;
	if (!conv) {
		const packets = tl.summary?.packets ?? tl.rows;
		domSet(box, app.loaded ? [h('h2', null, 'No conversation here'), h('p', { class: 'lead' },
			(packets === 0 ? 'There is no packet in it.'
				: 'Of ' + plural(packets, 'packet') + ' none belongs to a TCP or UDP conversation that could be told.')
			+ (tl.rows > 0 ? ' Table, all conversations, shows what there is.' : ''))] : []);
		return;
	}
	const verdicts = convVerdicts(tl, conv);
	const quality = recordList(tl.summary?.quality);
	const lesson = panelLesson(app);
	const notes = conv.notes.map(({ rec }) => visibleText(String(rec.text ?? rec.code ?? 'note')));
	domSet(box, lesson ? panelStory(lesson) : [
		h('div', { class: 'chips' }, h('span', { class: 'chip' }, 'conversation ' + conv.conv)),
		h('h2', null, convProto(tl, conv) + ' ' + convEnds(conv)),
		h('p', { class: 'lead' }, [plural(conv.count, 'packet'), convFate(conv)].filter((t) => t).join(', ') + '. Choose a packet to look inside.')],
		panelSection('Conversation', panelList(convFacts(tl, conv))),
		verdicts.length > 0 ? panelSection('Verdicts', panelList(verdicts.map((v) => [v.label, v.count]))) : null,
		notes.length > 0 ? panelSection('Notes', h('ul', null, notes.map((n) => h('li', null, n)))) : null,
		quality.length > 0 ? panelSection('Capture quality', h('ul', null,
			quality.map((/** @type {unknown} */ q) => h('li', null, visibleText(String(q)))))) : null);
}

/** @param {App} app @param {HTMLElement} box @param {() => boolean} current */
async function panelPacket(app, box, current) {
	const { tl, chosen: row } = app, rows = appRows(app), place = appPlace(app);
	/** @type {import('../core/records.js').Rec} */
	let rec;
	try {
		rec = await timelineRecord(tl, row);
	} catch {
		rec = {};
	}
	const before = await panelBefore(app, rows, place);
	if (!current()) return;
	const kind = KINDS[tl.cols.kind[row]];
	domSet(box,
		h('div', { class: 'chips' },
			h('span', { class: 'chip kind ' + kind }, kindText(tl, row)),
			h('span', { class: 'chip' }, panelPlace(app, row, place, rows.length)),
			h('span', { class: 'spring' }),
			domButton('J', 'Next packet (J)', () => appStep(app, 1), { class: 'key', 'aria-label': 'Next packet' }),
			domButton('K', 'Previous packet (K)', () => appStep(app, -1), { class: 'key', 'aria-label': 'Previous packet' })),
		h('h2', null, titleText(tl, row)),
		panelVerdicts(app, row),
		panelNotes(app, row),
		panelSection('Facts', panelList(panelFacts(app, row, rec, place))),
		panelBytes(app, row, rec, before, box.clientWidth));
}

/** @param {App} app @param {number} row @param {number} place @param {number} all */
function panelPlace(app, row, place, all) {
	const n = app.tl.cols.n[row];
	return place >= 0 && n === place + 1 ? 'packet ' + n + ' of ' + countText(all)
		: 'packet #' + n + (place >= 0 ? ' · ' + countText(place + 1) + ' of ' + countText(all) : '');
}

/** The record of the same sender's packet before: what has changed is told against it.
 * @param {App} app @param {Uint32Array} rows @param {number} place */
async function panelBefore(app, rows, place) {
	const bits = app.tl.cols.bits, proto = app.tl.cols.proto;
	for (let i = place - 1; i >= 0 && i > place - 5000; i--) {
		if ((bits[rows[i]] & 1) !== (bits[rows[place]] & 1) || proto[rows[i]] !== proto[rows[place]]) continue;
		try {
			return await timelineRecord(app.tl, rows[i]);
		} catch {
			return null;
		}
	}
	return null;
}

/** What the analysis says of the packet, with evidence. @param {App} app @param {number} row */
function panelVerdicts(app, row) {
	const { tl } = app, verdicts = tl.extras.get(row)?.verdicts ?? [];
	return verdicts.map((verdict) => {
		const text = verdictText(tl, verdict), cite = tl.glossary.get(verdict.id)?.cite;
		const because = new Set([verdict.of, ...recordList(verdict.because)]);
		because.delete(undefined);
		return h('div', { class: 'verdict' },
			verdicts.length > 1 || tl.cols.verdict[row] === 0 ? h('b', null, verdictLabel(tl, verdict.id)) : null,
			text ? h('p', { class: 'lead' }, text) : h('p', { class: 'lead' }, verdictLabel(tl, verdict.id) + '.'),
			panelSure(tl, verdict),
			because.size > 0 ? panelSection('Evidence', h('ul', { class: 'evidence' },
				[...because].slice(0, 12).map((n) => panelEvidence(app, n)))) : null,
			typeof cite === 'string' && cite !== '' ? panelSection('Rule', h('p', null, visibleText(cite))) : null);
	});
}

/** @param {import('../core/columns.js').Timeline} tl @param {import('../core/records.js').Rec} verdict */
function panelSure(tl, verdict) {
	if (verdict.sure !== 'likely' && verdict.sure !== 'ambiguous') return null;
	const others = recordList(verdict.candidates).map((id) => verdictLabel(tl, String(id)));
	return h('p', { class: 'sure' }, verdict.sure === 'likely' ? 'This is likely, not certain.'
		: 'It cannot be decided from here' + (others.length > 0 ? ': ' + others.join(' or ') : '') + '.');
}

/** @param {App} app @param {unknown} n */
function panelEvidence(app, n) {
	const row = timelineRow(app.tl, n);
	if (row < 0) return h('li', null, '#' + String(n));
	return h('li', null, domButton('#' + n, 'Show packet ' + n, () => appChoose(app, row), { class: 'link' }),
		' ', arrowLabels(app.tl, row)[0]);
}

/** @param {App} app @param {number} row */
function panelNotes(app, row) {
	const notes = app.tl.notes.filter((note) => note.row === row).slice(0, 8);
	if (notes.length === 0) return null;
	return panelSection('Notes', h('ul', null, notes.map(({ rec }) =>
		h('li', null, visibleText(String(rec.text ?? rec.code ?? 'note'))))));
}
