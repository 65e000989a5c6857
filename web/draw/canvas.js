// Paints a display list on a 2D canvas.

import { min } from '../core/math.js';
import { headCorners } from '../layout/prims.js';
import { themeFont } from './theme.js';

/** @typedef {import('../layout/prims.js').Prim} Prim */
/** @typedef {CanvasRenderingContext2D} Context */

/**
 * @param {Context} ctx @param {Prim[]} list @param {import('./theme.js').Theme} theme
 * @param {number} ratio device pixels per CSS pixel
 */
export function canvasPaint(ctx, list, theme, ratio) {
	ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
	ctx.clearRect(0, 0, ctx.canvas.width / ratio, ctx.canvas.height / ratio);
	ctx.textBaseline = 'middle';
	let font = '';
	for (const prim of list) {
		ctx.globalAlpha = prim.alpha ?? 1;
		switch (prim.kind) {
		case 'line': canvasLine(ctx, prim, theme); break;
		case 'bar': canvasBar(ctx, prim, theme); break;
		case 'head': canvasHead(ctx, prim, theme); break;
		case 'dot': canvasDot(ctx, prim, theme); break;
		case 'text': font = canvasText(ctx, prim, theme, font); break;
		case 'clip':
			ctx.save();
			ctx.beginPath();
			ctx.rect(prim.x, prim.y, prim.w, prim.h);
			ctx.clip();
			break;
		case 'unclip':
			ctx.restore();
			font = '';
			ctx.textBaseline = 'middle';
		}
	}
	ctx.globalAlpha = 1;
}

/** Strokes the path. @param {Context} ctx @param {string} ink @param {number} width @param {number[]} [dash] */
function canvasStroke(ctx, ink, width, dash = []) {
	ctx.strokeStyle = ink;
	ctx.lineWidth = width;
	ctx.setLineDash(dash);
	ctx.stroke();
}

/** @param {Context} ctx @param {import('../layout/prims.js').LinePrim} p @param {import('./theme.js').Theme} theme */
function canvasLine(ctx, p, theme) {
	ctx.lineCap = p.round ? 'round' : 'butt';
	ctx.beginPath();
	ctx.moveTo(p.x1, p.y1);
	ctx.lineTo(p.x2, p.y2);
	canvasStroke(ctx, theme[p.ink], p.width, p.dash);
}

/** @param {Context} ctx @param {import('../layout/prims.js').BarPrim} p @param {import('./theme.js').Theme} theme */
function canvasBar(ctx, p, theme) {
	ctx.beginPath();
	if (p.r) ctx.roundRect(p.x, p.y, p.w, p.h, min(p.r, p.w / 2, p.h / 2));
	else ctx.rect(p.x, p.y, p.w, p.h);
	if (p.fill) {
		ctx.fillStyle = theme[p.fill];
		ctx.fill();
	}
	if (p.ink) canvasStroke(ctx, theme[p.ink], p.role === 'window' ? 1.6 : 1, p.dash);
}

/** @param {Context} ctx @param {import('../layout/prims.js').HeadPrim} p @param {import('./theme.js').Theme} theme */
function canvasHead(ctx, p, theme) {
	ctx.fillStyle = theme[p.ink];
	ctx.beginPath();
	for (const [x, y] of headCorners(p)) ctx.lineTo(x, y);
	ctx.fill();
}

/** @param {Context} ctx @param {import('../layout/prims.js').DotPrim} p @param {import('./theme.js').Theme} theme */
function canvasDot(ctx, p, theme) {
	ctx.beginPath();
	ctx.arc(p.x, p.y, p.r, 0, 2 * Math.PI);
	ctx.fillStyle = theme[p.hollow ? 'page' : p.ink];
	ctx.fill();
	if (p.hollow) canvasStroke(ctx, theme[p.ink], 1.4);
}

/** @param {Context} ctx @param {import('../layout/prims.js').TextPrim} p @param {import('./theme.js').Theme} theme
 * @param {string} before the font that is set: setting one costs more than comparing */
function canvasText(ctx, p, theme, before) {
	const font = themeFont(p.size, p.weight ?? 400, p.mono ?? false);
	if (font !== before) ctx.font = font;
	ctx.textAlign = p.align === 'middle' ? 'center' : p.align;
	ctx.fillStyle = theme[p.ink];
	const { angle = 0 } = p, x = angle ? 0 : p.x, y = angle ? 0 : p.y;
	if (angle) {
		ctx.save();
		ctx.translate(p.x, p.y);
		ctx.rotate(angle);
	}
	if (p.halo) {
		ctx.strokeStyle = theme.page;
		ctx.lineWidth = 3.5;
		ctx.lineJoin = 'round';
		ctx.setLineDash([]);
		ctx.strokeText(p.text, x, y);
	}
	ctx.fillText(p.text, x, y);
	if (angle) ctx.restore();
	return font;
}
