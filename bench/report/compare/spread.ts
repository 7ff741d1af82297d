import { seededRandom } from '../../method/statistics.ts';
import type { Statistic } from './statistic.ts';

/** A value as logarithm, how far it is sure, and from how many independent pieces that is known. */
export interface Spread {
	readonly log: number;
	readonly variance: number;
	readonly freedom: number;
}

/** Enough for a standard deviation that is right to a few percent. */
const DRAWS = 200;

/**
 * The statistic of the samples over the geometric mean of the same of the references (none: alone), with its spread by the
 * bootstrap. Where all have equally many samples, these were measured in turns: a round's are taken together, so that what
 * disturbed one round cancels out. Neighbours are drawn in blocks (Künsch 1989), for a disturbance lasts longer than a round.
 * Undefined where anything is not above zero.
 */
export function spreadOf(
	statistic: Statistic,
	samples: readonly number[],
	references: readonly (readonly number[])[],
): Spread | undefined {
	const inTurns = references.every(({ length }) => length === samples.length);
	const relative =
		inTurns && statistic.name === 'median' ? [roundByRound(samples, references)] : [samples, ...references];
	const random = seededRandom(1);
	const log = logOf(
		statistic,
		relative.map((list) => Float64Array.from(list)),
	);
	const logs = Array.from({ length: DRAWS }, () => {
		const shared = inTurns ? drawBlocks(samples.length, random) : undefined;
		return logOf(
			statistic,
			relative.map((list) => pick(list, shared ?? drawBlocks(list.length, random))),
		);
	});
	if (![log, ...logs].every(Number.isFinite)) return undefined;
	const pieces = Math.floor(Math.min(...relative.map(({ length }) => length / blockLength(length))));
	const mean = logs.reduce((sum, value) => sum + value, 0) / DRAWS;
	const variance = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (DRAWS - 1);
	// The bootstrap takes the samples for all there is, and so sees a little less spread than there is.
	return { log, variance: (variance * pieces) / (pieces - 1), freedom: pieces - 1 };
}

/** So many rounds that hang together. */
function blockLength(length: number): number {
	return Math.floor(Math.cbrt(length));
}

function pick(samples: ArrayLike<number>, places: Int32Array): Float64Array {
	const picked = new Float64Array(places.length);
	for (let i = 0; i < places.length; i++) picked[i] = samples[places[i] ?? 0] ?? Number.NaN;
	return picked;
}

/** Places of as many samples, in blocks of neighbours; the last one's neighbour is the first. */
function drawBlocks(length: number, random: () => number): Int32Array {
	const block = blockLength(length);
	const places = new Int32Array(length);
	for (let i = 0, start = 0; i < length; i++) {
		if (i % block === 0) start = Math.floor(random() * length);
		places[i] = (start + (i % block)) % length;
	}
	return places;
}

function roundByRound(samples: readonly number[], references: readonly (readonly number[])[]): number[] {
	return samples.map((value, i) => value / geometricMean(references.map((list) => list[i] ?? Number.NaN)));
}

/** Sorts the lists where they are. */
function logOf(statistic: Statistic, lists: readonly Float64Array[]): number {
	const [value = Number.NaN, ...references] = lists.map((list) => statistic.of(list.sort()));
	return Math.log(value / geometricMean(references));
}

function geometricMean(values: readonly number[]): number {
	return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / Math.max(1, values.length));
}
