// A real Chromium with nothing that reaches out, and every word of its console kept.

import { chromium } from '../../web/node_modules/playwright-core/index.mjs';

const ARGS = [
	'--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export async function browserOpen() {
	return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS });
}

/** Opens the file and waits until it is drawn. `said` gathers what should never be said. */
export async function pageOpen(browser, file, { hash = '', scheme = 'light', width = 1280, height = 800 } = {}) {
	const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
	const page = await context.newPage();
	page.said = [];
	page.asked = [];
	page.on('console', (message) => {
		if (message.type() === 'error' || message.type() === 'warning') page.said.push(message.text());
	});
	page.on('pageerror', (error) => page.said.push(error.message));
	page.on('request', (request) => {
		if (!/^(file|data|blob):/.test(request.url())) page.asked.push(request.url());
	});
	await page.goto(`file://${file}${hash}`);
	await page.evaluate(() => window.wireladder.ready);
	await pageSettled(page);
	return page;
}

/** Two frames later everything that was asked for is drawn. */
export async function pageSettled(page) {
	await page.evaluate(() => new Promise((done) => {
		requestAnimationFrame(() => requestAnimationFrame(done));
	}));
}

export const pageList = (page) => page.evaluate(() => window.wireladder.displayList());
export const pageState = (page) => page.evaluate(() => window.wireladder.state());
