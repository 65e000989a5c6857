// Paints a display list on a 2D canvas.

import { min } from '../core/math.js';
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
		case 'cross': canvasCross(ctx, prim, theme); break;
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

/** @param {Context} ctx @param {import('../layout/prims.js').LinePrim} p @param {import('./theme.js').Theme} theme */
function canvasLine(ctx, p, theme) {
	ctx.strokeStyle = theme[p.ink];
	ctx.lineWidth = p.width;
	ctx.lineCap = p.round ? 'round' : 'butt';
	ctx.setLineDash(p.dash ?? []);
	ctx.beginPath();
	ctx.moveTo(p.x1, p.y1);
	ctx.lineTo(p.x2, p.y2);
	ctx.stroke();
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
	if (!p.ink) return;
	ctx.strokeStyle = theme[p.ink];
	ctx.lineWidth = p.role === 'window' ? 1.6 : 1;
	ctx.setLineDash(p.dash ?? []);
	ctx.stroke();
}

/** @param {Context} ctx @param {import('../layout/prims.js').HeadPrim} p @param {import('./theme.js').Theme} theme */
function canvasHead(ctx, p, theme) {
	const cos = Math.cos(p.angle), sin = Math.sin(p.angle), half = p.size * 0.42;
	ctx.fillStyle = theme[p.ink];
	ctx.beginPath();
	ctx.moveTo(p.x, p.y);
	ctx.lineTo(p.x - cos * p.size - sin * half, p.y - sin * p.size + cos * half);
	ctx.lineTo(p.x - cos * p.size + sin * half, p.y - sin * p.size - cos * half);
	ctx.fill();
}

/** @param {Context} ctx @param {import('../layout/prims.js').DotPrim} p @param {import('./theme.js').Theme} theme */
function canvasDot(ctx, p, theme) {
	ctx.beginPath();
	ctx.arc(p.x, p.y, p.r, 0, 2 * Math.PI);
	ctx.fillStyle = theme[p.hollow ? 'page' : p.ink];
	ctx.fill();
	if (!p.hollow) return;
	ctx.strokeStyle = theme[p.ink];
	ctx.lineWidth = 1.4;
	ctx.setLineDash([]);
	ctx.stroke();
}

/** @param {Context} ctx @param {import('../layout/prims.js').CrossPrim} p @param {import('./theme.js').Theme} theme */
function canvasCross(ctx, p, theme) {
	ctx.strokeStyle = theme[p.ink];
	ctx.lineWidth = 2.6;
	ctx.lineCap = 'butt';
	ctx.setLineDash([]);
	ctx.beginPath();
	ctx.moveTo(p.x - p.r, p.y - p.r);
	ctx.lineTo(p.x + p.r, p.y + p.r);
	ctx.moveTo(p.x - p.r, p.y + p.r);
	ctx.lineTo(p.x + p.r, p.y - p.r);
	ctx.stroke();
}

/** @param {Context} ctx @param {import('../layout/prims.js').TextPrim} p @param {import('./theme.js').Theme} theme
 * @param {string} before the font that is set: setting one costs more than comparing */
function canvasText(ctx, p, theme, before) {
	const font = themeFont(p.size, p.weight ?? 400, p.mono ?? false);
	if (font !== before) ctx.font = font;
	ctx.textAlign = p.align === 'middle' ? 'center' : p.align;
	ctx.fillStyle = theme[p.ink];
	const turned = p.angle !== undefined && p.angle !== 0;
	if (turned) {
		ctx.save();
		ctx.translate(p.x, p.y);
		ctx.rotate(/** @type {number} */ (p.angle));
	}
	const x = turned ? 0 : p.x, y = turned ? 0 : p.y;
	if (p.halo) {
		ctx.strokeStyle = theme.page;
		ctx.lineWidth = 3.5;
		ctx.lineJoin = 'round';
		ctx.setLineDash([]);
		ctx.strokeText(p.text, x, y);
	}
	ctx.fillText(p.text, x, y);
	if (turned) ctx.restore();
	return font;
}
