// A lesson's page: the story beside the ladder, answers that wait, a walk through the events. The
// timelines in lessons/ were written by `wireladder lab NAME --seed 1 --bytes none`.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pageList, pageOpen, pageSettled, pageState } from './page.mjs';

const LESSONS = fileURLToPath(new URL('lessons/', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../../wireladder', import.meta.url));

export const recordsOf = (name) => readFileSync(`${LESSONS}${name}.jsonl`, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));

/** The page of a lesson, or of these records. @returns its path */
export function lessonPage(folder, name, records) {
	const lines = `${folder}/${name}.jsonl`, page = `${folder}/${name}.html`;
	writeFileSync(lines, records.map((r) => JSON.stringify(r).replaceAll('<', '\\u003c')).join('\n') + '\n');
	execFileSync(PROGRAM, ['view', '-q', lines, '-o', page]);
	return page;
}

const panelText = (page) => page.locator('aside.panel').innerText();
const press = async (page, keys) => {
	for (const key of keys) await page.keyboard.press(key);
	await pageSettled(page);
};

/** @param {string} folder for the pages that are made */
export const lessonTests = (folder) => ({
	async 'a lesson opens with its story beside the whole head of the ladder'(browser) {
		const records = recordsOf('fast-retransmit'), { lesson, source } = records[0];
		const page = await pageOpen(browser, lessonPage(folder, 'fast', records), { width: 1400, height: 860 });
		const text = await panelText(page);
		for (const words of [lesson.title, lesson.story, ...lesson.rules, ...lesson.cites, source.lesson, String(source.seed), 'delay 10.0 ms'])
			assert.ok(text.includes(words), words);
		assert.equal((await pageState(page)).packet, null);
		const list = await pageList(page), lost = records.find((r) => r.lost).n;
		assert.ok(list.some((p) => p.role === 'lost' && p.n === lost));
		assert.ok(list.some((p) => p.role === 'lost-label' && p.text === 'wire rule: drop data 5'));
		const box = await page.locator('aside.panel').boundingBox(), stage = await page.locator('#stage').boundingBox();
		assert.ok(stage.x + stage.width <= box.x + 1 && stage.width > 600);
		assert.deepEqual([page.said, page.asked], [[], []]);
	},
	async 'the lines of a story and of an answer stay lines'(browser) {
		const records = recordsOf('sequence-numbers'), lines = 'Two things:\n- the first\n- the second\u202e\n\nThe end.';
		const lesson = { ...records[0].lesson, story: lines, questions: [{ ask: 'Which?', answer: lines }] };
		const page = await pageOpen(browser, lessonPage(folder, 'lines', [{ ...records[0], lesson }, ...records.slice(1)]));
		await page.getByRole('button', { name: 'Show the answer' }).click();
		for (const place of ['.panel .lead', '.panel .answer'])
			assert.equal(await page.locator(place).first().innerText(), lines.replace('\u202e', '[U+202E]'), place);
	},
	async 'the story and the packet take turns'(browser) {
		const records = recordsOf('fast-retransmit');
		const page = await pageOpen(browser, lessonPage(folder, 'fast', records));
		const tab = (name) => page.locator('aside.panel').getByRole('button', { name, exact: true });
		assert.equal(await tab('Story').getAttribute('aria-pressed'), 'true');
		await tab('Packet').click();
		await page.waitForFunction(() => /packet 1 of/.test(document.querySelector('.panel').innerText));
		assert.equal(await tab('Packet').getAttribute('aria-pressed'), 'true');
		await tab('Story').focus();
		await press(page, ['Enter']);
		assert.ok((await panelText(page)).includes(records[0].lesson.title));
		assert.equal((await pageState(page)).packet, 1);
		await press(page, ['j']);
		await page.waitForFunction(() => /packet 2 of/.test(document.querySelector('.panel').innerText));
		await press(page, ['Escape']);
		assert.ok((await panelText(page)).includes(records[0].lesson.title));
	},
	async 'an answer is hidden until it is asked for, by keyboard too'(browser) {
		const records = recordsOf('sequence-numbers'), { questions } = records[0].lesson;
		const page = await pageOpen(browser, lessonPage(folder, 'seq', records));
		assert.ok(questions.length >= 2);
		for (const { ask, answer } of questions) {
			assert.ok((await panelText(page)).includes(ask));
			assert.equal(await page.getByText(answer, { exact: true }).isVisible(), false);
		}
		assert.equal((await page.locator('aside.panel').ariaSnapshot()).includes(questions[1].answer), false);
		const button = page.getByRole('button', { name: 'Show the answer' }).nth(1);
		assert.equal(await button.getAttribute('aria-expanded'), 'false');
		const answer = page.locator(`#${await button.getAttribute('aria-controls')}`);
		await button.focus();
		await press(page, ['Enter']);
		assert.equal(await answer.innerText(), questions[1].answer);
		assert.equal(await page.getByText(questions[0].answer, { exact: true }).isVisible(), false);
		const hide = page.getByRole('button', { name: 'Hide the answer' });
		assert.equal(await hide.getAttribute('aria-expanded'), 'true');
		await press(page, [' ']);
		assert.equal(await answer.isVisible(), false);
	},
	async 'full stop and comma walk through the events; the future is dimmed; Escape ends it'(browser) {
		const records = recordsOf('fast-retransmit'), states = records.filter((r) => r.k === 'state').length;
		const page = await pageOpen(browser, lessonPage(folder, 'fast', records));
		const caption = () => page.locator('.caption').innerText();
		const of = 2 * records.filter((r) => r.k === 'tcp').length + states;
		await press(page, ['.']);
		assert.equal(await caption(), `event 1 of ${of}: #1 SYN seq 0 leaves the client`);
		assert.ok((await panelText(page)).includes(records[0].lesson.title), 'the story stays');
		await press(page, ['.', '.']);
		assert.match(await caption(), /: #1 SYN seq 0 reaches the server$/);
		assert.match(await page.locator('#live').innerText(), /reaches the server/);
		const list = await pageList(page), line = list.find((p) => p.role === 'playhead'), veil = list.find((p) => p.role === 'future');
		assert.ok(veil.y >= line.y1 && line.y1 > 0);
		await press(page, [',']);
		assert.match(await caption(), /: the client is now SYN-SENT$/);
		await page.getByRole('button', { name: 'event ›' }).click();
		assert.equal((await pageState(page)).event, 2);
		for (let i = 0; i < of; i++) await page.keyboard.press('.');
		await pageSettled(page);
		assert.equal((await pageState(page)).event, of - 1);
		assert.ok((await pageState(page)).top > 0, 'the page follows');
		await press(page, ['Escape']);
		assert.equal((await pageState(page)).event, -1);
		assert.equal(await page.locator('.caption').isVisible(), false);
		assert.ok(!(await pageList(page)).some((p) => p.role === 'future'));
		assert.deepEqual(page.said, []);
	},
	async 'from a chosen packet the walk begins at its departure, in every mode'(browser) {
		const page = await pageOpen(browser, lessonPage(folder, 'fast', recordsOf('fast-retransmit')), { hash: '#v=1&c=1&p=5' });
		for (const mode of ['elastic', 'true', 'rows']) {
			await press(page, ['.']);
			assert.match(await page.locator('.caption').innerText(), /: #5 .* leaves the client$/, mode);
			await press(page, ['m']);
			assert.equal((await pageState(page)).event, -1);
		}
		assert.deepEqual(page.said, []);
	},
	async 'nothing moves by itself, and every colour scheme has the line'(browser) {
		const file = lessonPage(folder, 'two', recordsOf('duplicate'));
		for (const media of [{ reducedMotion: 'reduce' }, { colorScheme: 'dark' }, { forcedColors: 'active' }]) {
			const page = await pageOpen(browser, file, { width: 900, height: 700 });
			await page.emulateMedia(media);
			await press(page, ['.', '.', '.']);
			assert.equal((await pageState(page)).event, 2);
			assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
			assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
			assert.ok(await page.locator('aside.panel').isVisible());
			assert.deepEqual(page.said, []);
			await page.context().close();
		}
	},
	async 'a hostile lesson stays text, a broken one stays a page'(browser) {
		const evil = '<img src=x onerror="window.__pwn=1"><script>window.__pwn=1</script>', records = recordsOf('sequence-numbers');
		const lessons = [{ title: evil, story: evil, group: evil, cites: [evil], rules: [evil], questions: [{ ask: evil, answer: evil }] },
			{ title: 7, story: [], cites: {}, rules: [null], link: 3, questions: [null, 'x', {}] }, {}];
		for (const [at, lesson] of lessons.entries()) {
			const page = await pageOpen(browser, lessonPage(folder, `evil${at}`, [{ ...records[0], lesson }, ...records.slice(1)]));
			for (const button of await page.locator('.panel .more').all()) await button.click();
			await press(page, ['.', 'j']);
			assert.equal(await page.evaluate(() => window.__pwn), undefined);
			assert.equal(await page.locator('.panel img, .panel script').count(), 0);
			assert.equal((await pageState(page)).packet, records.find((r) => r.k === 'tcp').n);
			assert.deepEqual([page.said, page.asked], [[], []]);
			await page.context().close();
		}
	},
	async 'a capture that is no lesson has no story'(browser) {
		const records = recordsOf('fast-retransmit');
		delete records[0].lesson;
		const page = await pageOpen(browser, lessonPage(folder, 'plain', records));
		assert.equal(await page.getByRole('button', { name: 'Story' }).count(), 0);
		assert.equal((await pageState(page)).packet, 1);
	},
});
