// The header figure is bit-true: fields cover the header, values are those of the bytes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64Decode } from '../core/bytes.js';
import { headerLayers } from '../core/header.js';
import { addrText6, layersCompare } from '../core/field.js';
import { sampleLines } from './support/sample.mjs';
import { addr6 } from './support/packets.mjs';

const packets = sampleLines().map((line) => JSON.parse(line)).filter((rec) => typeof rec.bytes === 'string');
const layersOf = (rec) => headerLayers(base64Decode(rec.bytes));
const valueOf = (layers, layer, field) => layers.find((l) => l.name === layer)?.fields.find((f) => f.name === field)?.value;

test('the fields of every header cover its bits exactly once', () => {
	for (const rec of packets) for (const layer of layersOf(rec)) {
		if (layer.fields.length === 0) continue;
		const bits = layer.fields.reduce((sum, f) => sum + (f.wide ? (f.to - f.from) * 8 : f.bits), 0);
		assert.equal(bits, (layer.to - layer.from) * 8, layer.name + ' of packet ' + rec.n);
	}
});

test('every checksum of a whole packet is right', () => {
	for (const rec of packets) {
		const layers = layersOf(rec);
		for (const layer of layers) for (const f of layer.fields)
			if (f.name.includes('checksum')) assert.match(f.value, /\u2713/, layer.name + ' of packet ' + rec.n);
	}
});

test('values are those of the record', () => {
	for (const rec of packets.filter((r) => r.k === 'tcp')) {
		const layers = layersOf(rec), data = layers.find((l) => l.name === 'data');
		assert.equal(data ? data.length : 0, rec.len ?? 0);
		const flags = valueOf(layers, 'TCP', 'flags');
		for (const [word, letter] of [['SYN', 'S'], ['FIN', 'F'], ['ACK', 'A'], ['PSH', 'P']])
			assert.equal(flags.slice(1).includes(letter), rec.flags.includes(word));
		if (rec.isn !== undefined) assert.equal(valueOf(layers, 'TCP', 'sequence number'), String(rec.isn));
	}
});

test('options are named one by one', () => {
	const names = layersOf(packets[0]).find((l) => l.name === 'TCP').fields.map((f) => f.name);
	for (const name of ['maximum segment size', 'SACK permitted', 'timestamps', 'no-operation', 'window scale']) assert.ok(names.includes(name), name);
});

test('changed fields are those whose bits differ', () => {
	const client = packets.filter((rec) => rec.conv === 1 && rec.from === 'client');
	const layers = layersOf(client[3]), before = layersOf(client[2]);
	layersCompare(layers, before);
	const changed = layers.flatMap((l) => l.fields.filter((f) => f.changed).map((f) => f.name));
	assert.ok(changed.includes('acknowledgment number') || changed.includes('sequence number'));
	assert.ok(!changed.includes('source port'));
	assert.ok(!changed.includes('version'));
});

test('cut packets, at every length, name what is there and never throw', () => {
	for (const rec of [packets[0], packets.find((r) => r.k === 'udp'), packets.at(-1)]) {
		const bytes = base64Decode(rec.bytes);
		for (let size = 0; size <= bytes.length; size++)
			for (const layer of headerLayers(bytes.subarray(0, size)))
				for (const f of layer.fields) assert.ok(f.to <= size);
	}
});

test('random bytes never throw', () => {
	let seed = 7;
	for (let round = 0; round < 3000; round++) {
		const bytes = Uint8Array.from({ length: round % 120 }, () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 16 & 255);
		if (bytes.length > 0) bytes[0] = round % 2 ? 0x45 + (round % 8) : 0x60;
		headerLayers(bytes);
	}
});

test('IPv6 extension headers are walked to the transport', () => {
	const udp = [0, 7, 0, 7, 0, 9, 0, 0, 65], hop = [17, 0, 5, 2, 0, 0, 1, 0];
	const bytes = Uint8Array.from([0x60, 0, 0, 0, 0, udp.length + 8, 0, 64, ...addr6('::1'), ...addr6('2001:db8::5'), ...hop, ...udp]);
	const layers = headerLayers(bytes);
	assert.deepEqual(layers.map((l) => l.name), ['IPv6', 'UDP', 'data']);
	assert.ok(layers[0].fields.some((f) => f.name === 'hop-by-hop options'));
});

test('IPv6 addresses are written as RFC 5952 has it', () => {
	for (const text of ['::', '::1', '2001:db8::5', 'fe80::1:0:0:2', '2001:db8:1:2:3:4:5:6', '1::']) assert.equal(addrText6(Uint8Array.from(addr6(text)), 0), text === 'fe80::1:0:0:2' ? 'fe80::1:0:0:2' : text);
});

/** @param {string} hex */
const octets = (hex) => Uint8Array.from(hex.replace(/ /g, '').match(/../g) ?? [], (pair) => parseInt(pair, 16));
const UDP = '0007 0008 000a 0000 6869';
const addresses = '20010db8000000000000000000000001 20010db8000000000000000000000002';

test('no checksum is judged where the bytes it covers are not all here', () => {
	const first = octets('4500 001e 0001 2000 4011 0000 c0000201 c0000202 0007 0008 000a 1234 6869');
	assert.equal(valueOf(headerLayers(first), 'UDP', 'checksum'), '0x1234');
	const lengthless = octets('4500 0000 0001 0000 4006 0000 c0000201 c0000202 0007 0008 00000001 00000001 5010 0100 1234 0000');
	assert.equal(valueOf(headerLayers(lengthless), 'TCP', 'checksum'), '0x1234');
});

test('a jumbo payload has the length that its option says', () => {
	const layers = headerLayers(octets('60000000 0000 0040' + addresses + '1100 c204 00010008' + UDP));
	assert.equal(layers.at(-1).name, 'data');
	assert.equal(layers.at(-1).length, 65544 - 16);
	assert.ok(layers.at(-1).cut);
});

test('the authentication header is passed over, in its own unit of length', () => {
	const layers = headerLayers(octets('60000000 0022 3340' + addresses + '1104 0000 00000001 00000002 aabbccddeeff001122334455' + UDP));
	assert.equal(valueOf(layers, 'UDP', 'source port'), '7');
	assert.equal(layers.at(-1).length, 2);
});
