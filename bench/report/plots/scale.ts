/** From values to places, in units of the drawing. */
export interface Scale {
	/** Where a value is drawn. */
	place(value: number): number;
	/** Round values that are worth a line. */
	readonly ticks: readonly number[];
}

/** An axis from `from` to `to` units that shows `low` and `high` and ends at ticks, of which it has about `count`. */
export function linearScale(low: number, high: number, [from, to]: readonly [number, number], count = 5): Scale {
	const step = roundStep((high - low || Math.abs(high) || 1) / count);
	const first = Math.floor(low / step + SLACK);
	const last = Math.max(first + 1, Math.ceil(high / step - SLACK));
	// Multiples of the step, not sums: 0.3 and not 0.30000000000000004.
	const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
	const [start, end] = [first * step, last * step];
	return { ticks, place: (value) => from + ((value - start) / (end - start)) * (to - from) };
}

/** The same by logarithm, for values above zero; it ends where the values do. */
export function logScale(low: number, high: number, [from, to]: readonly [number, number]): Scale {
	// A span of one point would have no width.
	const [start, end] = low < high ? [Math.log(low), Math.log(high)] : [Math.log(low / 1.5), Math.log(high * 1.5)];
	const place = (value: number): number => from + ((Math.log(value) - start) / (end - start)) * (to - from);
	const inside = (ticks: readonly number[]): number[] =>
		ticks.filter((tick) => tick >= Math.exp(start) * (1 - SLACK) && tick <= Math.exp(end) * (1 + SLACK));
	const decades = range(Math.floor(start / Math.LN10), Math.ceil(end / Math.LN10));
	const ladders = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]].map((steps) =>
		inside(decades.flatMap((decade) => steps.map((step) => Number((step * 10 ** decade).toPrecision(12))))),
	);
	// The coarsest ladder that still shows where one is; a narrow span is nearly even, and even steps show it best.
	const ladder = ladders.find((ticks) => ticks.length >= ENOUGH_TICKS);
	if (ladder !== undefined) return { place, ticks: thinned(ladder) };
	return { place, ticks: inside(linearScale(Math.exp(start), Math.exp(end), [from, to]).ticks) };
}

const SLACK = 1e-9;
const ENOUGH_TICKS = 3;
const MOST_TICKS = 6;

/** 1, 2, 2.5 or 5 times a power of ten, at least as large. */
function roundStep(size: number): number {
	const power = 10 ** Math.floor(Math.log10(size));
	return ([1, 2, 2.5, 5].find((step) => step * power >= size * (1 - SLACK)) ?? 10) * power;
}

function range(first: number, last: number): number[] {
	return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function thinned(ticks: readonly number[]): number[] {
	const every = Math.ceil(ticks.length / MOST_TICKS);
	return ticks.filter((_, i) => i % every === 0);
}
