// The viewer in a real browser, from file://: what is drawn, keys, links, drops, hostile text.
//   node browser.mjs VIEWER.html [CHROMIUM]

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pageData, pageMake } from './page.mjs';
import { sampleLines } from './sample.mjs';
import { specialLines } from './special.mjs';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A tab that counts every console error and every request that is not the page itself. */
async function openTab(browser, file, more = {}) {
	const context = await browser.newContext({ viewport: { width: 1600, height: 1000 }, acceptDownloads: true, ...more.context });
	const tab = await context.newPage(), bad = [];
	tab.on('console', (m) => { if (['error', 'warning'].includes(m.type())) bad.push(m.text()); });
	tab.on('pageerror', (e) => bad.push(String(e)));
	tab.on('request', (r) => { if (!/^(file|data|blob):/.test(r.url())) bad.push('request ' + r.url()); });
	await tab.goto(pathToFileURL(file).href + (more.hash ?? ''));
	await tab.evaluate(() => window.wireladder.ready);
	return { tab, bad, close: () => { assert.deepEqual(bad, []); return context.close(); }, state: () => tab.evaluate(() => window.wireladder.state()) };
}

/** Drops a file made of text on the page. */
async function drop(tab, name, text) {
	await tab.evaluate(({ name, text }) => {
		const data = new DataTransfer();
		data.items.add(new File([text], name));
		document.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
	}, { name, text });
	await tab.waitForTimeout(500);
}

const CHECKS = {
	async 'every packet is drawn once, beside its states'({ open, pages }) {
		const { tab, close } = await open(pages.demo);
		const list = await tab.evaluate(() => window.wireladder.displayList());
		assert.equal(new Set(list.filter((p) => p.role === 'sent').map((p) => p.n)).size, 23);
		assert.ok(list.filter((p) => p.role === 'state').some((p) => p.text === 'SYN-SENT'));
		await close();
	},
	async 'keys move, zoom, find, switch and clear'({ open, pages }) {
		const { tab, state, close } = await open(pages.demo);
		const press = async (...keys) => { for (const key of keys) { await tab.keyboard.press(key); await tab.waitForTimeout(60); } return state(); };
		assert.equal((await press('j', 'j', 'ArrowDown', 'k')).packet, 3);
		assert.equal((await press('n')).packet, 17);
		assert.equal((await press(']')).conversation, 2);
		assert.equal((await press('[')).conversation, 1);
		const zoom = (await state()).zoom;
		assert.ok((await press('w')).zoom > zoom);
		assert.equal((await press('t')).view, 'table');
		assert.equal((await press('t')).view, 'ladder');
		assert.equal((await press('m')).mode, 'true');
		await press('m', 'm', '/');
		await tab.keyboard.type('len>0');
		await tab.waitForTimeout(250);
		assert.equal((await state()).found, 9);
		assert.equal((await press('Escape')).query, '');
		assert.equal((await press('Escape')).packet, null);
		assert.match(await tab.textContent('.panel'), /Choose a packet/);
		await press('?');
		assert.equal(await tab.locator('dialog[open]').count(), 1);
		await press('Escape');
		await close();
	},
	async 'a link leads to its packet, and the address follows'({ open, pages }) {
		const { tab, state, close } = await open(pages.demo, { hash: '#v=1&c=2&p=30&m=rows&view=table' });
		const at = await state();
		assert.deepEqual([at.conversation, at.packet, at.mode, at.view], [2, 30, 'rows', 'table']);
		await tab.evaluate(() => { location.hash = '#c=3&p=45&m=elastic&view=ladder'; });
		await tab.waitForTimeout(300);
		assert.deepEqual([(await state()).conversation, (await state()).packet], [3, 45]);
		await tab.keyboard.press('j');
		await tab.waitForTimeout(300);
		assert.match(await tab.evaluate(() => location.hash), /c=3&p=46&.*m=elastic&view=ladder/);
		await close();
	},
	async 'a field points at its bytes and a byte at its field'({ open, pages }) {
		const { tab, close } = await open(pages.demo, { hash: '#p=4' });
		await tab.locator('.cell', { hasText: 'sequence number' }).hover();
		assert.equal(await tab.locator('.hexdump .byte.lit').count(), 4);
		await tab.locator('.hexdump .byte[data-at="9"]').hover();
		assert.match(await tab.locator('.cell.lit').first().textContent(), /protocol/);
		assert.ok(await tab.locator('.cell.changed').count() > 0);
		await close();
	},
	async 'a click on an arrow chooses it'({ open, pages }) {
		const { tab, state, close } = await open(pages.demo);
		const line = (await tab.evaluate(() => window.wireladder.displayList())).find((p) => p.kind === 'line' && p.role === 'arrow' && p.n === 8);
		const box = await tab.locator('#stage').boundingBox();
		await tab.mouse.click(box.x + (line.x1 + line.x2) / 2, box.y + (line.y1 + line.y2) / 2);
		assert.equal((await state()).packet, 8);
		await close();
	},
	async 'files are dropped in all three forms; a capture gets its sentence'({ open, pages }) {
		const { tab, state, close } = await open(pages.viewer);
		assert.ok(await tab.locator('.drop').isVisible());
		await drop(tab, 'my trace.pcap', '\u00d4\u00c3');
		assert.match(await tab.textContent('.problems'), /wireladder read 'my trace\.pcap' -o x\.html/);
		for (const [name, text] of Object.entries(pages.texts)) {
			await drop(tab, name, text);
			assert.equal((await state()).conversations, 5, name);
			assert.deepEqual((await state()).problems, [], name);
		}
		await drop(tab, 'notes.txt', 'no timeline\n');
		assert.ok((await state()).problems.length > 0);
		await close();
	},
	async 'damage is told and the rest is shown'({ open, pages }) {
		const { state, close } = await open(pages.damaged);
		const at = await state();
		assert.match(at.problems.join(' '), /1 of \d+ blocks missing/);
		assert.ok(at.packets > 0);
		await close();
	},
	async 'hostile text stays text'({ open, pages }) {
		const { tab, close } = await open(pages.hostile);
		await tab.keyboard.press('t');
		await tab.waitForTimeout(150);
		assert.equal(await tab.evaluate(() => /** @type {any} */ (window).__pwn), undefined);
		assert.equal(await tab.locator('img, .panel script').count(), 0);
		await close();
	},
	async 'the table is a grid of virtual rows'({ open, pages }) {
		const { tab, close } = await open(pages.demo, { hash: '#view=table&c=1&p=1' });
		const grid = tab.locator('[role=grid]');
		assert.equal(await grid.getAttribute('aria-rowcount'), '24');
		assert.equal(await grid.locator('[role=row][aria-selected=true]').getAttribute('aria-rowindex'), '2');
		await tab.locator('.c-len button').click();
		await tab.locator('.c-len button').click();
		await tab.waitForTimeout(120);
		assert.match(await grid.locator('.grid-row').first().textContent(), /is anybody there/);
		await tab.locator('#table-all').check();
		await tab.waitForTimeout(100);
		assert.ok(Number(await grid.getAttribute('aria-rowcount')) > 60);
		await close();
	},
	async 'SVG and PNG are exported, print gets the SVG'({ open, pages }) {
		const { tab, close } = await open(pages.two);
		for (const [entry, name] of [['SVG, whole conversation', /\.svg$/], ['PNG, what is in view', /\.png$/]]) {
			await tab.click('#menu-button');
			const [file] = await Promise.all([tab.waitForEvent('download'), tab.getByRole('menuitem', { name: entry }).click()]);
			assert.match(file.suggestedFilename(), name);
		}
		await tab.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
		assert.ok(await tab.locator('.print-sheet svg line').count() > 20);
		await close();
	},
	async 'dark, forced and reduced preferences are taken'({ open, pages }) {
		for (const [context, theme] of [[{ colorScheme: 'dark' }, 'dark'], [{ forcedColors: 'active' }, 'forced'], [{ reducedMotion: 'reduce' }, 'light']]) {
			const { state, close } = await open(pages.demo, { context });
			assert.equal((await state()).theme, theme);
			await close();
		}
	},
};

