// Arithmetic that nearly every file needs, by its short names: they stand in every page, hundreds
// of times.

export const abs = Math.abs;
export const ceil = Math.ceil;
export const floor = Math.floor;
export const max = Math.max;
export const min = Math.min;
export const round = Math.round;
