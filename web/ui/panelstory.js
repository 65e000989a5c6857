// A lesson beside its ladder: what there is to see and why, what the wire was told, and questions
// whose answers are hidden until they are asked for.

import { visibleText } from '../core/bytes.js';
import { recordList } from '../core/records.js';
import { wireFacts } from '../text/lesson.js';
import { domButton, domList, h } from './dom.js';
import { panelItems, panelList, panelSection } from './panelsection.js';

/** @typedef {import('../core/records.js').Rec} Rec */

/** What is in lines stays in lines. @param {unknown} v */
function storyText(v) {
	return typeof v === 'string' ? v.split('\n').map(visibleText).join('\n') : '';
}

/** @param {unknown} v @returns {string[]} */
function storyTexts(v) {
	return recordList(v).map(storyText).filter((text) => text !== '');
}

/** @param {Rec} meta whose lesson is told */
export function panelStory({ lesson, source }) {
	const rules = storyTexts(lesson.rules), facts = wireFacts(lesson.link);
	if (Number.isFinite(source?.seed)) facts.push(['seed', String(source.seed)]);
	return [
		h('div.chips', [['lesson', source?.lesson], ['', lesson.group]].map(([what, name]) =>
			storyText(name) && h('span.chip', what + ' ' + storyText(name)))),
		h('h2', storyText(lesson.title)),
		storyText(lesson.story) && h('p.lead', storyText(lesson.story)),
		panelSection('The wire', rules.length > 0 && domList('ul', rules), panelList(facts)),
		panelItems('Sources', storyTexts(lesson.cites)),
		panelItems('Questions', recordList(lesson.questions).map(storyQuestion), 'ol'),
	];
}

/** @param {any} question @param {number} at */
function storyQuestion(question, at) {
	const id = 'answer-' + at, answer = h('p.answer', { id, hidden: true }, storyText(question?.answer));
	const button = domButton('Show the answer', '', () => {
		answer.hidden = !answer.hidden;
		button.setAttribute('aria-expanded', String(!answer.hidden));
		button.textContent = answer.hidden ? 'Show the answer' : 'Hide the answer';
	}, { class: 'more', 'aria-expanded': 'false', 'aria-controls': id });
	return [h('p', storyText(question?.ask)), button, answer];
}
