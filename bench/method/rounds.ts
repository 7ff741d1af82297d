/** One subject's turn of a round. */
export interface Turn<T> {
	readonly name: string;
	measure(seconds: number): Promise<T>;
}

/** How long a workload goes on. */
export interface Rounds {
	readonly count: number;
	/** Of each turn. */
	readonly seconds: number;
	/** Of the turns of a first round, which warms caches and compilers and counts for nobody; 0 for none. */
	readonly warmUp: number;
}

/** One sample a round, in their order; or why there is none. */
export type Outcome<T> = { readonly samples: readonly T[] } | { readonly failed: string };

/**
 * Measures all in turns, a round after the other, so that what disturbs the machine disturbs all alike; each round begins with another
 * one, so that nobody always follows the same. Who fails is left out from then on, and has no samples at all: rounds stay comparable.
 */
export async function takeTurns<T>(
	turns: readonly Turn<T>[],
	{ count, seconds, warmUp }: Rounds,
	progress: (text: string) => void,
): Promise<Outcome<T>[]> {
	const samples: T[][] = turns.map(() => []);
	const failed = new Map<number, string>();
	for (let round = warmUp > 0 ? 0 : 1; round <= count; round++) {
		for (const i of turnsOf(round, turns.length)) {
			const turn = turns[i];
			if (turn === undefined || failed.has(i)) continue;
			progress(`round ${round} of ${count}, ${turn.name}`);
			try {
				const sample = await turn.measure(round === 0 ? warmUp : seconds);
				if (round > 0) samples[i]?.push(sample);
			} catch (error) {
				failed.set(i, error instanceof Error ? error.message : String(error));
			}
		}
	}
	return samples.map((taken, i) => {
		const reason = failed.get(i);
		return reason === undefined ? { samples: taken } : { failed: reason };
	});
}

/** 0 … count-1, from another one on each round. */
function turnsOf(round: number, count: number): number[] {
	return Array.from({ length: count }, (_, i) => (i + round) % count);
}
