// Programs beside the ladder: pointing at a call shows its packets and the other way round, the panel
// tells a call, lanes fold, and calls are events of the walk.

import assert from 'node:assert/strict';
import { callsRecords } from '../../web/test/support/calls.mjs';
import { lessonPage, recordsOf } from './lesson.mjs';
import { pageList, pageOpen, pageSettled, pageState } from './page.mjs';

const records = callsRecords(recordsOf('fast-retransmit'));
const callOf = (name, from) => records.find((r) => r.k === 'call' && r.call === name && r.from === from && r.conv === 1);
const panelText = (page) => page.locator('aside.panel').innerText();
const panelShows = (page, words) => page.waitForFunction((wanted) => document.querySelector('.panel').innerText.includes(wanted), words);
const callBars = async (page, title) => (await pageList(page)).filter((p) => p.kind === 'bar' && p.role === 'call' && title.test(p.title ?? ''));

/** @param {string} folder for the pages that are made */
export const callTests = (folder) => {
	const open = (browser, more) => pageOpen(browser, lessonPage(folder, 'calls', records), { width: 1400, height: 860, ...more });
	const middle = async (page, title) => {
		const [bar] = await callBars(page, title), stage = await page.locator('#stage').boundingBox();
		return [stage.x + bar.x + bar.w / 2, stage.y + bar.y + Math.min(bar.h / 2, 40)];
	};
	return {
		async 'both programs stand beside the ladder, with name, wait and result'(browser) {
			const page = await open(browser), words = (await pageList(page)).filter((p) => p.kind === 'text').map((p) => p.text);
			for (const text of ['client program', 'server program', 'client · pid 4001', 'connect()', 'accept()', 'set-up', 'connect', 'cwnd'])
				assert.ok(words.includes(text), text);
			assert.ok(words.some((text) => /^blocked 20\.\d ms$/.test(text)));
			assert.deepEqual([page.said, page.asked], [[], []]);
		},
		async 'pointing at a call shows its packets; choosing it tells it'(browser) {
			const page = await open(browser), at = await middle(page, /client calls connect/);
			await page.mouse.move(...at);
			await pageSettled(page);
			assert.match(await page.locator('.tip').innerText(), /The client calls connect\(\) on socket 3, blocked 20\.\d ms: returns 0\./);
			assert.deepEqual((await pageList(page)).filter((p) => p.role === 'hover').map((p) => p.n), [1]);
			await page.mouse.click(...at);
			await panelShows(page, `connect(${callOf('connect', 'client').args})`);
			assert.match(await panelText(page), /IT MADE\s+#1/i);
			assert.match(await page.locator('#live').textContent(), /calls connect/);
			await page.getByRole('button', { name: 'Next call' }).click();
			await panelShows(page, 'send(3, "xxxx');
			await page.locator('aside.panel').getByRole('button', { name: 'Show packet 8', exact: true }).click();
			await panelShows(page, 'packet 8 of');
		},
		async 'a packet tells its calls and what the kernel thought before and after'(browser) {
			const n = records.find((r) => r.verdicts?.length && r.conv === 1).n;
			const page = await open(browser, { hash: `#v=1&c=1&p=${n}` });
			await panelShows(page, 'TCP_INFO');
			assert.match(await panelText(page), /retrans 0→1 · .*cwnd 10→7 · .*ca_state Open→Recovery/);
			assert.ok((await pageList(page)).some((p) => p.role === 'hover-call'));
			await page.locator('aside.panel').getByRole('button', { name: 'recv()', exact: true }).click();
			await panelShows(page, 'The bytes it read came in'.toUpperCase());
			await page.keyboard.press('Escape');
			await pageSettled(page);
			assert.equal((await pageState(page)).packet, null);
		},
		async 'lanes fold away by key and button, and by themselves in a narrow window'(browser) {
			const page = await open(browser), named = async () => (await pageList(page)).some((p) => p.kind === 'text' && p.text === 'client program');
			await page.keyboard.press('b');
			await pageSettled(page);
			assert.equal(await named(), false);
			await page.locator('footer').getByRole('button', { name: 'calls' }).click();
			await pageSettled(page);
			assert.equal(await named(), true);
			await page.setViewportSize({ width: 860, height: 700 });
			await pageSettled(page);
			assert.equal(await named(), false);
			assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
		},
		async 'the walk goes through calls, and J and K through packets as ever'(browser) {
			const page = await open(browser), said = [];
			for (let i = 0; i < 12; i++) {
				await page.keyboard.press('.');
				await pageSettled(page);
				said.push(await page.locator('.caption').innerText());
			}
			for (const words of ['the server calls listen()', 'the server’s listen() returns 0', 'the client calls connect()']) assert.ok(said.some((s) => s.includes(words)), words);
			await page.keyboard.press('Escape');
			await page.keyboard.press('j');
			assert.equal((await pageState(page)).packet, 1);
		},
		async 'a page without packets shows its calls, and why there is no packet'(browser) {
			const note = { k: 'note', t: 0, level: 'warning', code: 'trace', text: 'Packets are not shown, only calls.' }, { lesson: _, ...meta } = records[0];
			const alone = records.filter((r) => ['program', 'call', 'summary'].includes(r.k)).map(({ conv: _conv, from: _from, ...r }) => r);
			const page = await pageOpen(browser, lessonPage(folder, 'alone', [meta, note, ...alone]), { width: 1400, height: 860 });
			await panelShows(page, note.text);
			for (const name of ['accept', 'connect']) assert.ok((await callBars(page, new RegExp(name))).length > 0);
			await page.mouse.click(...await middle(page, /client calls connect/));
			await panelShows(page, `connect(${callOf('connect', 'client').args})`);
			for (const key of ['m', 'm', 't', 't', 'j', 'n', '.', '0', 'Escape']) await page.keyboard.press(key);
			await pageSettled(page);
			assert.deepEqual([page.said, page.asked], [[], []]);
		},
		async 'a lesson over TCP and over UDP opens with both beside each other'(browser) {
			const both = records.filter((r) => ![2, 4].includes(r.conv)), page = await pageOpen(browser, lessonPage(folder, 'both', both), { width: 1400, height: 860 });
			const titles = async () => (await pageList(page)).filter((p) => p.kind === 'text' && /^client (TCP|UDP)$/.test(p.text)).map((p) => p.text + ' ' + Math.round(p.x));
			const arrows = async () => new Set((await pageList(page)).filter((p) => p.kind === 'dot').map((p) => p.n)), opened = await titles();
			assert.equal(opened.length, 2);
			const { n } = both.find((r) => r.k === 'udp'), dot = (await pageList(page)).find((p) => p.kind === 'dot' && p.n === n), stage = await page.locator('#stage').boundingBox();
			assert.ok((await arrows()).has(1) && (await arrows()).has(n));
			await page.mouse.click(stage.x + dot.x, stage.y + dot.y);
			await panelShows(page, '1 of 2');
			assert.deepEqual([(await pageState(page)).conversation, await titles()], [3, opened]);
			await page.mouse.click(...await middle(page, /client calls connect/));
			await panelShows(page, `connect(${callOf('connect', 'client').args})`);
			assert.deepEqual([(await pageState(page)).conversation, await titles()], [1, opened]);
			await page.mouse.click(stage.x + dot.x, stage.y + dot.y);
			await page.keyboard.press('.');
			await page.keyboard.press('o');
			await pageSettled(page);
			assert.deepEqual((await titles()).map((text) => text.slice(0, 10)), ['client UDP']);
			await page.locator('footer').getByRole('button', { name: 'both' }).click();
			await pageSettled(page);
			assert.deepEqual(await titles(), opened);
			assert.deepEqual([page.said, page.asked], [[], []]);
		},
		async 'Find takes send(), and the SVG has the lanes'(browser) {
			const page = await open(browser);
			await page.locator('#find').fill('send()');
			await page.waitForFunction(() => window.wireladder.state().found === 12);
			await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
			assert.ok((await page.locator('.print-sheet svg text').allTextContents()).includes('accept()'));
		},
	};
};
