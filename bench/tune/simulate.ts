import type { Arrival } from '../load/arrivals/arrival.ts';
import { seededRandom } from '../method/statistics.ts';
import { Holding } from './holding.ts';
import { type Ladder, type RungName, type Setting, type Step, stepsOf } from './ladder.ts';

/** What a trace is played against. */
export interface World {
	readonly tenants: number;
	/** The length of the trace, in ms. */
	readonly length: number;
	readonly ladder: Ladder;
	/** How many starts make progress at once: `starts.atOnce`, but no more than there are CPUs to do them. */
	readonly startsAtOnce: number;
}

/** What came of a trace under one setting. */
export interface Outcome {
	readonly setting: string;
	/** Requests by the rung that they met. */
	readonly met: Readonly<Record<'ready' | RungName, number>>;
	/** What sleep added to each request, in ms, sorted. */
	readonly waits: Float64Array;
	readonly launches: number;
	/** MiB, all tenants together: mean over the trace, and peak. */
	readonly memory: { readonly mean: number; readonly peak: number };
	/** Tenants that are not stopped. */
	readonly awake: { readonly mean: number; readonly peak: number };
}

/**
 * Plays arrivals, which are in order, under a setting. All tenants are stopped at first. A request that finds a tenant asleep takes
 * it up the whole ladder at the cost of its rung, drawn from those measured; who comes meanwhile waits with it, and counts as having
 * met the same rung. Starts queue for their turn, first come, first served. Answering takes no time, and nobody is denied anything.
 * Throws RangeError where what a start costs is not known.
 */
export function simulate(arrivals: readonly Arrival[], setting: Setting, world: World): Outcome {
	const { ladder, tenants, length } = world;
	const steps = stepsOf(ladder, setting);
	const start = ladder.rungs.stopped;
	if (start === undefined) throw new RangeError(`what a start of a ${ladder.tenant} costs is not known`);
	const neverUsed: Step = { name: 'stopped', after: 0, ...start };
	const random = seededRandom(1);
	const places: (Place | undefined)[] = Array.from({ length: tenants });
	const turns = new Turns(world.startsAtOnce);
	const spending = new Spending(length, ladder.memory, steps);
	const met = { ready: 0, frozen: 0, reclaimed: 0, checkpointed: 0, stopped: 0 };
	const waits = new Float64Array(arrivals.length);
	let launches = 0;

	for (const [n, { at, tenant }] of arrivals.entries()) {
		const place = places[tenant];
		if (place !== undefined && at < place.readyAt) {
			met[place.wokenFrom]++;
			waits[n] = place.readyAt - at;
			continue;
		}
		const step = place === undefined ? neverUsed : steps.findLast(({ after }) => at - place.lastUse >= after);
		if (place !== undefined && step === undefined) {
			met.ready++;
			place.lastUse = at;
			continue;
		}
		if (place !== undefined) spending.past(place, at);
		const { name, wakes } = step ?? neverUsed;
		const cost = wakes[Math.floor(random() * wakes.length)] ?? wakes[0];
		const awakeSince = name === 'stopped' ? turns.take(at, cost) : at;
		if (name === 'stopped') launches++;
		const readyAt = awakeSince + cost;
		places[tenant] = { awakeSince, wokenFrom: name, readyAt, lastUse: readyAt };
		met[name]++;
		waits[n] = readyAt - at;
	}
	for (const place of places) if (place !== undefined) spending.past(place, length);
	return { setting: setting.name, met, waits: waits.sort(), launches, ...spending.sum() };
}

/** Where a tenant is that was woken. Times in ms of the trace. */
interface Place {
	readonly awakeSince: number;
	readonly wokenFrom: RungName;
	readonly readyAt: number;
	lastUse: number;
}

/** The starts that make progress at once. */
class Turns {
	/** When each of them is free again. */
	readonly #free: Float64Array;

	constructor(count: number) {
		this.#free = new Float64Array(count);
	}

	/** The time, at `at` or later, from which on something that takes so long has its turn. */
	take(at: number, cost: number): number {
		const next = this.#free.indexOf(Math.min(...this.#free));
		const began = Math.max(at, this.#free[next] ?? 0);
		this.#free[next] = began + cost;
		return began;
	}
}

/** Adds up what tenants hold as they go down the ladder. */
class Spending {
	readonly #memory: Holding;
	readonly #awake: Holding;
	readonly #each: number;
	readonly #steps: readonly Step[];

	constructor(length: number, each: number, steps: readonly Step[]) {
		this.#memory = new Holding(length);
		this.#awake = new Holding(length);
		this.#each = each;
		this.#steps = steps;
	}

	/** A tenant's time from when it was woken until `to`, which it spent idle after its last use. */
	past({ awakeSince, lastUse }: Place, to: number): void {
		let from = awakeSince;
		let share = 1;
		let isAwake = 1;
		for (const { name, after, memoryShare } of this.#steps) {
			const until = Math.min(to, lastUse + after);
			this.#hold(from, until, share, isAwake);
			[from, share, isAwake] = [until, memoryShare, name === 'stopped' ? 0 : 1];
		}
		this.#hold(from, to, share, isAwake);
	}

	sum(): Pick<Outcome, 'memory' | 'awake'> {
		return { memory: this.#memory.sum(), awake: this.#awake.sum() };
	}

	#hold(from: number, to: number, share: number, isAwake: number): void {
		this.#memory.hold(from, to, share * this.#each);
		this.#awake.hold(from, to, isAwake);
	}
}
