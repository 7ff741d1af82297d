/** How long the first start after a failed one must wait, in ms; each further failure doubles it. */
export const FIRST_DELAY = 1_000;
/** No start waits longer, in ms. */
export const LONGEST_DELAY = 60_000;
/** An instance that was ready for so long, in ms, has shown that the tenant works. */
export const STABLE_RUN = 10_000;
/** So many crashes in a row of instances that had been ready cost no delay: a visitor must not pay for one kill. */
export const FORGIVEN_CRASHES = 5;

/** Slows down a tenant whose instances break one after the other; it never gives up. One for each tenant. */
export class Backoff {
	#strikes = 0;

	/** A start failed: the delay before the next, in ms. */
	startFailed(): number {
		this.#strikes = Math.max(this.#strikes, FORGIVEN_CRASHES) + 1;
		return this.delay;
	}

	/** An instance ended by itself after being ready for `ran` ms: the delay before the next start, in ms. */
	crashed(ran: number): number {
		this.#strikes = ran >= STABLE_RUN ? 0 : this.#strikes + 1;
		return this.delay;
	}

	/** An instance worked until it was told to stop, or the reason of the failures may be gone. */
	reset(): void {
		this.#strikes = 0;
	}

	/** What the last failure cost, in ms; 0: nothing. */
	get delay(): number {
		const counted = this.#strikes - FORGIVEN_CRASHES;
		return counted <= 0 ? 0 : Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (counted - 1));
	}
}
