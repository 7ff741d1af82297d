import type { Figure } from '../../figure.ts';
import { quantile } from '../../method/statistics.ts';

/** What a figure makes of its samples. */
export interface Statistic {
	readonly name: string;
	/** Fewer samples do not tell how far it is sure. */
	readonly fewest: number;
	/** Of samples in ascending order. */
	of(sorted: Float64Array): number;
}

/** Fewer samples than this have no spread to speak of. */
export const FEWEST_SAMPLES = 3;

export const median: Statistic = { name: 'median', fewest: FEWEST_SAMPLES, of: (sorted) => quantile(sorted, 0.5) };

/** Samples that have to lie beyond a percentile: with fewer, one or two of them make it. */
const BEYOND = 10;

/** Their means and percentiles that can be judged; a maximum cannot, for chance alone makes it. */
const statistics: readonly Statistic[] = [
	median,
	{
		name: 'mean',
		fewest: FEWEST_SAMPLES,
		of: (sorted) => sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
	},
	percentile(90),
	percentile(95),
	percentile(99),
	percentile(99.9),
];

/** The one that gives the values of both figures from their samples; undefined where there is none. */
export function statisticOf(a: Figure, b: Figure): Statistic | undefined {
	return statistics.find((statistic) => [a, b].every((figure) => gives(statistic, figure)));
}

function gives(statistic: Statistic, { value, samples }: Figure): boolean {
	if (value === undefined || samples === undefined) return false;
	return Math.abs(statistic.of(Float64Array.from(samples).sort()) - value) <= Math.abs(value) * NEARLY;
}

/** Sums in another order differ in the last digits. */
const NEARLY = 1e-9;

function percentile(percent: number): Statistic {
	const fewest = Math.ceil(BEYOND / (1 - percent / 100));
	return { name: `p${percent}`, fewest, of: (sorted) => quantile(sorted, percent / 100) };
}
