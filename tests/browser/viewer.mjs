// What the demo's page draws, in a real browser, opened from disk. The timeline beside it says what
// must be there. usage: node viewer.mjs FOLDER

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { browserOpen, pageList, pageOpen, pageSettled, pageState } from './page.mjs';

const folder = process.argv[2];
const page_of = (name) => `${folder}/${name}`;
const demo = page_of('demo/timeline.html');
const records = JSON.parse(readFileSync(page_of('demo/timeline.json'), 'utf8')).records;
const packets = (conv) => records.filter((r) => (r.k === 'tcp' || r.k === 'udp') && r.conv === conv);
const texts = (list) => list.filter((p) => p.kind === 'text').map((p) => p.text);

/** Numbers of the packets that the list has an arrow for. */
const drawn = (list) => new Set(list.filter((p) => p.kind === 'line' && p.n).map((p) => p.n));

const tests = {
	async 'opens from disk, says nothing, asks for nothing'(page) {
		assert.deepEqual(page.said, []);
		assert.deepEqual(page.asked, []);
	},
	async 'draws an arrow for every packet of the first conversation'(page) {
		const state = await pageState(page);
		assert.equal(state.conversation, 1);
		const numbers = drawn(await pageList(page));
		for (const packet of packets(1)) assert.ok(numbers.has(packet.n), `packet ${packet.n}`);
		assert.equal(numbers.size, packets(1).length);
	},
	async 'shows both ends\' TCP states in their lanes'(page) {
		const words = texts(await pageList(page));
		for (const record of records)
			if (record.k === 'state' && record.conv === 1) assert.ok(words.includes(record.state), record.state);
	},
	async 'no arrow points upward and no two labels touch'(page) {
		const list = await pageList(page);
		for (const line of list.filter((p) => p.kind === 'line' && p.n && p.role.startsWith('arrow')))
			assert.ok(line.y2 >= line.y1, `packet ${line.n}`);
		const labels = list.filter((p) => p.kind === 'text' && p.n && p.role.includes('label'));
		assert.ok(labels.length > packets(1).length / 2);
		for (const a of labels) for (const b of labels) {
			if (a === b || a.align !== b.align) continue;
			const apart = Math.abs(a.y - b.y) >= Math.min(a.size, b.size) * 0.75 || Math.abs(a.x - b.x) >= Math.min(a.w, b.w);
			assert.ok(apart, `'${a.text}' and '${b.text}'`);
		}
	},
	async 'the picture is really painted'(page) {
		const colours = await page.evaluate(async () => {
			const seen = new Set();
			for (const canvas of document.querySelectorAll('canvas')) {
				const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
				for (let i = 0; i < data.length; i += 4 * 31) seen.add(`${data[i]},${data[i + 1]},${data[i + 2]},${data[i + 3]}`);
			}
			return seen.size;
		});
		assert.ok(colours > 20, `${colours} colours`);
		assert.ok((await page.screenshot()).length > 20000);
	},
	async 'J walks to the next packet and the panel follows, bit by bit'(page) {
		await page.keyboard.press('Escape');
		for (let i = 0; i < 4; i++) await page.keyboard.press('j');
		await pageSettled(page);
		const { packet } = await pageState(page);
		const record = packets(1).find((r) => r.n === packet);
		assert.ok(record);
		const panel = await page.locator('aside, [role=complementary], #panel').first().innerText();
		assert.match(panel, new RegExp(`packet\\s+${packet}\\b`, 'i'));
		assert.match(panel, /source port/i);
		assert.match(panel, new RegExp(`\\b${records.find((r) => r.k === 'conversation' && r.conv === 1).client.port}\\b`));
		await page.waitForFunction((n) => new RegExp(`p=${n}\\b`).test(location.hash), packet, { timeout: 5000 });
	},
	async 'T shows the table, a full peer with the same selection'(page) {
		await page.keyboard.press('t');
		await pageSettled(page);
		const grid = page.locator('[role=grid]');
		assert.equal(await grid.count(), 1);
		assert.ok(Number(await grid.getAttribute('aria-rowcount')) >= packets(1).length);
		assert.ok(await page.locator('[role=row]').count() > 3);
		assert.equal(await page.locator('[role=row][aria-selected=true]').count(), 1);
		await page.keyboard.press('t');
		await pageSettled(page);
		assert.equal(await grid.count() && await grid.isVisible(), false);
	},
	async '] shows the next conversation, and UDP has no states'(page) {
		const udp = records.find((r) => r.k === 'conversation' && r.proto === 'udp').conv;
		for (let i = 1; i < udp; i++) await page.keyboard.press(']');
		await pageSettled(page);
		assert.equal((await pageState(page)).conversation, udp);
		const words = texts(await pageList(page)).join(' ');
		assert.match(words, /no state/i);
	},
	async 'W zooms in, 0 shows all again'(page) {
		const span = async () => { const s = await pageState(page); return JSON.stringify([s.zoom, s.top]); };
		await page.keyboard.press('0');
		await pageSettled(page);
		const before = await span(), list = JSON.stringify(await pageList(page));
		await page.keyboard.press('w');
		await page.keyboard.press('w');
		await pageSettled(page);
		assert.notEqual(JSON.stringify(await pageList(page)), list);
		await page.keyboard.press('0');
		await pageSettled(page);
		assert.equal(await span(), before);
	},
};

