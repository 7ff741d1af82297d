import { type Clock, systemClock } from '../../proxy/clock.ts';

/** The system's clock, but for the leaps that a test makes it take. */
export class LeapingClock implements Clock {
	#ahead = 0;
	readonly #timers = new Set<{ due: number; fire: () => void }>();

	now(): number {
		return systemClock.now() + this.#ahead;
	}

	wall(): number {
		return systemClock.wall() + this.#ahead;
	}

	after(ms: number, then: () => void): () => void {
		const forget = () => {
			cancel();
			this.#timers.delete(timer);
		};
		const fire = () => {
			forget();
			then();
		};
		const timer = { due: this.now() + ms, fire };
		const cancel = systemClock.after(ms, fire);
		this.#timers.add(timer);
		return forget;
	}

	/** It is `ms` later at once, and what was due meanwhile happens now. */
	leap(ms: number): void {
		this.#ahead += ms;
		const now = this.now();
		const due = [...this.#timers].filter((timer) => timer.due <= now).sort((a, b) => a.due - b.due);
		for (const timer of due) if (this.#timers.has(timer)) timer.fire();
	}
}
