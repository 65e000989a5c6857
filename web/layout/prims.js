// The display list: what there is to draw, as plain objects. `ink` and `fill` name colours of
// the theme, `role` says what a thing is, `n` is the packet number it belongs to.

import { floor } from '../core/math.js';

/**
 * @typedef {{ role: string, n?: number, call?: number, title?: string, alpha?: number }} PrimBase
 * @typedef {PrimBase & { kind: 'line', x1: number, y1: number, x2: number, y2: number,
 *   ink: string, width: number, dash?: number[], round?: boolean }} LinePrim
 * @typedef {PrimBase & { kind: 'head', x: number, y: number, angle: number, size: number,
 *   ink: string }} HeadPrim
 * @typedef {PrimBase & { kind: 'dot', x: number, y: number, r: number, ink: string,
 *   hollow: boolean }} DotPrim
 * @typedef {PrimBase & { kind: 'bar', x: number, y: number, w: number, h: number, r?: number,
 *   fill?: string, ink?: string, dash?: number[] }} BarPrim
 * @typedef {PrimBase & { kind: 'text', x: number, y: number, text: string, size: number,
 *   ink: string, weight?: number, mono?: boolean, align: 'start'|'middle'|'end', angle?: number,
 *   halo?: boolean, w: number }} TextPrim
 * @typedef {PrimBase & { kind: 'clip', x: number, y: number, w: number, h: number }} ClipPrim
 * @typedef {PrimBase & { kind: 'unclip' }} UnclipPrim
 * @typedef {LinePrim|HeadPrim|DotPrim|BarPrim|TextPrim|ClipPrim|UnclipPrim} Prim
 */

/** Width of a text in pixels. @typedef {(text: string, size: number, weight: number, mono: boolean) => number} Measure */

/**
 * Shortens a text until it fits; '' when not even three letters would.
 * @param {string} text @param {number} room @param {Measure} measure
 * @param {number} size @param {number} weight @param {boolean} [mono]
 */
export function textFit(text, room, measure, size, weight, mono = false) {
	if (measure(text, size, weight, mono) <= room) return text;
	let keep = floor((text.length * room) / measure(text, size, weight, mono));
	while (keep > 2 && measure(text.slice(0, keep) + '…', size, weight, mono) > room) keep--;
	return keep > 2 ? text.slice(0, keep) + '…' : '';
}

/** The corners of an arrow's head, the point first. @param {HeadPrim} p @returns {[number, number][]} */
export function headCorners(p) {
	const cos = Math.cos(p.angle), sin = Math.sin(p.angle), half = p.size * 0.42;
	const x = p.x - cos * p.size, y = p.y - sin * p.size;
	return [[p.x, p.y], [x - sin * half, y + cos * half], [x + sin * half, y - cos * half]];
}

/** A text, with the width that it takes. @param {Measure} measure @param {Omit<TextPrim, 'kind'|'w'>} text @returns {TextPrim} */
export function textPrim(measure, text) {
	return { kind: 'text', ...text, w: measure(text.text, text.size, text.weight ?? 400, text.mono ?? false) };
}
