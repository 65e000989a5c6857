// The table: the ladder's peer for those who read better in rows, or hear them. Same selection,
// same search; sorted by any column; one conversation or all of them.

import { visibleText } from '../core/bytes.js';
import {
	BIT_FLAW, BIT_SERVER, BIT_VERDICT, KINDS, NO_CONV, PROTO_NAMES, PROTO_TCP, flagWords,
} from '../core/kinds.js';
import { floor, isNumber, max, nearest } from '../core/math.js';
import { endText, timeText } from '../text/format.js';
import { callName } from '../text/call.js';
import { arrowLabels, kindText } from '../text/packet.js';
import { appChoose, appEmit, appRows, appTold } from './app.js';
import { domButton, domOn, domSet, domStep, h } from './dom.js';
import { virtualMake } from './virtual.js';

/** @typedef {import('./app.js').App} App */
/** @typedef {{ key: string, title: string, number?: boolean, value?: (app: App, row: number) => number|string }} TableColumn */
/** @typedef {{ sort: string, down: boolean, all: boolean, order: Uint32Array, stale: boolean }} TableState */

const TABLE_ROW = 27;

/** @type {TableColumn[]} */
const TABLE_COLUMNS = [
	{ key: 'n', title: 'No.', number: true },
	{ key: 't', title: 'Time', number: true },
	{ key: 'from', title: 'From', value: (app, row) => (app.tl.cols.bits[row] & BIT_SERVER ? 'server' : 'client') },
	{ key: 'proto', title: 'Protocol', value: (app, row) => PROTO_NAMES[app.tl.cols.proto[row]] },
	{ key: 'flags', title: 'Flags', value: (app, row) => flagWords(app.tl.cols.flags[row]).join(' ') },
	{ key: 'seq', title: 'Seq', number: true },
	{ key: 'ack', title: 'Ack', number: true },
	{ key: 'len', title: 'Data', number: true },
	{ key: 'win', title: 'Window', number: true, value: (app, row) => (app.tl.cols.proto[row] === PROTO_TCP ? app.tl.cols.win[row] : NaN) },
	{ key: 'info', title: 'What it is', value: (app, row) => tableInfo(app, row) },
];

/** A number of the timeline's columns, where the table's column does not say better.
 * @param {App} app @param {number} row @param {TableColumn} column @returns {number|string} */
function tableValue(app, row, { key, value }) {
	return value ? value(app, row) : /** @type {any} */ (app.tl.cols)[key][row];
}

/** @param {App} app */
export function tableMake(app) {
	/** @type {TableState} */
	const state = { sort: 'n', down: false, all: false, order: new Uint32Array(0), stale: true };
	const grid = h('div.grid', { role: 'grid', tabindex: 0, 'aria-label': 'Packets', 'aria-colcount': TABLE_COLUMNS.length });
	const head = h('div.grid-head', { role: 'row', 'aria-rowindex': 1 });
	grid.append(h('div.grid-top', { role: 'rowgroup' }, head));
	const body = virtualMake(grid, TABLE_ROW, (at) => tableRow(app, state, at), { headHeight: 32 });
	body.box.querySelector('.virtual')?.setAttribute('role', 'rowgroup');
	const top = tableBar(app, state);
	const box = h('div.table', { hidden: true }, top.bar, grid);
	tableHead(app, state, head);
	domOn(grid, {
		click: (event) => {
			const row = event.target.closest('[data-row]');
			if (row) appChoose(app, Number(row.dataset.row));
		},
		keydown: (event) => tableKey(app, state, event, body),
	});
	app.listeners.push((what) => {
		if (appTold(what, 'data', 'conv', 'query', 'map')) state.stale = true;
		if (what.has('view')) box.hidden = app.view !== 'table';
		if (app.view !== 'table') return;
		if (state.stale) tableOrder(app, state, body, head);
		top.tell();
		const at = state.order.indexOf(app.chosen);
		if (appTold(what, 'chosen', 'view')) body.reveal(max(0, at));
		if (at >= 0) grid.setAttribute('aria-activedescendant', 'packet-row-' + app.chosen);
		else grid.removeAttribute('aria-activedescendant');
	});
	return box;
}

/** @param {App} app @param {TableState} state */
function tableBar(app, state) {
	const count = h('span.count');
	const all = h('input', { type: 'checkbox', id: 'table-all', onchange: () => {
		state.all = all.checked;
		state.stale = true;
		appEmit(app, 'query');
	} });
	const bar = h('div.table-bar', count, h('span.spring'),
		h('label.check', all, ' all conversations'));
	const tell = () => {
		const every = state.all ? app.tl.rows : appRows(app).length;
		count.textContent = state.order.length === every ? every + ' packets'
			: state.order.length + ' of ' + every + ' packets match “' + app.query + '”';
	};
	return { bar, tell };
}

/** Rows that match, in the order asked for. @param {App} app @param {TableState} state
 * @param {import('./virtual.js').Virtual} body @param {HTMLElement} head */