function makePages(dir, viewer) {
	const lines = sampleLines(), write = (name, text) => { writeFileSync(join(dir, name), text); return join(dir, name); };
	const page = (/** @type {string[]} */ l, most) => pageMake(viewer, pageData(l, most));
	const evil = '<img src=x onerror=window.__pwn=1>\u202e\u001b[2J</script><script>window.__pwn=2</script>';
	const hostile = lines.map((line) => line.replaceAll('"::1"', JSON.stringify(evil)).replaceAll('retransmission"', 'retransmission<b>"'));
	return {
		demo: write('demo.html', page(lines)), two: write('two.html', page(specialLines('two'))), viewer: write('viewer.html', viewer),
		damaged: write('damaged.html', page(lines, 5000).replace(/<script type="application\/x-wireladder\+gzip" data-block="2"[^]*?<\/script>/, '')),
		hostile: write('hostile.html', page(hostile)),
		texts: { 'x.jsonl': lines.join('\n'), 'x.json': '{"wireladder":1,"records":[\n' + lines.join(',\n') + '\n]}\n', 'x.html': page(lines, 6000) },
	};
}

async function run([viewer, chromium = '/usr/bin/chromium']) {
	const { chromium: engine } = await import('playwright-core');
	const dir = mkdtempSync(join(tmpdir(), 'wireladder-browser-'));
	const browser = await engine.launch({ executablePath: chromium, args: ARGS });
	let failed = 0;
	const pages = makePages(dir, readFileSync(viewer, 'utf8'));
	for (const [name, check] of Object.entries(CHECKS)) {
		try {
			await check({ pages, open: (file, more) => openTab(browser, file, more) });
			console.log('ok   ' + name);
		} catch (error) {
			failed++;
			console.log('FAIL ' + name + '\n' + error.stack);
		}
	}
	await browser.close();
	rmSync(dir, { recursive: true });
	process.exitCode = failed > 0 ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href && process.argv.length > 2) await run(process.argv.slice(2));