/** Those that need a page of their own. */
const alone = {
	async 'a link to a packet opens there'(browser) {
		const wanted = packets(2)[2].n;
		const page = await pageOpen(browser, demo, { hash: `#v=1&c=2&p=${wanted}&m=rows&view=ladder` });
		const state = await pageState(page);
		assert.equal(state.conversation, 2);
		assert.equal(state.packet, wanted);
		assert.equal(state.mode, 'rows');
	},
	async 'dark when the reader prefers it'(browser) {
		const page = await pageOpen(browser, demo, { scheme: 'dark' });
		assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(17, 22, 29)');
		assert.deepEqual(page.said, []);
	},
	async 'narrow windows still draw'(browser) {
		const page = await pageOpen(browser, demo, { width: 800, height: 600 });
		assert.ok(drawn(await pageList(page)).size > 0);
		assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
	},
	async 'a dropped timeline is read, whichever of its three forms'(browser) {
		const page = await pageOpen(browser, demo);
		for (const name of ['saved.jsonl', 'saved.json', 'saved.html']) {
			await page.setInputFiles('input[type=file]', page_of(name));
			await page.waitForFunction((wanted) => document.title.includes(wanted) || document.body.innerText.includes(wanted), name);
			await pageSettled(page);
			assert.ok(drawn(await pageList(page)).size > 5, name);
		}
		assert.deepEqual(page.said, []);
	},
	async 'a dropped capture gets the command to use'(browser) {
		const page = await pageOpen(browser, demo);
		await page.setInputFiles('input[type=file]', page_of('demo.pcap'));
		await page.waitForFunction(() => document.body.innerText.includes('wireladder read demo.pcap -o demo.html')
			|| /wireladder read demo\.pcap -o \S+\.html/.test(document.body.innerText));
	},
	async 'hostile payload stays text'(browser) {
		const evil = '<img src=x onerror="window.__pwn=1"></script><script>window.__pwn=1</script>';
		const bytes = Buffer.concat([Buffer.from('450000280000400040060000c0000201c0000202', 'hex'),
			Buffer.from('9c400007000003e8000013885018020000000000', 'hex'), Buffer.from(evil)]);
		const lines = [
			{ k: 'meta', wireladder: '0', format: 1, start: '2026-01-01T00:00:00.000000000Z', start_ns: '1767225600000000000', source: { kind: 'read', name: evil, files: [evil] }, vantages: [{ id: 0, name: evil, linktype: 'ETHERNET', snaplen: 0, precision: 'us' }], hosts: [], glossary: {} },
			{ k: 'conversation', conv: 1, proto: 'tcp', client: { addr: '192.0.2.1', port: 40000 }, server: { addr: '192.0.2.2', port: 7 } },
			{ k: 'tcp', n: 1, t: 0, conv: 1, from: 'client', flags: 'PSH ACK', seq: 1, ack: 1, len: evil.length, bytes: bytes.toString('base64'), __proto__: { x: 1 } },
			{ k: 'note', t: 0, level: 'warning', code: evil, text: evil, conv: 1 },
			{ k: 'summary', packets: 1, quality: [evil] },
		];
		writeFileSync(page_of('evil.jsonl'), lines.map((line) => JSON.stringify(line).replaceAll('<', '\\u003c')).join('\n') + '\n');
		const page = await pageOpen(browser, demo);
		await page.setInputFiles('input[type=file]', page_of('evil.jsonl'));
		await page.waitForFunction(() => window.wireladder.displayList().some((p) => p.n === 1));
		await page.keyboard.press('j');
		await pageSettled(page);
		assert.equal(await page.evaluate(() => window.__pwn), undefined);
		assert.deepEqual(page.asked, []);
	},
	async 'every file the viewer writes is well-formed'(browser) {
		const page = await pageOpen(browser, demo);
		const waits = page.waitForEvent('download');
		await page.keyboard.press('e');
		const svg = readFileSync(await (await waits).path(), 'utf8');
		assert.match(svg, /^(<\?xml[^>]*>\s*)?<svg[\s>]/);
		assert.ok(await page.evaluate((text) => !new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror'), svg));
	},
};

let passed = 0, failed = 0;
async function run(name, test) {
	try {
		await test();
		passed++;
	} catch (error) {
		failed++;
		console.log(`not ok browser ${name}: ${error.message.split('\n').slice(0, 6).join(' | ')}`);
	}
}

const browser = await browserOpen();
const page = await pageOpen(browser, demo);
console.log(`open to drawn: ${Math.round(await page.evaluate(() => window.wireladder.drawnAt))} ms, ${packets(1).length} of ${records.length} records in view`);
for (const [name, test] of Object.entries(tests)) await run(name, () => test(page));
await run('still nothing on the console', async () => assert.deepEqual(page.said, []));
for (const [name, test] of Object.entries(alone)) await run(name, () => test(browser));
await browser.close();
writeFileSync(page_of('counts'), `${passed} ${failed}\n`);
process.exitCode = failed ? 1 : 0;
