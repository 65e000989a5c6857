// Colours by name, for both sinks and for the page's style sheet (as custom properties). The six
// packet kinds are the tested palette: every pair stays apart in four kinds of sight.

/** @typedef {'light'|'dark'|'forced'} ThemeName */
/** @typedef {Record<string, string>} Theme */

const THEME_LIGHT = {
	data: '#10468c', ack: '#687182', dup: '#4f4000', resent: '#bd5a0f', lost: '#6d0a35',
	ctl: '#188754',
	page: '#ffffff', panel: '#f5f7fa', edge: '#dce1e9', edgeStrong: '#c2cad6',
	text: '#18202d', muted: '#5a6474', accent: '#10468c', onAccent: '#ffffff',
	lifeline: '#233148', fold: '#f2f4f7', foldLine: '#c3cad5', mark: '#ffe3b8', markText: '#18202d',
	markEdge: '#d08a2e', stOpening: '#cbe5d8', stOpen: '#eef7f1', stClosing: '#f1e3ee', stNone: '#edf1f3',
	stLine: '#9fcfb7', callLine: '#8aa7d3', window: 'rgba(16,70,140,0.07)', hover: '#e9eef6',
	warn: '#8a3b00', warnBack: '#fff3e2', select: '#dfe9f8',
};

/** @type {typeof THEME_LIGHT} */
const THEME_DARK = {
	data: '#4a97ea', ack: '#a0a9bb', dup: '#f3c22b', resent: '#f68249', lost: '#f03a6d',
	ctl: '#a8f5d3',
	page: '#11161d', panel: '#181e27', edge: '#2b3440', edgeStrong: '#3d4959',
	text: '#eef2f8', muted: '#a0a9bb', accent: '#4a97ea', onAccent: '#0a1018',
	lifeline: '#c6cedb', fold: '#171e27', foldLine: '#3a4554', mark: '#5a3f16', markText: '#fff4e0',
	markEdge: '#f3c22b', stOpening: '#24463a', stOpen: '#15301f', stClosing: '#3a2536', stNone: '#1f2832',
	stLine: '#3b6b55', callLine: '#46699b', window: 'rgba(74,151,234,0.12)', hover: '#212a36',
	warn: '#f6b07a', warnBack: '#33230f', select: '#1e3450',
};

/** The system's own colours: kinds then differ by line style and words alone.
 * @type {Theme} */
const THEME_FORCED = {
	...Object.fromEntries(Object.keys(THEME_LIGHT).map((name) => [name, 'CanvasText'])),
	page: 'Canvas', panel: 'Canvas', fold: 'Canvas', hover: 'Canvas', warnBack: 'Canvas',
	stOpening: 'Canvas', stOpen: 'Canvas', stClosing: 'Canvas', stNone: 'Canvas', window: 'transparent',
	edgeStrong: 'GrayText', foldLine: 'GrayText', accent: 'Highlight', mark: 'Highlight', markEdge: 'Highlight',
	select: 'Highlight', onAccent: 'HighlightText', markText: 'HighlightText',
};

export const THEME_SANS = 'Inter, system-ui, sans-serif';
export const THEME_MONO = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';

/** @param {ThemeName} name @returns {Theme} */
export function themeColors(name) {
	return name === 'dark' ? THEME_DARK : name === 'forced' ? THEME_FORCED : THEME_LIGHT;
}

/** @param {number} size @param {number} weight @param {boolean} mono a CSS font */
export function themeFont(size, weight, mono) {
	return weight + ' ' + size + 'px ' + (mono ? THEME_MONO : THEME_SANS);
}
