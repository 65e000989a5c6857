// Why a packet was sent: the sentence and its evidence, what belongs to the same recovery, the list
// that finds packets by verdict, and the silences on the ladder.

import assert from 'node:assert/strict';
import { lessonPage, recordsOf } from './lesson.mjs';
import { pageList, pageOpen, pageSettled, pageState } from './page.mjs';

const verdictsOf = (record) => record.verdicts ?? [];
const withVerdict = (records, id) => records.filter((r) => r.n && verdictsOf(r).some((v) => v.id === id));
const glows = async (page) => (await pageList(page)).filter((p) => p.role === 'hover').map((p) => p.n);

/** Opens a lesson at a packet, when its panel is there. */
async function lessonAt(browser, folder, name, n) {
	const page = await pageOpen(browser, lessonPage(folder, name, recordsOf(name)), { hash: `#v=1&c=1&p=${n}`, width: 1400, height: 860 });
	await panelShows(page, n);
	return page;
}

const panelShows = (page, n) => page.waitForFunction((wanted) => new RegExp(`packet ${wanted} of`).test(document.querySelector('.panel').innerText), n);

/** @param {string} folder for the pages that are made */
export const verdictTests = (folder) => ({
	async 'a verdict is told with its evidence, which stands out when pointed at and is shown by a click'(browser) {
		const records = recordsOf('two-holes'), [record] = withVerdict(records, 'recovery-retransmission');
		const [verdict] = record.verdicts, fast = withVerdict(records, 'fast-retransmission')[0].n;
		const page = await lessonAt(browser, folder, 'two-holes', record.n), panel = page.locator('aside.panel');
		assert.match(await panel.innerText(), new RegExp(`Packet ${verdict.of} again\\. One more hole`));
		assert.doesNotMatch(await panel.innerText(), /[[\]{}]/);
		const evidence = panel.locator('section').filter({ has: page.getByRole('heading', { name: 'Evidence', exact: true }) }).last();
		for (const n of [verdict.of, ...verdict.because])
			assert.equal(await evidence.getByRole('button', { name: `Show packet ${n}`, exact: true }).count(), 1);
		const recovery = panel.locator('section').filter({ has: page.getByRole('heading', { name: 'The same recovery' }) }).last();
		const link = recovery.getByRole('button', { name: `Show packet ${fast}`, exact: true });
		await link.hover();
		await pageSettled(page);
		assert.deepEqual(await glows(page), [fast]);
		await link.click();
		await panelShows(page, fast);
		assert.equal((await pageState(page)).packet, fast);
		assert.deepEqual(await glows(page), []);
		assert.deepEqual(page.said, []);
	},
	async 'the list of verdicts finds packets, and N and P walk among them'(browser) {
		const records = recordsOf('two-holes'), wanted = withVerdict(records, 'dup-ack').map((r) => r.n);
		const page = await pageOpen(browser, lessonPage(folder, 'two-holes', records)), shown = async () => (await pageState(page)).packet;
		await page.locator('aside.panel').getByRole('button', { name: 'dup ACK', exact: true }).click();
		await pageSettled(page);
		assert.equal(await page.locator('#find').inputValue(), 'verdict:dup-ack');
		assert.equal(await page.locator('.find-count').innerText(), `1 of ${wanted.length}`);
		const seen = [await shown()];
		for (let i = 1; i < wanted.length; i++) {
			await page.keyboard.press('n');
			seen.push(await shown());
		}
		assert.deepEqual(seen, wanted);
		await page.keyboard.press('p');
		assert.equal(await shown(), wanted.at(-2));
	},
	async 'a silence is a band that says who waited, and leads to what ended it'(browser) {
		const records = recordsOf('rto-backoff'), stalls = records.filter((r) => r.code === 'stall');
		const page = await pageOpen(browser, lessonPage(folder, 'rto-backoff', records), { width: 1400, height: 860 });
		const bands = (await pageList(page)).filter((p) => p.role === 'stall' && p.kind === 'bar' && p.w > 20);
		assert.deepEqual(bands.map((band) => band.title), stalls.map((stall) => stall.text));
		const stage = await page.locator('#stage').boundingBox(), [band] = bands;
		const at = [stage.x + band.x + band.w * 0.8, stage.y + band.y + band.h - 4];
		await page.mouse.move(...at);
		await pageSettled(page);
		assert.equal(await page.locator('.tip').innerText(), stalls[0].text);
		await page.mouse.click(...at);
		await panelShows(page, stalls[0].because[1]);
		assert.ok((await page.locator('aside.panel').innerText()).includes(stalls[0].text));
	},
});
