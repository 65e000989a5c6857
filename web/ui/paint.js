// Display lists on canvases of the page.

import { max, min, round } from '../core/math.js';
import { canvasPaint } from '../draw/canvas.js';
import { themeColors } from '../draw/theme.js';

/**
 * Paints a list on a canvas, which is made as large as it should be, in device pixels.
 * @param {import('./app.js').App} app @param {HTMLCanvasElement} canvas
 * @param {number} width @param {number} height @param {import('../layout/prims.js').Prim[]} list
 */
export function paint(app, canvas, width, height, list) {
	const ratio = min(max(window.devicePixelRatio || 1, 1), 3), w = round(width * ratio), h = round(height * ratio);
	// Setting a size empties a canvas and makes it anew, even when it is the same size.
	if (canvas.width !== w) canvas.width = w;
	if (canvas.height !== h) canvas.height = h;
	const ctx = canvas.getContext('2d');
	if (ctx) canvasPaint(ctx, list, themeColors(app.theme), ratio);
}
