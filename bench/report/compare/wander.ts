/** How far a ratio of two moves from one run to the next of the same code, before anything is learned (standard deviation). */
const USUAL = 0.015;
/** As though that had been seen so often. */
const BELIEF = 4;

/** What a change is a change of. */
export interface Kind {
	readonly bench: string;
	readonly measure: string;
	/** How many it is held against at once: the wandering of many evens out. */
	readonly references: number;
	/** How often what moves a ratio of two moves this: more than 1 where it is their difference. */
	readonly lever: number;
}

/**
 * How far ratios wander between runs by themselves: memory and caches fall into place once a run, and no round of that run
 * tells. The peers do: their code is the same in both, so what moved between them is wandering, seen for each bench and measure.
 */
export class Wander {
	readonly #seen: { bench: string; measure: string; square: number; weight: number }[] = [];

	/** A peer's ratio moved by `log` between the runs, of which `variance` is its rounds' own; `amongPeers`: against the others. */
	learn(kind: Kind, log: number, variance: number, amongPeers: boolean): void {
		// Each of two peers moves against the other by the same: that is seen once.
		const weight = amongPeers ? kind.references / (kind.references + 1) : 1;
		const square = Math.max(0, log ** 2 - variance) / scaleOf(kind);
		this.#seen.push({ bench: kind.bench, measure: kind.measure, square, weight });
	}

	/** What to add to the variance of a change of that kind, and from how much it is known. A measure without peers gets its bench's. */
	of(kind: Kind): { readonly variance: number; readonly freedom: number } {
		const ofBench = this.#seen.filter(({ bench }) => bench === kind.bench);
		const ofMeasure = ofBench.filter(({ measure }) => measure === kind.measure);
		const seen = ofMeasure.length > 0 ? ofMeasure : ofBench;
		const count = BELIEF + seen.reduce((sum, { weight }) => sum + weight, 0);
		const squares = BELIEF * USUAL ** 2 + seen.reduce((sum, { square, weight }) => sum + weight * square, 0);
		return { variance: (squares / count) * scaleOf(kind), freedom: count };
	}
}

/** Times the variance of a ratio of two. */
function scaleOf({ references, lever }: Kind): number {
	return ((1 + 1 / references) / 2) * lever ** 2;
}
