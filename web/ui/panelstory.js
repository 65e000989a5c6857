// A lesson beside its ladder: what there is to see and why, what the wire was told, and questions
// whose answers are hidden until they are asked for.

import { visibleText } from '../core/bytes.js';
import { recordList } from '../core/records.js';
import { wireFacts } from '../text/lesson.js';
import { h } from './dom.js';
import { panelList, panelSection } from './panelsection.js';

/** @typedef {import('../core/records.js').Rec} Rec */

/** @param {unknown} v */
function storyText(v) {
	return typeof v === 'string' ? visibleText(v) : '';
}

/** @param {unknown} v @returns {string[]} */
function storyTexts(v) {
	return recordList(v).map(storyText).filter((text) => text !== '');
}

/** @param {Rec} meta whose lesson is told */
export function panelStory({ lesson, source }) {
	/** @type {string[]} */
	const story = typeof lesson.story === 'string' ? lesson.story.split(/\n+/) : [];
	const rules = storyTexts(lesson.rules), cites = storyTexts(lesson.cites);
	const facts = wireFacts(lesson.link);
	if (Number.isFinite(source?.seed)) facts.push(['seed', String(source.seed)]);
	const questions = recordList(lesson.questions);
	return [
		h('div', { class: 'chips' }, [['lesson', source?.lesson], ['', lesson.group]].map(([what, name]) =>
			storyText(name) && h('span', { class: 'chip' }, what + ' ' + storyText(name)))),
		h('h2', null, storyText(lesson.title)),
		story.map((part) => h('p', { class: 'lead' }, visibleText(part))),
		panelSection('The wire', rules.length > 0 ? h('ul', null, rules.map((rule) => h('li', null, rule))) : null, panelList(facts)),
		cites.length > 0 ? panelSection('Sources', h('ul', null, cites.map((cite) => h('li', null, cite)))) : null,
		questions.length > 0 ? panelSection('Questions', h('ol', null, questions.map(storyQuestion))) : null,
	].flat();
}

/** @param {any} question @param {number} at */
function storyQuestion(question, at) {
	const id = 'answer-' + at, answer = h('p', { class: 'answer', id, hidden: true }, storyText(question?.answer));
	const button = h('button', { type: 'button', class: 'more', 'aria-expanded': 'false', 'aria-controls': id, onclick: () => {
		answer.hidden = !answer.hidden;
		button.setAttribute('aria-expanded', String(!answer.hidden));
		button.textContent = answer.hidden ? 'Show the answer' : 'Hide the answer';
	} }, 'Show the answer');
	return h('li', null, h('p', null, storyText(question?.ask)), button, answer);
}