function tableOrder(app, state, body, head) {
	state.stale = false;
	let rows = state.all ? Uint32Array.from({ length: app.tl.rows }, (_, i) => i) : appRows(app).slice();
	const { match } = app;
	if (match) rows = rows.filter((row) => match(row));
	const column = TABLE_COLUMNS.find((c) => c.key === state.sort);
	if (column && (state.sort !== 'n' || state.down)) tableSort(app, rows, column, state.down);
	state.order = rows;
	tableHead(app, state, head);
	body.box.setAttribute('aria-rowcount', String(rows.length + 1));
	body.setCount(rows.length);
}

/** @param {App} app @param {Uint32Array} rows @param {TableColumn} column @param {boolean} down */
function tableSort(app, rows, column, down) {
	const sign = down ? -1 : 1;
	if (column.number) rows.sort((a, b) => {
		const x = /** @type {number} */ (tableValue(app, a, column)), y = /** @type {number} */ (tableValue(app, b, column));
		// What has no number stands last, whichever way.
		if (isNaN(x) || isNaN(y)) return Number(isNaN(x)) - Number(isNaN(y)) || a - b;
		return sign * (x - y) || a - b;
	});
	else {
		const texts = new Map(Array.from(rows, (row) => [row, String(tableValue(app, row, column))]));
		rows.sort((a, b) => sign * (texts.get(a) ?? '').localeCompare(texts.get(b) ?? '') || a - b);
	}
}

/** The heads are made once and then only told what they say: a click must not lose its focus.
 * @param {App} app @param {TableState} state @param {HTMLElement} head */
function tableHead(app, state, head) {
	if (!head.firstChild) domSet(head, TABLE_COLUMNS.map((column, at) => tableBox(column, at, 'columnheader', domButton('', 'Sort by ' + column.title, () => {
		state.down = state.sort === column.key && !state.down;
		state.sort = column.key;
		state.stale = true;
		appEmit(app, 'query');
	}))));
	TABLE_COLUMNS.forEach((column, at) => {
		const cell = head.children[at], on = state.sort === column.key, button = cell.querySelector('button');
		cell.setAttribute('aria-sort', on ? (state.down ? 'descending' : 'ascending') : 'none');
		if (button) button.textContent = (column.key === 't' ? 'Time, ' + app.unit.name : column.title)
			+ (on ? (state.down ? ' ▾' : ' ▴') : '');
	});
}

/** @param {App} app @param {TableState} state @param {number} at */
function tableRow(app, state, at) {
	const row = state.order[at], kind = KINDS[app.tl.cols.kind[row]], chosen = row === app.chosen;
	return h('div.grid-row.' + kind + (chosen ? '.chosen' : ''), { role: 'row', id: 'packet-row-' + row,
		'data-row': row, 'aria-rowindex': at + 2, 'aria-selected': String(chosen) },
	TABLE_COLUMNS.map((column, c) => tableBox(column, c, 'gridcell', tableCell(app, state, row, column))));
}

/** @param {TableColumn} column @param {number} at @param {string} role @param {import('./dom.js').Part} inside */
function tableBox(column, at, role, inside) {
	return h('div.c-' + column.key + (column.number ? '.num' : ''), { role, 'aria-colindex': at + 1 }, inside);
}

/** @param {App} app @param {TableState} state @param {number} row @param {TableColumn} column */
function tableCell(app, state, row, column) {
	if (column.key === 't') return timeText(app.tl.cols.t[row], app.unit);
	if (column.key === 'from') return tableFrom(app, state, row);
	const value = tableValue(app, row, column);
	return isNumber(value) && isNaN(value) ? '' : visibleText(value);
}

/** @param {App} app @param {TableState} state @param {number} row */
function tableFrom(app, state, row) {
	const server = (app.tl.cols.bits[row] & BIT_SERVER) !== 0, index = app.tl.cols.conv[row];
	if (index === NO_CONV) return '';
	const conv = app.tl.convs[index], word = server ? '← server' : 'client →';
	return state.all ? '#' + conv.conv + ' ' + endText(server ? conv.server : conv.client) : word;
}

/** @param {App} app @param {number} row */
function tableInfo(app, row) {
	const { tl } = app, extra = tl.extras.get(row), parts = [];
	if (tl.cols.proto[row] !== PROTO_TCP) parts.push(arrowLabels(tl, row)[0]);
	else if (tl.cols.bits[row] & BIT_VERDICT) parts.push(kindText(tl, row));
	const call = tl.callAt.get(tl.cols.call[row]);
	if (call !== undefined) parts.push(callName(tl, call));
	if (tl.cols.bits[row] & BIT_FLAW) parts.push('! ' + (extra?.flaws ?? []).join(', '));
	if (extra?.preview && tl.cols.proto[row] === PROTO_TCP) parts.push('“' + extra.preview + '”');
	return parts.join(' ');
}

/** @param {App} app @param {TableState} state @param {KeyboardEvent} event @param {import('./virtual.js').Virtual} body */
function tableKey(app, state, event, body) {
	const page = max(1, floor(body.box.clientHeight / TABLE_ROW) - 2);
	const by = domStep(event, { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity, j: 1, k: -1 });
	if (by && state.order.length > 0) appChoose(app, nearest(state.order, state.order.indexOf(app.chosen) + by));
}
