/** Random numbers in [0, 1) that are the same for the same seed (xorshift32, Marsaglia 2003): a bench must be repeatable. */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0 || 1;
	return () => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		state >>>= 0;
		return state / 2 ** 32;
	};
}

/** The middle value, or the mean of the two middle ones. Throws RangeError where there is none. */
export function median(values: ArrayLike<number>): number {
	return quantile(Float64Array.from(values).sort(), 0.5);
}

/** Both ends of a confidence interval, and half its width. */
export interface Interval {
	readonly low: number;
	readonly high: number;
	readonly half: number;
}

/** How often the values are drawn anew: the ends of a 95 % interval are then steady to a few percent of its width. */
const DRAWS = 2000;

/** The 95 % interval of the values' median by the percentile bootstrap (Efron 1979). Throws RangeError where there is no value. */
export function medianInterval(values: readonly number[], random: () => number = seededRandom(1)): Interval {
	const drawn = new Float64Array(values.length);
	const medians = Float64Array.from({ length: DRAWS }, () => {
		for (let i = 0; i < drawn.length; i++) drawn[i] = values[Math.floor(random() * values.length)] ?? Number.NaN;
		return quantile(drawn.sort(), 0.5);
	}).sort();
	const low = quantile(medians, 0.025);
	const high = quantile(medians, 0.975);
	return { low, high, half: (high - low) / 2 };
}

/** The value below which `part` (0 … 1) of the sorted values lie, between two of them by proportion. */
export function quantile(sorted: Float64Array, part: number): number {
	const place = (sorted.length - 1) * part;
	const below = sorted[Math.floor(place)];
	const above = sorted[Math.ceil(place)];
	if (below === undefined || above === undefined) throw new RangeError('no values');
	return below + (above - below) * (place - Math.floor(place));
}
