// Elements made by hand. Text only ever goes in as text nodes: nothing from a packet can become
// markup.

/** @typedef {Record<string, string|number|boolean|((event: any) => void)|null|undefined>} Attributes */
/** @typedef {Node|string|number|null|undefined|false|Attributes} Part */
/** @typedef {HTMLElementTagNameMap} Tags */

/**
 * `h('p.lead', { title }, 'text', [more])`: attributes (`onclick` and so on are listeners) and kids in one row.
 * @template {string} N
 * @param {N} name a tag, with its classes behind dots
 * @param {...(Part|(Part|Part[])[])} parts
 * @returns {N extends keyof Tags ? Tags[N] : N extends `${infer T extends keyof Tags}.${string}` ? Tags[T] : HTMLElement}
 */
export function h(name, ...parts) {
	const [tag, ...classes] = name.split('.'), element = document.createElement(tag);
	if (classes.length > 0) element.className = classes.join(' ');
	domFill(element, parts);
	return /** @type {any} */ (element);
}

/** @param {Element} element @param {any[]} parts */
function domFill(element, parts) {
	for (const part of parts.flat(3)) {
		if (part === null || part === undefined || part === false) continue;
		if (typeof part !== 'object' || part instanceof Node) element.append(part);
		else domAttributes(element, part);
	}
}

/** @param {Element} element @param {Attributes} attributes */
function domAttributes(element, attributes) {
	for (const [name, value] of Object.entries(attributes)) {
		if (value === null || value === undefined || value === false) continue;
		if (typeof value === 'function') domOn(element, { [name.slice(2)]: value });
		else element.setAttribute(name, value === true ? '' : String(value));
	}
}

/** Replaces what an element holds. @param {Element} element @param {...(Part|(Part|Part[])[])} parts */
export function domSet(element, ...parts) {
	element.replaceChildren();
	domFill(element, parts);
}

/** @param {'ul'|'ol'} tag @param {(Part|Part[])[]} items */
export function domList(tag, items) {
	return h(tag, items.map((item) => h('li', item)));
}

/** A button; one without a word on it is named by its title, less the key.
 * @param {string} text @param {string} title @param {() => void} run @param {Attributes} [more] */
export function domButton(text, title, run, more) {
	const name = /^$|[a-z]/i.test(text) ? null : title.replace(/ \(.*/, '');
	return h('button', { type: 'button', title: title || null, 'aria-label': name, onclick: run, ...more }, text);
}

/** Buttons of which one is pressed. @param {string} name @param {[string, string][]} choices @param {(value: string) => void} run */
export function domSwitch(name, choices, run) {
	const buttons = choices.map(([value, text]) => domButton(text, '', () => run(value), { 'aria-pressed': 'false' }));
	return {
		box: h('span.switch', { role: 'group', 'aria-label': name }, buttons),
		show: (/** @type {string} */ value) =>
			choices.forEach(([known], at) => buttons[at].setAttribute('aria-pressed', String(known === value))),
	};
}

/** Listens to several events of one thing. @param {EventTarget} target @param {Record<string, (event: any) => void>} listeners */
export function domOn(target, listeners) {
	for (const [name, listener] of Object.entries(listeners)) target.addEventListener(name, listener);
}

/** How far a key is to move in a list; it is then nobody else's. 0 for other keys.
 * @param {KeyboardEvent} event @param {Record<string, number>} steps */
export function domStep(event, steps) {
	if (!Object.hasOwn(steps, event.key) || event.ctrlKey || event.metaKey || event.altKey) return 0;
	event.preventDefault();
	event.stopPropagation();
	return steps[event.key];
}
