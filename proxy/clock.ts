/** Time as the edge sees it; tests pass one that they turn by hand. */
export interface Clock {
	/** ms of a monotonic clock, with fractions. */
	now(): number;
	/** ms since 1970, for logs and Date. */
	wall(): number;
	/** Calls `then` once, `ms` from now; returns what takes it back. */
	after(ms: number, then: () => void): () => void;
}

/** setTimeout takes no more (2^31−1 ms, 24 days); who waits longer looks again then. */
const LONGEST = 0x7fff_ffff;

export const systemClock: Clock = {
	now: () => performance.now(),
	wall: () => Date.now(),
	after(ms, then) {
		const timer = setTimeout(then, Math.min(ms, LONGEST));
		// A worker lives by its sockets and its channel to the keeper, not by what it waits for.
		timer.unref();
		return () => clearTimeout(timer);
	},
};
