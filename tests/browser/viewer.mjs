// What the demo's page draws, in a real browser, opened from disk. The timeline beside it says what
// must be there. usage: node viewer.mjs FOLDER

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { axeTests } from './axe.mjs';
import { callTests } from './calls.mjs';
import { lessonTests } from './lesson.mjs';
import { verdictTests } from './verdicts.mjs';
import { browserOpen, pageList, pageOpen, pageSettled, pageState } from './page.mjs';

const folder = process.argv[2];
const page_of = (name) => `${folder}/${name}`;
const demo = page_of('demo/timeline.html');
const records = JSON.parse(readFileSync(page_of('demo/timeline.json'), 'utf8')).records;
const packets = (conv) => records.filter((r) => (r.k === 'tcp' || r.k === 'udp') && r.conv === conv);
const texts = (list) => list.filter((p) => p.kind === 'text').map((p) => p.text);

/** Numbers of the packets that the list has an arrow for. */
const drawn = (list) => new Set(list.filter((p) => p.kind === 'line' && p.n).map((p) => p.n));

/** What is drawn where all of a conversation has room. */
async function listOfAll(page) {
	const size = page.viewportSize();
	await page.setViewportSize({ ...size, height: 2400 });
	await page.waitForFunction((height) => document.getElementById('stage').clientHeight > height, size.height);
	await pageSettled(page);
	const list = await pageList(page);
	await page.setViewportSize(size);
	await pageSettled(page);
	return list;
}

