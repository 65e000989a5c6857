// The same display list as SVG: for export and for print. Made as a plain tree first; text for
// a file and for paper (attributes only, no style: the page's policy forbids that).

import { round } from '../core/math.js';
import { headCorners } from '../layout/prims.js';
import { THEME_MONO, THEME_SANS } from './theme.js';

/** @typedef {import('../layout/prims.js').Prim} Prim */
/** @typedef {import('./theme.js').Theme} Theme */
/** @typedef {{ tag: string, at: Record<string, string|number|undefined>, text?: string, kids?: SvgNode[] }} SvgNode */

/** @param {Prim[]} list @param {Theme} theme @param {number} width @param {number} height @returns {SvgNode} */
export function svgTree(list, theme, width, height) {
	const root = /** @type {SvgNode & { kids: SvgNode[] }} */ ({
		tag: 'svg', kids: [], at: {
			xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: '0 0 ' + width + ' ' + height,
			'font-family': THEME_SANS,
		},
	});
	root.kids.push({ tag: 'rect', at: { width, height, fill: theme.page } });
	let into = root.kids, clips = 0;
	for (const prim of list) {
		if (prim.kind === 'clip') {
			const id = 'clip' + ++clips;
			root.kids.push({ tag: 'clipPath', at: { id }, kids: [{ tag: 'rect', at: {
				x: prim.x, y: prim.y, width: prim.w, height: prim.h } }] });
			/** @type {SvgNode} */
			const group = { tag: 'g', at: { 'clip-path': 'url(#' + id + ')' }, kids: [] };
			root.kids.push(group);
			into = /** @type {SvgNode[]} */ (group.kids);
		} else if (prim.kind === 'unclip') into = root.kids;
		else into.push(svgNode(prim, theme));
	}
	return root;
}

/** @param {number} v */
function svgNumber(v) {
	return round(v * 100) / 100;
}

/** @param {Exclude<Prim, { kind: 'clip' }|{ kind: 'unclip' }>} p @param {Theme} theme @returns {SvgNode} */
function svgNode(p, theme) {
	const node = svgShape(p, theme);
	if (p.alpha !== undefined && p.alpha !== 1) node.at.opacity = p.alpha;
	if (p.title) node.kids = [...(node.kids ?? []), { tag: 'title', at: {}, text: p.title }];
	return node;
}

/** @param {Exclude<Prim, { kind: 'clip' }|{ kind: 'unclip' }>} p @param {Theme} theme @returns {SvgNode} */
function svgShape(p, theme) {
	const r = svgNumber;
	switch (p.kind) {
	case 'line': return { tag: 'line', at: { x1: r(p.x1), y1: r(p.y1), x2: r(p.x2), y2: r(p.y2),
		stroke: theme[p.ink], 'stroke-width': p.width, 'stroke-dasharray': p.dash?.join(' '),
		'stroke-linecap': p.round ? 'round' : undefined } };
	case 'bar': return { tag: 'rect', at: { x: r(p.x), y: r(p.y), width: r(p.w), height: r(p.h),
		rx: p.r ?? 0, fill: p.fill ? theme[p.fill] : 'none',
		stroke: p.ink && theme[p.ink], 'stroke-dasharray': p.dash?.join(' ') } };
	case 'head': return { tag: 'polygon', at: { points: headCorners(p).map(([x, y]) => r(x) + ',' + r(y)).join(' '), fill: theme[p.ink] } };
	case 'dot': return { tag: 'circle', at: { cx: r(p.x), cy: r(p.y), r: p.r,
		fill: theme[p.hollow ? 'page' : p.ink], stroke: p.hollow ? theme[p.ink] : undefined, 'stroke-width': p.hollow ? 1.4 : undefined } };
	case 'text': return svgText(p, theme);
	}
}

/** @param {import('../layout/prims.js').TextPrim} p @param {Theme} theme @returns {SvgNode} */
function svgText(p, theme) {
	const x = svgNumber(p.x), y = svgNumber(p.y);
	return { tag: 'text', text: p.text, at: {
		x, y, 'font-size': p.size, 'font-weight': p.weight ?? 400, 'text-anchor': p.align, dy: '0.35em',
		fill: theme[p.ink], 'font-family': p.mono ? THEME_MONO : undefined,
		...(p.halo ? { stroke: theme.page, 'stroke-width': 3.5, 'stroke-linejoin': 'round', 'paint-order': 'stroke' } : {}),
		transform: p.angle ? 'rotate(' + svgNumber((p.angle * 180) / Math.PI) + ' ' + x + ' ' + y + ')' : undefined,
	} };
}

/** @param {string} text */
function svgEscape(text) {
	return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
		// Characters that XML cannot hold at all.
		.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}

/** @param {SvgNode} node @returns {string} */
export function svgString(node) {
	const at = Object.entries(node.at).map(([k, v]) => v === undefined ? '' : ' ' + k + '="' + svgEscape(String(v)) + '"').join('');
	const inside = (node.text === undefined ? '' : svgEscape(node.text)) + (node.kids ?? []).map(svgString).join('\n');
	return '<' + node.tag + at + (inside === '' ? '/>' : '>' + inside + '</' + node.tag + '>');
}
