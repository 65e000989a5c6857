// Pictures and links to take away, and the picture that is printed.

import { ceil, max, min, round } from '../core/math.js';
import { themeColors } from '../draw/theme.js';
import { svgString, svgTree } from '../draw/svg.js';
import { BODY_PAD, HEAD_HEIGHT } from '../layout/geometry.js';
import { ladderLayout } from '../layout/ladder.js';
import { appProblem } from './app.js';
import { domSet, h } from './dom.js';
import { hashText } from './hash.js';
import { say } from './live.js';
import { stageView } from './stage.js';

/** @typedef {import('./app.js').App} App */

/** A whole conversation is one picture up to this many packets. */
const EXPORT_MOST = 1500;

/** The ladder as an SVG tree. @param {App} app @param {boolean} whole
 * @param {import('../draw/theme.js').Theme} theme */
function exportTree(app, whole, theme) {
	const view = stageView(app);
	if (!view) return null;
	if (whole) {
		if (view.map.rows.length > EXPORT_MOST) {
			appProblem(app, 'The conversation has ' + view.map.rows.length + ' packets, too many for one picture (' + EXPORT_MOST + '); what is in view was exported.');
		} else {
			view.top = 0;
			view.zoom = view.map.mode === 'true' ? view.zoom : 1.2;
			view.height = HEAD_HEIGHT + BODY_PAD + max(view.map.total, view.beside?.map.total ?? 0) * view.zoom + 50;
		}
	}
	const { lanes, arrows } = ladderLayout(view);
	return svgTree([...lanes, ...arrows], theme, view.width, ceil(view.height));
}

/** @param {App} app @param {'svg'|'png'} form @param {boolean} whole */
export async function exportPicture(app, form, whole) {
	const tree = exportTree(app, whole, themeColors(app.theme === 'forced' ? 'light' : app.theme));
	if (!tree || !app.conv) return;
	const name = (app.name.replace(/\.(html?|jsonl?|pcapng|pcap)$/i, '').replace(/[^\w.-]+/g, '_') || 'ladder') + '-' + app.conv.conv + '.' + form;
	const svg = new Blob(['<?xml version="1.0" encoding="UTF-8"?>\n' + svgString(tree) + '\n'], { type: 'image/svg+xml' });
	const blob = form === 'svg' ? svg : await exportPng(svg, Number(tree.at.width), Number(tree.at.height));
	if (!blob) return;
	const link = h('a', { href: URL.createObjectURL(blob), download: name });
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10000);
	say(name + ' saved');
}

/** @param {Blob} svg @param {number} width @param {number} height @returns {Promise<Blob|null>} */
async function exportPng(svg, width, height) {
	const image = new Image(), url = URL.createObjectURL(svg);
	image.src = url;
	await image.decode();
	// Twice the size, less where a browser's canvas would end.
	const scale = min(2, 16000 / max(width, height));
	const canvas = h('canvas', { width: round(width * scale), height: round(height * scale) });
	canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
	URL.revokeObjectURL(url);
	return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

/** @param {App} app */
export async function exportCopyLink(app) {
	const link = location.href.replace(/#.*$/, '') + hashText(app);
	try {
		await navigator.clipboard.writeText(link);
		say('Link copied');
	} catch {
		say('The clipboard is closed to this page; the link stands in the address bar');
	}
}

/** Paper gets the SVG: sharp at any size, and always light. @param {App} app @param {HTMLElement} sheet */
export function exportPrint(app, sheet) {
	window.addEventListener('beforeprint', () => {
		const tree = exportTree(app, (app.map?.rows.length ?? 0) <= 120, themeColors('light'));
		if (tree) domSet(sheet, new DOMParser().parseFromString(svgString(tree), 'image/svg+xml').documentElement);
	});
	window.addEventListener('afterprint', () => domSet(sheet));
}