const tests = {
	async 'opens from disk, says nothing, asks for nothing'(page) {
		assert.deepEqual(page.said, []);
		assert.deepEqual(page.asked, []);
	},
	async 'draws an arrow for every packet of the first conversation'(page) {
		const state = await pageState(page);
		assert.equal(state.conversation, 1);
		const numbers = drawn(await listOfAll(page));
		for (const packet of packets(1)) assert.ok(numbers.has(packet.n), `packet ${packet.n}`);
		assert.equal(numbers.size, packets(1).length);
	},
	async 'shows both ends\' TCP states in their lanes'(page) {
		const words = texts(await listOfAll(page));
		for (const record of records)
			if (record.k === 'state' && record.conv === 1) assert.ok(words.includes(record.state), record.state);
	},
	async 'no arrow points upward and no two labels touch'(page) {
		const list = await listOfAll(page);
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
	async 'the table sorts by a column, and finding filters it'(page) {
		await page.keyboard.press('[');
		await page.evaluate(() => { location.hash = '#v=1&c=1&p=1&view=table'; });
		const first = (column) => page.locator(`.grid-row .c-${column}`).first().innerText();
		const rows = page.locator('[role=grid]');
		await page.locator('.c-len button').click();
		await page.locator('.c-len button').click();
		await page.waitForFunction(() => document.querySelector('.c-len').getAttribute('aria-sort') === 'descending');
		await pageSettled(page);
		assert.equal(Number(await first('len')), Math.max(...packets(1).map((r) => r.len ?? 0)));
		await page.locator('#find').fill('syn');
		await page.waitForFunction((count) => document.querySelector('[role=grid]').getAttribute('aria-rowcount') === count,
			String(packets(1).filter((r) => /SYN/.test(r.flags)).length + 1));
		await page.locator('#find').fill('');
		await page.waitForFunction((count) => document.querySelector('[role=grid]').getAttribute('aria-rowcount') === count,
			String(packets(1).length + 1));
		assert.equal(await rows.locator('[aria-selected=true]').count(), 1);
		await page.locator('.c-n button').click();
		await page.keyboard.press('t');
		await pageSettled(page);
	},
	async 'a field and its bytes point at each other, by mouse and by keyboard'(page) {
		const lit = () => page.locator('.hexdump .hex .lit').allInnerTexts();
		const cell = page.locator('.grid32[aria-label="TCP header"] .cell', { hasText: 'source port' });
		const port = records.find((r) => r.k === 'conversation' && r.conv === 1).client.port;
		const octets = port.toString(16).padStart(4, '0').match(/../g);
		await page.evaluate(() => { location.hash = '#v=1&c=1&p=1&view=ladder'; });
		await page.waitForFunction(() => document.querySelector('.panel').innerText.includes('packet 1 of'));
		await cell.hover();
		assert.deepEqual(await lit(), octets);
		await page.mouse.move(5, 5);
		assert.deepEqual(await lit(), []);
		await page.locator('.hexdump .hex [data-at="0"]').hover();
		assert.match((await page.locator('.cell.lit').allInnerTexts()).join(' '), /ver/);
		await page.mouse.move(5, 5);
		await page.locator('.figure .cell').first().focus();
		await page.keyboard.press('ArrowRight');
		assert.ok((await lit()).length > 0);
		await page.evaluate(() => document.activeElement.blur());
	},
	async 'Ctrl and the wheel zoom where the pointer is, the wheel alone moves'(page) {
		const box = await page.locator('#stage').boundingBox();
		await page.keyboard.press('0');
		await pageSettled(page);
		const before = await pageState(page);
		await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
		await page.keyboard.down('Control');
		await page.mouse.wheel(0, -240);
		await page.keyboard.up('Control');
		await page.waitForFunction((zoom) => window.wireladder.state().zoom > zoom, before.zoom);
		const zoomed = await pageState(page);
		await page.mouse.wheel(0, 60);
		await page.waitForFunction((top) => window.wireladder.state().top > top, zoomed.top);
		assert.equal((await pageState(page)).zoom, zoomed.zoom);
	},
	async 'every key of the help sheet is also a button there'(page) {
		await page.keyboard.press('?');
		const lines = page.locator('.help-key');
		assert.ok(await lines.count() >= 18);
		for (const line of await lines.all()) assert.equal(await line.locator('button').count(), 1);
		await page.keyboard.press('Escape');
		assert.equal(await page.locator('dialog[open]').count(), 0);
	},
	async 'paper gets the picture as SVG'(page) {
		await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
		const words = await page.locator('.print-sheet svg text').allTextContents();
		assert.ok(words.some((word) => word.startsWith('ESTABLISHED')));
		assert.ok(await page.locator('.print-sheet svg line').count() > packets(1).length);
		await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
		assert.equal(await page.locator('.print-sheet svg').count(), 0);
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
	async 'the address leads back to the same view'(browser) {
		for (const keys of [[], [']', ']', ']', ']'], ['s', 's'], ['w', 'w', 'w', 'd'], ['m', 'w', 'w', 'd'], ['m', 'm', 'w'], ['t', 'j']]) {
			const page = await pageOpen(browser, demo);
			for (const key of keys) {
				await page.keyboard.press(key);
				await pageSettled(page);
			}
			const look = async () => {
				const { conversation, packet, view, mode, zoom, top } = await pageState(page);
				return [conversation, packet, view, mode, zoom.toFixed(2), top.toFixed(0)].join(' ');
			};
			const before = await look();
			await page.waitForFunction(() => location.hash !== '');
			// The address follows a little later, so that moving does not write it a hundred times.
			await page.waitForTimeout(400);
			await page.reload();
			await page.evaluate(() => window.wireladder.ready);
			await pageSettled(page);
			assert.equal(await look(), before, keys.join(' '));
			await page.context().close();
		}
	},
	async 'an address that says nothing sensible does no harm'(browser) {
		const page = await pageOpen(browser, demo);
		const fresh = await pageState(page);
		for (const hash of ['#c=1&p=1&t=1.2.3-5', '#c=1&p=1&t=80-20', '#c=1&p=1&t=.-.&z=x', '#c=__proto__&p=1', '#c=99&p=1&z=-1', '#%%%']) {
			await page.goto(`file://${demo}?${encodeURIComponent(hash)}${hash}`);
			await page.evaluate(() => window.wireladder.ready);
			await pageSettled(page);
			const state = await pageState(page);
			assert.deepEqual([state.conversation, state.zoom, state.top], [1, fresh.zoom, fresh.top], hash);
		}
		assert.deepEqual(page.said, []);
	},
	async 'the page\'s policy lets nothing in'(browser) {
		const page = await pageOpen(browser, demo);
		const got = await page.evaluate(async () => {
			const tried = {};
			// In a task of its own: what a test evaluates itself is exempt from the policy.
			await new Promise((done) => setTimeout(() => {
				try { tried.eval = (0, eval)('1'); } catch { tried.eval = 'blocked'; }
				done();
			}));
			try { await fetch('https://192.0.2.1/'); tried.fetch = 'sent'; } catch { tried.fetch = 'blocked'; }
			const image = document.createElement('div');
			image.setAttribute('onclick', 'window.__pwn = 1');
			document.body.append(image);
			image.click();
			tried.handler = window.__pwn === undefined ? 'blocked' : 'ran';
			return tried;
		});
		assert.deepEqual(got, { eval: 'blocked', fetch: 'blocked', handler: 'blocked' });
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
	async 'files are really dropped, and damage is told in a sentence'(browser) {
		const page = await pageOpen(browser, demo);
		const html = readFileSync(page_of('saved.html'), 'utf8'), lines = readFileSync(page_of('saved.jsonl'), 'utf8');
		const block = /<script type="application\/x-wireladder\+gzip" data-block="1"[^]*?<\/script>/;
		for (const [name, text, sentence] of [
			['whole.jsonl', lines, null],
			['missing.html', html.replace(block, ''), /1 of 1 blocks missing/],
			['crc.html', html.replace(/data-crc32="[^"]*"/, 'data-crc32="00000000"'), /bad CRC/],
			['gzip.html', html.replace(/(data-block="1"[^>]*>.{40}).{40}/, '$1'), /cannot be unpacked|bad length|bad CRC/],
			['cut.jsonl', lines.slice(0, lines.length - 40), /could not be read \(line \d+.*the rest is shown/],
			['empty.jsonl', '', /is empty/],
			['letter.txt', 'Dear reader,\n', /letter\.txt holds no timeline records \(line 1/],
			['capture.pcap', '\u00d4\u00c3', /wireladder read capture\.pcap -o x\.html/],
		]) {
			await page.evaluate(([file, body]) => {
				const data = new DataTransfer();
				data.items.add(new File([body], file));
				document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
			}, [name, text]);
			if (sentence) await page.waitForFunction((wanted) => new RegExp(wanted).test(document.querySelector('.problems').innerText), sentence.source);
			else await page.waitForFunction((wanted) => window.wireladder.state().name === wanted, name);
		}
		assert.deepEqual(page.said, []);
	},
	async 'a timeline without packets, or with one, is still a page'(browser) {
		const [meta, summary] = [records[0], { k: 'summary', packets: 0 }];
		const ends = { client: { addr: '2001:db8:1234:5678:9abc:def0:1234:5678', port: 40000 }, server: { addr: '2001:db8::2', port: 7 } };
		const conversation = { k: 'conversation', conv: 1, proto: 'tcp', ...ends };
		const packet = { k: 'tcp', n: 1, t: -5e15, conv: 1, from: 'client', flags: 'ACK', seq: 1, ack: 1 };
		const page = await pageOpen(browser, demo);
		for (const [name, list, arrows] of [['none', [meta, summary], 0], ['bare', [meta, conversation, summary], 0],
			['one', [meta, conversation, packet, summary], 1], ['far', [meta, conversation, packet, { ...packet, n: 2, t: 18446744073709551615 }, summary], 2]]) {
			writeFileSync(page_of(`${name}.jsonl`), list.map((r) => JSON.stringify(r)).join('\n') + '\n');
			await page.setInputFiles('input[type=file]', page_of(`${name}.jsonl`));
			await page.waitForFunction((wanted) => window.wireladder.state().name === wanted, `${name}.jsonl`);
			await page.waitForFunction((count) => new Set(window.wireladder.displayList().filter((p) => p.role === 'sent').map((p) => p.n)).size === count, arrows);
			await page.keyboard.press('j');
			await page.keyboard.press('w');
			await pageSettled(page);
		}
		assert.ok(texts(await pageList(page)).some((text) => text.includes(ends.client.addr)), 'a long address is whole');
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
for (const [name, test] of Object.entries({ ...alone, ...lessonTests(folder), ...verdictTests(folder), ...callTests(folder), ...axeTests(folder) })) await run(name, () => test(browser));
await browser.close();
writeFileSync(page_of('counts'), `${passed} ${failed}\n`);
process.exitCode = failed ? 1 : 0;
