import { type Figure, isMet, nameOf } from '../../figure.ts';
import type { Run } from '../run.ts';
import { isFloor } from '../subject.ts';
import { differences } from './differences.ts';
import { holm } from './holm.ts';
import { Pairing, type Reference } from './reference.ts';
import { type Spread, spreadOf } from './spread.ts';
import { type Statistic, statisticOf } from './statistic.ts';
import { quantileOfT, twoSided } from './student.ts';
import { type Kind, Wander } from './wander.ts';

/** A figure of both runs that could be judged. */
export interface Judged {
	readonly name: string;
	readonly figure: Figure;
	readonly before: number;
	readonly after: number;
	/** The subjects it was held against; none where it is a ratio already. */
	readonly against: readonly string[];
	/** How often what it was in A, relative to its reference, it is in B, with the 95 % interval. */
	readonly ratio: { readonly value: number; readonly low: number; readonly high: number };
	/** Corrected for all judged figures. */
	readonly p: number;
	/** `with the machine`: the bare value moved beyond 3 %, relative to its reference it did not. */
	readonly verdict: 'better' | 'worse' | 'different' | 'unchanged' | 'with the machine';
}

/** What is counted and has a budget, whose verdict turned. */
export interface Turned {
	readonly name: string;
	readonly figure: Figure;
	readonly before: number;
	readonly after: number;
	readonly verdict: 'better' | 'worse';
}

/** Two runs side by side. */
export interface Comparison {
	readonly judged: readonly Judged[];
	readonly turned: readonly Turned[];
	/** Names of figures that were not judged, by the reason; floors and peers, the yardstick, apart. */
	readonly unjudged: Readonly<Record<string, readonly string[]>>;
	readonly onlyA: readonly string[];
	readonly onlyB: readonly string[];
	/** What differs between the runs that is not the code. */
	readonly warnings: readonly string[];
}

/** A change has to be larger than this, with its whole interval, and as surely as `SURE` says. */
export const LEAST_EFFECT = 0.03;
const SURE = 0.05;

/** What changed from A to B beyond noise; METHOD in text.ts says how. */
export function compareRuns(a: Run, b: Run): Comparison {
	const pairing = new Pairing(a, b);
	const wander = new Wander();
	const candidates: Candidate[] = [];
	const unjudged: { name: string; reason: string }[] = [];
	for (const name of pairing.names) {
		const [before] = pairing.of(name);
		if (isFloor(before)) continue;
		const found = relate(pairing, name);
		const peer = pairing.isPeer(before) && before.unit !== '×';
		if (peer && typeof found !== 'string')
			wander.learn(found.kind, found.log, found.variance, found.reference.kind === 'peers');
		if (peer) continue;
		if (typeof found !== 'string') candidates.push(found);
		else unjudged.push({ name, reason: found });
	}
	const judged = judge(candidates, wander);
	return {
		judged,
		turned: turnedIn(pairing),
		unjudged: byReason(unjudged),
		...pairing.lonely,
		warnings: differences(a, b),
	};
}

function byReason(unjudged: readonly { name: string; reason: string }[]): Record<string, string[]> {
	const groups = Map.groupBy(unjudged, ({ reason }) => reason);
	return Object.fromEntries([...groups].map(([reason, found]) => [reason, found.map(({ name }) => name)]));
}

/** True where something of ours is worse. */
export function isWorse({ judged, turned }: Comparison): boolean {
	return [...judged, ...turned].some(({ verdict }) => verdict === 'worse');
}

interface Candidate {
	readonly name: string;
	readonly before: Figure;
	readonly after: Figure;
	readonly reference: Reference;
	readonly against: readonly string[];
	/** Of how often what it was, relative to its reference, as logarithm. */
	readonly log: number;
	readonly variance: number;
	readonly spreads: readonly [Spread, Spread];
	readonly kind: Kind;
	readonly statistic: Statistic;
}

