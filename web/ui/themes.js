// Light, dark, or the system's own colours; the choice is remembered where the browser lets us.

import { themeColors } from '../draw/theme.js';
import { appEmit } from './app.js';

/** @typedef {import('./app.js').App} App */

const THEMES_KEY = 'wireladder-theme';

/** @param {App} app @param {'light'|'dark'|'forced'} name */
function themeApply(app, name) {
	app.theme = name;
	const root = document.documentElement;
	root.dataset.theme = name;
	for (const [key, value] of Object.entries(themeColors(name))) root.style.setProperty('--' + key, value);
	appEmit(app, 'theme');
}

/** @returns {string} */
function themeRemembered() {
	try {
		return localStorage.getItem(THEMES_KEY) ?? '';
	} catch {
		return '';
	}
}

/** @param {App} app */
export function themeStart(app) {
	const dark = matchMedia('(prefers-color-scheme: dark)'), forced = matchMedia('(forced-colors: active)');
	const choose = () => {
		const kept = themeRemembered();
		themeApply(app, forced.matches ? 'forced' : kept === 'light' || kept === 'dark' ? kept : dark.matches ? 'dark' : 'light');
	};
	for (const query of [dark, forced]) query.addEventListener('change', choose);
	choose();
}

/** @param {App} app */
export function themeToggle(app) {
	if (app.theme === 'forced') return;
	const next = app.theme === 'dark' ? 'light' : 'dark';
	try {
		localStorage.setItem(THEMES_KEY, next);
	} catch {
		// A browser that remembers nothing still changes the colours.
	}
	themeApply(app, next);
}
