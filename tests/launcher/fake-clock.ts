import type { Clock } from '../../launcher/clock.ts';

interface Call {
	readonly due: number;
	readonly order: number;
	readonly run: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
	/** Not 0, so that a time that was never set shows. */
	#now = 1_000_000;
	#order = 0;
	readonly #calls = new Set<Call>();

	now(): number {
		return this.#now;
	}

	after(ms: number, run: () => void): () => void {
		const call = { due: this.#now + ms, order: this.#order++, run };
		this.#calls.add(call);
		return () => this.#calls.delete(call);
	}

	/** Timers that are set. */
	get pending(): number {
		return this.#calls.size;
	}

	/** ms until the next timer; undefined where none is set. */
	get untilNext(): number | undefined {
		const next = this.#next();
		return next && next.due - this.#now;
	}

	/** Moves on by so many ms and calls what falls due, each at its time. */
	advance(ms: number): void {
		const end = this.#now + ms;
		for (let next = this.#next(); next !== undefined && next.due <= end; next = this.#next()) {
			this.#now = Math.max(this.#now, next.due);
			this.#calls.delete(next);
			next.run();
		}
		this.#now = end;
	}

	/** The process is held up for so many ms: what falls due meanwhile is called late, when the clock is moved next. */
	stall(ms: number): void {
		this.#now += ms;
	}

	#next(): Call | undefined {
		let first: Call | undefined;
		for (const call of this.#calls) {
			if (first === undefined || call.due < first.due || (call.due === first.due && call.order < first.order))
				first = call;
		}
		return first;
	}
}