/** What can be said of the figure before all others are known, or the reason why nothing can. */
function relate(pairing: Pairing, name: string): Candidate | string {
	const [before, after] = pairing.of(name);
	const reference = pairing.referenceOf(before);
	if (before.samples === undefined || after.samples === undefined) return 'no samples';
	if (!pairing.hasSamples(name)) return 'too few samples';
	if (reference === undefined) return 'nothing in its own run to hold it against';
	const statistic = statisticOf(before, after);
	if (statistic === undefined) return 'no median, mean or percentile of its samples';
	if (Math.min(before.samples.length, after.samples.length) < statistic.fewest)
		return 'too few samples for a percentile';
	const names = reference.kind === 'itself' ? [] : reference.names;
	const references = names.map((of) => pairing.of(of));
	const [floor] = references;
	const spreads = [before.samples, after.samples].map((samples, side) =>
		spreadOf(
			statistic,
			samples,
			references.map((both) => both[side === 0 ? 0 : 1].samples ?? []),
		),
	);
	const [inA, inB] = spreads;
	if (inA === undefined || inB === undefined) return 'not all above zero';
	return {
		name,
		before,
		after,
		reference,
		against: references.map(([{ subject }]) => subject),
		log: inB.log - inA.log,
		variance: inA.variance + inB.variance,
		spreads: [inA, inB],
		kind: {
			bench: before.bench,
			measure: (floor?.[0] ?? before).measure,
			references: Math.max(1, references.length),
			lever:
				floor !== undefined && reference.kind === 'floor' && reference.difference
					? Math.max(leverOf(statistic, before, floor[0]), leverOf(statistic, after, floor[1]))
					: 1,
		},
		statistic,
	};
}

/** A difference of two that each wander by a hundredth wanders by a hundredth of both: by much, where it is small beside them. */
function leverOf({ of }: Statistic, figure: Figure, floor: Figure): number {
	const [own = Number.NaN, under = Number.NaN] = [figure, floor].map(({ samples = [] }) =>
		of(Float64Array.from(samples).sort()),
	);
	return 1 + under / own;
}

/** True where the bare values differ beyond 3 % and their runs' own spread. */
function hasMoved({ before, after, statistic }: Candidate): boolean {
	const [a, b] = [before, after].map(({ samples = [] }) => spreadOf(statistic, samples, []));
	if (a === undefined || b === undefined) return false;
	const half = quantileOfT(SURE, Math.min(a.freedom, b.freedom)) * Math.sqrt(a.variance + b.variance);
	return Math.abs(b.log - a.log) - half > Math.log(1 + LEAST_EFFECT);
}

function judge(candidates: readonly Candidate[], wander: Wander): Judged[] {
	const tests = candidates.map((candidate) => {
		const wandering = wander.of(candidate.kind);
		const variance = candidate.variance + wandering.variance;
		const freedom = freedomOf([...candidate.spreads, wandering]);
		const t = Math.abs(candidate.log) / Math.sqrt(variance);
		return { p: twoSided(t, freedom), half: quantileOfT(SURE, freedom) * Math.sqrt(variance) };
	});
	const corrected = holm(tests.map(({ p }) => p));
	return candidates.map((candidate, i): Judged => {
		const { name, before, after, against, reference, log } = candidate;
		const half = tests[i]?.half ?? Number.POSITIVE_INFINITY;
		const p = corrected[i] ?? 1;
		const changed = p < SURE && Math.abs(log) - half > Math.log(1 + LEAST_EFFECT);
		const drifted = !changed && reference.kind !== 'itself' && hasMoved(candidate);
		return {
			name,
			figure: before,
			before: before.value ?? Number.NaN,
			after: after.value ?? Number.NaN,
			against,
			ratio: { value: Math.exp(log), low: Math.exp(log - half), high: Math.exp(log + half) },
			p,
			verdict: changed ? direction(before, log) : drifted ? 'with the machine' : 'unchanged',
		};
	});
}

/** Of a sum of variances that are known from so many pieces each (Welch 1947, Satterthwaite 1946). */
function freedomOf(parts: readonly { variance: number; freedom: number }[]): number {
	const sum = parts.reduce((total, { variance }) => total + variance, 0);
	return sum ** 2 / parts.reduce((total, { variance, freedom }) => total + variance ** 2 / freedom, 0);
}

function direction({ better }: Figure, log: number): 'better' | 'worse' | 'different' {
	if (better === 'neither') return 'different';
	return log > 0 === (better === 'more') ? 'better' : 'worse';
}

/** A count is no matter of chance: a launch too many is one too many. What is timed turns at its budget by noise alone. */
function turnedIn(pairing: Pairing): Turned[] {
	return pairing.names.flatMap((name) => {
		const [a, b] = pairing.of(name);
		const [met, meets] = [isMet(a), isMet(b)];
		if (a.unit !== '' || a.samples !== undefined || met === meets || met === undefined || meets === undefined)
			return [];
		const [before = Number.NaN, after = Number.NaN] = [a.value, b.value];
		return [{ name: nameOf(a), figure: b, before, after, verdict: meets ? ('better' as const) : ('worse' as const) }];
	});
}
