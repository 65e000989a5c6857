// Pictures of a page:  node shot.mjs PAGE.html OUT.png [WIDTHxHEIGHT] [dark|light] [#hash] [key ...]

import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

async function shot([page, out, size = '1600x1000', scheme = 'light', hash = '', ...keys]) {
	const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGS });
	const [width, height] = size.split('x').map(Number);
	const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme === 'dark' ? 'dark' : 'light' });
	const tab = await context.newPage();
	tab.on('console', (message) => console.log('console ' + message.type() + ': ' + message.text()));
	tab.on('pageerror', (error) => console.log('error: ' + error.stack));
	await tab.goto(pathToFileURL(page).href + hash);
	await tab.evaluate(() => window.wireladder.ready);
	for (const key of keys) {
		if (key.startsWith('=')) await tab.evaluate(key.slice(1));
		else await tab.keyboard.press(key);
		await tab.waitForTimeout(120);
	}
	await tab.waitForTimeout(250);
	console.log(JSON.stringify(await tab.evaluate(() => ({ drawnAt: Math.round(window.wireladder.drawnAt), ...window.wireladder.state() }))));
	await tab.screenshot({ path: out });
	await browser.close();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href && process.argv.length > 3) await shot(process.argv.slice(2));
