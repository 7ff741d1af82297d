import { performance } from 'node:perf_hooks';

/** Time, passed in so that tests can drive it. */
export interface Clock {
	/** ms since the epoch, with fractions; never goes back. */
	now(): number;
	/** Calls `run` once, `ms` from now or a little later; the function it returns takes that back. */
	after(ms: number, run: () => void): () => void;
}

/** The longest time that setTimeout keeps, in ms: some 25 days. */
const LONGEST = 2 ** 31 - 1;

/** The machine's clock: immune to a step of the wall clock, because it starts from it once and counts on. */
export const systemClock: Clock = {
	now: () => performance.timeOrigin + performance.now(),
	after: (ms, run) => {
		const timer = setTimeout(run, Math.min(Math.ceil(ms), LONGEST));
		return () => clearTimeout(timer);
	},
};
