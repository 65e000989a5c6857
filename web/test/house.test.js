// The walls, the bundle, and what no file may hold.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';

const WEB = fileURLToPath(new URL('..', import.meta.url));
const ROOMS = ['core', 'layout', 'draw', 'ui', 'text'];
const MAY = { core: ['core'], text: ['text', 'core'], layout: ['layout', 'core', 'text'], draw: ['draw', 'layout', 'core'], ui: ['ui', 'draw', 'layout', 'core', 'text'] };
const sources = ROOMS.flatMap((room) => readdirSync(join(WEB, room)).map((name) => ({ room, name: room + '/' + name, text: readFileSync(join(WEB, room, name), 'utf8') })));

/** @param {string} web */
function bundle(web) {
	return spawnSync('sh', [join(web, 'bundle.sh')], { encoding: 'utf8', maxBuffer: 1 << 24 });
}

/** The bundle of a copy in which something was changed. */
function bundleWith(change) {
	const copy = mkdtempSync(join(tmpdir(), 'wireladder-web-'));
	try {
		for (const part of [...ROOMS, 'bundle.sh', 'index.html', 'style.css']) cpSync(join(WEB, part), join(copy, part), { recursive: true });
		change((name, text) => writeFileSync(join(copy, name), text), (name) => readFileSync(join(copy, name), 'utf8'));
		return bundle(copy);
	} finally {
		rmSync(copy, { recursive: true });
	}
}

test('rooms import only what their walls allow', () => {
	for (const { room, name, text } of sources)
		for (const [, path] of text.matchAll(/from '(\.[^']*)'/g)) {
			const target = path.startsWith('../') ? path.split('/')[1] : room;
			assert.ok(MAY[room].includes(target), name + ' imports ' + path);
		}
});

test('core, layout and text know no page', () => {
	for (const { room, name, text } of sources)
		if (['core', 'layout', 'text'].includes(room)) assert.ok(!/\b(document|window|localStorage|navigator)\s*[.[]/.test(text), name);
});

test('nothing turns text into markup or code', () => {
	for (const { name, text } of sources)
		assert.ok(!/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\s*\(|new Function|setAttribute\('style'|style: '/.test(text), name);
});

test('files and functions keep their size', () => {
	for (const { name, text } of sources) {
		const lines = text.split('\n');
		assert.ok(lines.length <= 500, name);
		let start = -1;
		lines.forEach((line, at) => {
			if (/^(export )?(async )?function/.test(line)) start = at;
			if (line === '}' && start >= 0) {
				assert.ok(at - start < 70, name + ': ' + lines[start]);
				start = -1;
			}
		});
	}
});

test('the bundle is a page under a policy whose hashes are right', () => {
	const { stdout, stderr, status } = bundle(WEB);
	assert.equal(status, 0, stderr);
	assert.equal(stdout.split('<!-- wireladder:data -->').length, 2);
	assert.match(stdout, /<!-- wireladder:data -->\n<\/body>/);
	const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(stdout)[1];
	for (const tag of ['script', 'style']) {
		const parts = stdout.split('<' + tag + '>');
		assert.equal(parts.length, 2);
		const hash = createHash('sha256').update(parts[1].split('</' + tag + '>')[0]).digest('base64');
		assert.ok(policy.includes(tag + '-src \'sha256-' + hash + '\''), tag);
	}
	for (const part of ['default-src \'none\'', 'base-uri \'none\'', 'form-action \'none\'', 'worker-src blob:', 'img-src data: blob:']) assert.ok(policy.includes(part));
	assert.ok(!/\sstyle=/.test(stdout));
	assert.ok(Buffer.byteLength(stdout) <= 200 * 1024, 'the viewer has ' + Buffer.byteLength(stdout) + ' bytes');
	const packed = spawnSync('gzip', ['-9'], { input: stdout, maxBuffer: 1 << 24 }).stdout.length;
	// The lanes of socket calls are in.
	assert.ok(packed <= 64 * 1024, 'the viewer has ' + packed + ' bytes, packed');
});

test('the bundle begins without reading a constant before it is set', () => {
	const script = bundle(WEB).stdout.split('<script>')[1].split('</script>')[0], self = {};
	runInNewContext(script, { self });
	assert.equal(typeof self.onmessage, 'function');
});

test('the bundle is the same every time', () => {
	assert.equal(bundle(WEB).stdout, bundle(WEB).stdout);
});

test('the bundler refuses with a sentence', () => {
	const cases = [
		[(write, read) => write('core/kinds.js', read('core/kinds.js') + '\nimport { x } from \'./nowhere.js\';\n'), /nowhere\.js, which is not there/],
		[(write, read) => write('core/kinds.js', read('core/kinds.js') + '\nfunction base64Decode() {}\n'), /base64Decode is defined in/],
		[(write, read) => write('core/kinds.js', 'import { base64Decode } from \'./records.js\';\n' + read('core/kinds.js')), /circle/],
		[(write, read) => write('core/kinds.js', read('core/kinds.js') + '\nexport default 1;\n'), /only named exports/],
		[(write, read) => write('core/kinds.js', 'import fs from \'fs\';\n' + read('core/kinds.js')), /not of the form/],
	];
	for (const [change, sentence] of cases) {
		const { status, stderr } = bundleWith(change);
		assert.notEqual(status, 0);
		assert.match(stderr, sentence);
	}
});

test('the lock file names no registry', () => {
	assert.ok(!readFileSync(join(WEB, 'package-lock.json'), 'utf8').includes('resolved'));
});
