import type { Clock } from '../../proxy/clock.ts';

/** A clock that stands still, but for the leaps that a test makes it take. */
export class StillClock implements Clock {
	#now = 1000;
	readonly #timers = new Set<{ due: number; fire: () => void }>();

	now(): number {
		return this.#now;
	}

	wall(): number {
		return this.#now;
	}

	after(ms: number, then: () => void): () => void {
		const timer = {
			due: this.#now + ms,
			fire: () => {
				this.#timers.delete(timer);
				then();
			},
		};
		this.#timers.add(timer);
		return () => this.#timers.delete(timer);
	}

	/** It is `ms` later at once, and what was due meanwhile happens now. */
	leap(ms: number): void {
		this.#now += ms;
		const due = [...this.#timers].filter((timer) => timer.due <= this.#now).sort((a, b) => a.due - b.due);
		for (const timer of due) if (this.#timers.has(timer)) timer.fire();
	}
}
