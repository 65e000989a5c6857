// axe-core's rules on every face of the page, light and dark: nothing that it calls a violation.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { callsRecords } from '../../web/test/support/calls.mjs';
import { lessonPage, recordsOf } from './lesson.mjs';
import { pageOpen, pageSettled } from './page.mjs';

const source = readFileSync(new URL('../../web/node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

const choose = (name) => (page) => page.getByRole('button', { name, exact: true }).first().click();
const keys = (...list) => async (page) => {
	for (const key of list) await page.keyboard.press(key);
};

/** What is done to see a face; each on a page of its own. */
const FACES = {
	'a packet beside programs and lanes': keys('j', 'n'),
	'a call in the panel': async (page) => {
		await keys('j')(page);
		await page.locator('.panel section', { hasText: /socket calls/i }).getByRole('button').first().click();
	},
	'an event of the walk': keys('.', '.', '.'),
	'the story': choose('Story'),
	'the table': keys('t'),
	'the list of conversations': keys('c'),
	'the keys': keys('?'),
	'the menu': choose('Open, copy link, export'),
	'lanes folded away': keys('b', 'i'),
};

/** @param {string} folder for the page that is made */
export const axeTests = (folder) => Object.fromEntries(Object.entries(FACES).map(([face, show]) => [`axe: ${face}`, async (browser) => {
	const file = lessonPage(folder, 'axe', callsRecords(recordsOf('fast-retransmit')));
	for (const scheme of ['light', 'dark']) {
		const page = await pageOpen(browser, file, { scheme, width: 1400, height: 860 });
		await show(page);
		await pageSettled(page);
		await page.evaluate(source);
		const { violations, passes } = await page.evaluate(() => window.axe.run());
		assert.ok(passes.length > 15, `${passes.length} rules had something to look at`);
		assert.deepEqual(violations.map((v) => [v.id, ...v.nodes.map((n) => n.target.join(' ') + ': ' + n.any.map((c) => c.message).join())]), [], scheme);
		await page.context().close();
	}
}]));
