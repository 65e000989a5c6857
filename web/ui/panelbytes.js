// The panel's lower half: the header figure, the payload as text, and the bytes, tied together.

import { base64Decode, visibleText } from '../core/bytes.js';
import { headerLayers } from '../core/header.js';
import { layersCompare } from '../core/field.js';
import { PROTO_TCP } from '../core/kinds.js';
import { min } from '../core/math.js';
import { recordList, recordWord } from '../core/records.js';
import { h } from './dom.js';
import { figureMake } from './figure.js';
import { hexdumpMake } from './hexdump.js';
import { panelSection } from './panelsection.js';

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../core/records.js').Rec} Rec */

const PANEL_TEXT_MOST = 4000;
/** @type {Record<string, string>} */
const PANEL_LINKS = { ETHERNET: 'Ethernet', RAW: 'raw IP', LINUX_SLL: 'Linux cooked', LINUX_SLL2: 'Linux cooked v2', NULL: 'BSD loopback' };

/** @param {Rec|null} rec */
function panelOctets(rec) {
	return rec && typeof rec.bytes === 'string' ? base64Decode(rec.bytes) : null;
}

/**
 * @param {App} app @param {number} row @param {Rec} rec @param {Rec|null} before
 * @param {number} width of the panel's inside
 */
export function panelBytes(app, row, rec, before, width) {
	const bytes = panelOctets(rec);
	if (!bytes || bytes.length === 0)
		return [panelSection('Headers', h('p.none',
			'The bytes of this packet were not kept; the facts above are all there is. Keep more with --bytes and --bytes-packets.'))];
	const layers = headerLayers(bytes), old = panelOctets(before);
	layersCompare(layers, old ? headerLayers(old) : null);
	panelRaw(app, row, layers);
	if (Array.isArray(rec.flaws) && rec.flaws.includes('checksum-offloaded')) panelOffloaded(layers);
	/** @type {import('./hexdump.js').Hexdump} */
	let dump;
	/** @type {import('./figure.js').Figure} */
	let figure;
	const hover = (/** @type {number} */ from, /** @type {number} */ to) => {
		const field = from < 0 ? null : panelFieldAt(layers, from, to);
		dump.mark(field ? field.from : from, field ? field.to : to);
		figure.mark(from, to);
	};
	dump = hexdumpMake(bytes, width >= 354 ? 12 : 8, hover);
	figure = figureMake(layers, panelLink(app, rec), hover);
	const n = app.tl.cols.n[row];
	return [
		panelSection('Headers — packet ' + n + (before ? ', changed fields marked' : ', the sender’s first'), figure.element),
		panelText(bytes, layers),
		panelSection('Bytes', dump.element),
	];
}

/** What a byte belongs to: the smallest field around it. @param {import('../core/field.js').Layer[]} layers
 * @param {number} from @param {number} to */
function panelFieldAt(layers, from, to) {
	let best = null;
	for (const layer of layers)
		for (const field of layer.fields)
			if (field.from <= from && field.to >= to && (!best || field.to - field.from < best.to - best.from)) best = field;
	return best;
}

/** @param {App} app @param {Rec} rec */
function panelLink(app, rec) {
	const taps = recordList(app.tl.meta.vantages), type = String((taps.find((v) => v?.id === rec.if) ?? taps[0])?.linktype ?? 'not named');
	return recordWord(PANEL_LINKS, type, type);
}

/** Relative numbers beside the raw ones of the figure. @param {App} app @param {number} row
 * @param {import('../core/field.js').Layer[]} layers */
function panelRaw(app, row, layers) {
	const c = app.tl.cols, tcp = layers.find((layer) => layer.name === 'TCP');
	if (c.proto[row] !== PROTO_TCP || !tcp) return;
	for (const field of tcp.fields) {
		if (field.name === 'sequence number') field.value = c.seq[row] + ' (raw ' + field.value + ')';
		if (field.name === 'acknowledgment number' && !isNaN(c.ack[row]))
			field.value = c.ack[row] + ' (raw ' + field.value + ')';
		if (field.name === 'window' && c.win[row] !== Number(field.value) && Number(field.value) > 0)
			field.value = field.value + ' × ' + c.win[row] / Number(field.value) + ' = ' + c.win[row];
	}
}

/** A checksum that the network card was to fill in is not a wrong one.
 * @param {import('../core/field.js').Layer[]} layers */
function panelOffloaded(layers) {
	for (const layer of layers)
		for (const field of layer.fields)
			if (field.name.endsWith('checksum')) field.value = field.value.replace('✗', '(offloaded)');
}

/** @param {Uint8Array} bytes @param {import('../core/field.js').Layer[]} layers */
function panelText(bytes, layers) {
	const data = layers.at(-1);
	if (!data || data.name !== 'data' || data.to <= data.from) return null;
	const part = bytes.subarray(data.from, min(data.to, data.from + PANEL_TEXT_MOST));
	const text = new TextDecoder().decode(part);
	// Line ends are shown and still break the line: both are part of what was sent.
	const lines = text.split('\n').map((line, at, all) => visibleText(line) + (at < all.length - 1 ? '\\n' : ''));
	if (lines.at(-1) === '') lines.pop();
	return panelSection('Data as text', h('pre.payload-text',
		lines.join('\n') + (data.to - data.from > PANEL_TEXT_MOST ? '…' : '')));
}
