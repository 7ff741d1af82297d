import type { Estimate } from '../figure.ts';
import { median, medianInterval } from './statistics.ts';

/** What a figure says of its samples: their median, its 95 % interval, and themselves. Throws RangeError where there is none. */
export function medianOf(samples: readonly number[]): {
	readonly value: number;
	readonly interval: { readonly low: number; readonly high: number };
	readonly samples: readonly number[];
} {
	const { low, high } = medianInterval(samples);
	return { value: median(samples), interval: { low, high }, samples };
}

/** The ratio pair by pair, for samples that were measured in turns: what disturbed the machine disturbed both of a pair. */
export function pairedRatios(over: readonly number[], under: readonly number[]): number[] {
	return over.map((value, i) => value / (under[i] ?? Number.NaN));
}

/** How often the floor's cost it is, from samples that were measured in turns. */
export function overFloor(over: readonly number[], floor: readonly number[]): { readonly overFloor: Estimate } {
	const { value, interval } = medianOf(pairedRatios(over, floor));
	return { overFloor: { value, ...interval } };
}
