// Arithmetic that nearly every file needs, by its short names: they stand in every page, hundreds
// of times. And the one search by halves.

export const abs = Math.abs;
export const ceil = Math.ceil;
export const floor = Math.floor;
export const max = Math.max;
export const min = Math.min;
export const round = Math.round;

/** @param {unknown} v @returns {v is number} */
export function isNumber(v) {
	return typeof v === 'number';
}

/** The entry at a place, or the one at the end that is nearer. @template T @param {ArrayLike<T>} list
 * @param {number} place @returns {T} */
export function nearest(list, place) {
	return list[min(list.length - 1, max(0, place))];
}

/** The first of `count` places at which a test holds that, once true, stays true.
 * @param {number} count @param {(place: number) => boolean} test */
export function firstPlace(count, test) {
	let low = 0, high = count;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (test(middle)) high = middle;
		else low = middle + 1;
	}
	return low;
}
