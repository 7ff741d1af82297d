/** One whose turn comes once a round. */
export interface Turn {
	readonly name: string;
	/** What was measured, in ms; undefined where it is not at rest yet and sits this round out. */
	measure(): Promise<number | undefined>;
}

/** What came of one over all rounds that count. */
export interface Outcome {
	/** One a round, undefined where it sat out; shorter than the rounds where it failed. */
	readonly samples: readonly (number | undefined)[];
	/** Why it was left out from some round on. */
	readonly failed?: string;
}

export interface Limits {
	/** Rounds that do not count, before the others. */
	readonly warmUps: number;
	readonly fewest: number;
	readonly most: number;
	/** No round that counts begins later than this after the first one, in ms, but the fewest are made. */
	readonly forMs: number;
	/** Asked from the fewest on, every tenth round: true ends it. */
	enough(outcomes: ReadonlyMap<string, Outcome>): boolean;
}

const ROUNDS_A_LOOK = 10;

/**
 * Measures all in turns, round by round, in an order that moves on and turns about: nobody is always after the same one. Who fails
 * is left out from then on, and the others go on.
 */
export async function takeTurns(
	turns: readonly Turn[],
	limits: Limits,
	progress: (round: number) => void,
	now: () => number = () => performance.now(),
): Promise<ReadonlyMap<string, Outcome>> {
	const outcomes = new Map<string, { samples: (number | undefined)[]; failed?: string }>(
		turns.map(({ name }) => [name, { samples: [] }]),
	);
	let until = Number.POSITIVE_INFINITY;
	for (let round = -limits.warmUps; round < limits.most; round++) {
		if (round === 0) until = now() + limits.forMs;
		if (round >= limits.fewest && now() > until) break;
		if (round >= limits.fewest && round % ROUNDS_A_LOOK === 0 && limits.enough(outcomes)) break;
		progress(round);
		for (const place of orderOf(round + limits.warmUps, turns.length)) {
			const turn = turns[place];
			const outcome = turn === undefined ? undefined : outcomes.get(turn.name);
			if (turn === undefined || outcome === undefined || outcome.failed !== undefined) continue;
			try {
				const sample = await turn.measure();
				if (round >= 0) outcome.samples.push(sample);
			} catch (error) {
				outcome.failed = error instanceof Error ? error.message : String(error);
			}
		}
	}
	return outcomes;
}

/** Who comes when in a round: each round begins with the next one, and every other one goes backwards. */
export function orderOf(round: number, count: number): readonly number[] {
	const order = Array.from({ length: count }, (_, n) => (round + n) % count);
	return round % 2 === 0 ? order : order.reverse();
}

/** The samples of two that were measured in the same rounds, without those in which either has none. */
export function paired(one: Outcome, other: Outcome): { readonly one: number[]; readonly other: number[] } {
	const pairs = { one: [] as number[], other: [] as number[] };
	for (const [round, sample] of one.samples.entries()) {
		const beside = other.samples[round];
		if (sample === undefined || beside === undefined) continue;
		pairs.one.push(sample);
		pairs.other.push(beside);
	}
	return pairs;
}
