// The panel at the right: one packet told from the outside in (sentence, facts, evidence, header
// figure, bytes), or the conversation when no packet is chosen. A lesson's story takes turns with
// its packets.

import { visibleText } from '../core/bytes.js';
import { BIT_SERVER, KINDS } from '../core/kinds.js';
import { timelineRecord, timelineRow } from '../core/columns.js';
import { recordList } from '../core/records.js';
import { countText, plural } from '../text/format.js';
import { arrowLabels, kindText, titleText, verdictLabel, verdictText } from '../text/packet.js';
import { convEnds, convFacts, convFate, convProto, convVerdicts } from '../text/story.js';
import { appChoose, appPlace, appRows, appStep, appTold } from './app.js';
import { domButton, domSet, domSwitch, h } from './dom.js';
import { keyButton } from './keytable.js';
import { panelFacts } from './facts.js';
import { panelBytes } from './panelbytes.js';
import { panelItems, panelList, panelSection } from './panelsection.js';
import { panelStory } from './panelstory.js';

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../core/records.js').Rec} Rec */

/** @param {App} app */
export function panelMake(app) {
	const box = h('aside.panel', { 'aria-label': 'Packet details', tabindex: 0 });
	const inside = h('div');
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
		domSet(box, app.loaded ? [h('h2', 'No conversation here'), h('p.lead',
			(packets === 0 ? 'There is no packet in it.'
				: 'Of ' + plural(packets, 'packet') + ' none belongs to a TCP or UDP conversation that could be told.')
			+ (tl.rows > 0 ? ' Table, all conversations, shows what there is.' : ''))] : []);
		return;
	}
	const verdicts = convVerdicts(tl, conv), lesson = panelLesson(app);
	domSet(box, lesson ? panelStory(lesson) : [
		h('div.chips', h('span.chip', 'conversation ' + conv.conv)),
		h('h2', convProto(tl, conv) + ' ' + convEnds(conv)),
		h('p.lead', [plural(conv.count, 'packet'), convFate(conv)].filter((t) => t).join(', ') + '. Choose a packet to look inside.')],
		panelSection('Conversation', panelList(convFacts(tl, conv))),
		verdicts.length > 0 && panelSection('Verdicts', panelList(verdicts)),
		panelNotes(conv.notes),
		panelItems('Capture quality', recordList(tl.summary?.quality).map(visibleText)));
}

/** @param {App} app @param {HTMLElement} box @param {() => boolean} current */
async function panelPacket(app, box, current) {
	const { tl, chosen: row } = app, rows = appRows(app), place = appPlace(app);
	const rec = await panelRecord(tl, row) ?? {}, before = await panelBefore(app, rows, place);
	if (!current()) return;
	domSet(box,
		h('div.chips',
			h('span.chip.kind.' + KINDS[tl.cols.kind[row]], kindText(tl, row)),
			h('span.chip', panelPlace(app, row, place, rows.length)),
			h('span.spring'),
			keyButton(app, 'j', 'J', { class: 'key', 'aria-label': 'Next packet' }),
			keyButton(app, 'k', 'K', { class: 'key', 'aria-label': 'Previous packet' })),
		h('h2', titleText(tl, row)),
		panelVerdicts(app, row),
		panelNotes(tl.notes.filter((note) => note.row === row).slice(0, 8)),
		panelSection('Facts', panelList(panelFacts(app, row, rec, place))),
		panelBytes(app, row, rec, before, box.clientWidth));
}

/** @param {App} app @param {number} row @param {number} place @param {number} all */
function panelPlace(app, row, place, all) {
	const n = app.tl.cols.n[row];
	return place >= 0 && n === place + 1 ? 'packet ' + n + ' of ' + countText(all)
		: 'packet #' + n + (place >= 0 ? ' · ' + countText(place + 1) + ' of ' + countText(all) : '');
}

/** @param {import('../core/columns.js').Timeline} tl @param {number} row @returns {Promise<Rec|null>} null if it cannot be read */
async function panelRecord(tl, row) {
	try {
		return await timelineRecord(tl, row);
	} catch {
		return null;
	}
}

/** The record of the same sender's packet before: what has changed is told against it.
 * @param {App} app @param {Uint32Array} rows @param {number} place */
async function panelBefore(app, rows, place) {
	const { bits, proto } = app.tl.cols;
	for (let i = place - 1; i >= 0 && i > place - 5000; i--) {
		if ((bits[rows[i]] ^ bits[rows[place]]) & BIT_SERVER || proto[rows[i]] !== proto[rows[place]]) continue;
		return panelRecord(app.tl, rows[i]);
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
		return h('div.verdict',
			(verdicts.length > 1 || tl.cols.verdict[row] === 0) && h('b', verdictLabel(tl, verdict.id)),
			h('p.lead', text || verdictLabel(tl, verdict.id) + '.'),
			panelSure(tl, verdict),
			panelItems('Evidence', [...because].slice(0, 12).map((n) => panelEvidence(app, n))),
			cite && panelSection('Rule', h('p', visibleText(cite))));
	});
}

/** @param {import('../core/columns.js').Timeline} tl @param {import('../core/records.js').Rec} verdict */
function panelSure(tl, verdict) {
	if (verdict.sure !== 'likely' && verdict.sure !== 'ambiguous') return null;
	const others = recordList(verdict.candidates).map((id) => verdictLabel(tl, String(id)));
	return h('p.sure', verdict.sure === 'likely' ? 'This is likely, not certain.'
		: 'It cannot be decided from here' + (others.length > 0 ? ': ' + others.join(' or ') : '') + '.');
}

/** @param {App} app @param {unknown} n */
function panelEvidence(app, n) {
	const row = timelineRow(app.tl, n);
	if (row < 0) return '#' + n;
	return [domButton('#' + n, 'Show packet ' + n, () => appChoose(app, row), { class: 'link' }), ' ', arrowLabels(app.tl, row)[0]];
}

/** @param {{ rec: Rec }[]} notes */
function panelNotes(notes) {
	return panelItems('Notes', notes.map(({ rec }) => visibleText(rec.text ?? rec.code ?? 'note')));
}
