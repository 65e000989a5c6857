// The panel at the right: one packet told from the outside in (sentence, facts, evidence, header
// figure, bytes), or the conversation when no packet is chosen. A lesson's story takes turns with
// its packets.

import { visibleText } from '../core/bytes.js';
import { BIT_SERVER, KINDS } from '../core/kinds.js';
import { timelineRecord, timelineRow } from '../core/columns.js';
import { isNumber, max } from '../core/math.js';
import { recordList, recordObject } from '../core/records.js';
import { countText, plural } from '../text/format.js';
import { arrowLabels, kindText, titleText, verdictLabel, verdictText, verdictWords } from '../text/packet.js';
import { convCount, convEnds, convFacts, convFate, convName, convProto, convVerdicts } from '../text/story.js';
import { appCall, appMark, appPlace, appQuery, appRows, appStep, appTold } from './app.js';
import { domButton, domSet, domSwitch, h } from './dom.js';
import { keyButton } from './keytable.js';
import { panelFacts } from './facts.js';
import { panelBytes } from './panelbytes.js';
import { kernelFacts, panelCall, panelCalls } from './panelcall.js';
import { panelItems, panelList, panelPacketLink, panelSection } from './panelsection.js';
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
		if (!story && app.chosen < 0 && app.call < 0) {
			if (app.conv?.bare && app.map) appCall(app, app.map.calls[0]);
			else appStep(app, 1);
			return;
		}
		tabs.show(story ? 'story' : 'packet');
		box.scrollTop = 0;
		if (app.call >= 0 && !story) panelCall(app, inside, () => now === turn);
		else if (story) panelConversation(app, inside);
		else panelPacket(app, inside, () => now === turn);
	};
	domSet(box, tabs.box, inside);
	app.late.push((what) => {
		const [first] = tabs.box.children;
		first.textContent = panelLesson(app) ? 'Story' : 'Summary';
		if (appTold(what, 'chosen', 'data', 'conv')) show(app.chosen < 0 && app.call < 0);
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
	const verdicts = convVerdicts(conv), lesson = panelLesson(app);
	domSet(box, lesson ? panelStory(lesson) : [
		h('div.chips', h('span.chip', conv.bare ? convCount(tl, conv) : 'conversation ' + conv.conv)),
		h('h2', conv.bare ? convName(tl, conv) : convProto(tl, conv) + ' ' + convEnds(tl, conv)),
		h('p.lead', conv.bare ? 'No packet was seen of what these sockets did. Choose a call to look at it.'
			: [plural(conv.count, 'packet'), convFate(conv)].filter((t) => t).join(', ') + '. Choose a packet to look inside.')],
		!conv.bare && panelSection('Conversation', panelList(convFacts(tl, conv))),
		verdicts.length > 0 && panelSection('Verdicts', panelList(verdicts.map((verdict) => panelCount(app, ...verdict)))),
		panelNotes(app, conv.notes),
		Object.entries(recordObject(tl.summary?.counters)).map(([end, counters]) => panelSection('Kernel counters, ' + visibleText(end),
			panelList(Object.entries(recordObject(counters)).map(([name, count]) => [visibleText(name), visibleText(count)])))),
		panelItems('Capture quality', recordList(tl.summary?.quality).map(visibleText)));
}

/** @param {App} app @param {HTMLElement} box @param {() => boolean} current */
async function panelPacket(app, box, current) {
	const { tl, chosen: row } = app, rows = appRows(app), place = appPlace(app);
	const rec = await panelRecord(tl, row) ?? {}, before = await panelBefore(app, rows, place), kernel = await kernelFacts(app, row);
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
		panelNotes(app, tl.notes.filter((note) => note.row === row || recordList(note.rec.because).includes(tl.cols.n[row]))),
		panelSection('Facts', panelList([...panelFacts(app, row, rec, place), ...kernel])),
		panelCalls(app, row),
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

/** A verdict's label, which finds its packets, and how many there are. @param {App} app @param {string} id
 * @param {number} count @returns {[Node, string]} */
function panelCount(app, id, count) {
	return [domButton(verdictLabel(app.tl, id), 'Find them', () => {
		appQuery(app, 'verdict:' + id);
		appMark(app, 1);
	}, { class: 'link' }), countText(count)];
}

/** Why the packet was sent, as far as the analysis can say, with evidence. @param {App} app @param {number} row */
function panelVerdicts(app, row) {
	const { tl } = app, verdicts = tl.extras.get(row)?.verdicts ?? [];
	const later = (tl.amends.get(row) ?? []).map((amend) => amend.because);
	return verdicts.length > 0 && panelSection('What happens here', verdicts.map((verdict) => {
		const cite = tl.glossary.get(verdict.id)?.cite;
		const because = new Set([verdict.of, ...recordList(verdict.because), ...later]), others = panelEpisode(app, row, verdict.episode);
		because.delete(undefined);
		return h('div.verdict',
			verdicts.length > 1 && h('b', verdictWords(tl, verdict)),
			h('p.lead', verdictText(tl, verdict) || verdictLabel(tl, verdict.id) + '.', verdict.needed === 'no' && ' It was not needed.'),
			(verdict.sure === 'likely' || verdict.sure === 'ambiguous') && h('p.sure', 'This is ' + verdict.sure + ', not certain.'),
			panelItems('Evidence', [...because].slice(0, 12).map((n) => {
				const at = timelineRow(tl, n);
				return [panelPacketLink(app, n), ' ', at >= 0 && arrowLabels(tl, at)[0]];
			})),
			others.length > 0 && panelSection('The same recovery', h('p', others)),
			cite && panelSection('Rule', h('p', visibleText(cite))));
	}));
}

/** Links to what belongs to the same loss recovery. @param {App} app @param {number} row @param {unknown} episode */
function panelEpisode(app, row, episode) {
	const { extras, cols } = app.tl, place = appPlace(app);
	if (!isNumber(episode) || place < 0) return [];
	return [...appRows(app).slice(max(0, place - 5000), place + 5000)]
		.filter((other) => other !== row && extras.get(other)?.verdicts?.some((v) => v.episode === episode))
		.slice(0, 40).map((other) => [panelPacketLink(app, cols.n[other]), ' ']);
}

/** @param {App} app @param {{ rec: Rec }[]} notes */
function panelNotes(app, notes) {
	return panelItems('Notes', notes.slice(0, 50).map(({ rec }) => [visibleText(rec.text ?? rec.code ?? 'note'),
		...recordList(rec.because).flatMap((n) => [' ', panelPacketLink(app, n)])]));
}
