import type { Clock } from './clock.ts';

/** No two looks at the lists are closer than this, in ms: it is how late a deadline may be met. */
const GRAIN = 5;

/** What one thing is waiting for; in at most one list at a time. */
export class Deadline {
	/** Called when the time is over; the deadline is out of its list by then. */
	readonly expired: (list: DeadlineList) => void;
	list: DeadlineList | undefined;
	next: Deadline | undefined;
	previous: Deadline | undefined;
	armedAt = 0;

	constructor(expired: (list: DeadlineList) => void) {
		this.expired = expired;
	}

	/** Takes it out of its list, if it is in one. */
	disarm(): void {
		this.list?.remove(this);
	}
}

/**
 * Deadlines of one duration, oldest first, so that arming and disarming are a few assignments and only the first one needs to
 * be looked at.
 */
export class DeadlineList {
	/** In ms; it may change, and then holds for what is armed already too. */
	duration: number;
	first: Deadline | undefined;
	#last: Deadline | undefined;
	readonly #deadlines: Deadlines;

	constructor(deadlines: Deadlines, duration: number) {
		this.#deadlines = deadlines;
		this.duration = duration;
	}

	/** The time begins now, also for one that is armed already, here or in another list. */
	arm(deadline: Deadline, now: number): void {
		if (deadline.list !== undefined) deadline.list.remove(deadline);
		deadline.list = this;
		deadline.armedAt = now;
		deadline.previous = this.#last;
		if (this.#last === undefined) this.first = deadline;
		else this.#last.next = deadline;
		this.#last = deadline;
		this.#deadlines.expect(now + this.duration);
	}

	remove(deadline: Deadline): void {
		if (deadline.previous === undefined) this.first = deadline.next;
		else deadline.previous.next = deadline.next;
		if (deadline.next === undefined) this.#last = deadline.previous;
		else deadline.next.previous = deadline.previous;
		deadline.list = deadline.next = deadline.previous = undefined;
	}
}

/** All lists of one worker, with one timer, which is set only while something is armed. */
export class Deadlines {
	readonly #clock: Clock;
	readonly #lists: DeadlineList[] = [];
	readonly #byDuration = new Map<number, DeadlineList>();
	/** When the timer fires; infinite while there is none. */
	#nextLook = Number.POSITIVE_INFINITY;
	#cancel: (() => void) | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** A list of its own, whose duration its owner may change. */
	create(duration: number): DeadlineList {
		const list = new DeadlineList(this, duration);
		this.#lists.push(list);
		return list;
	}

	/** The shared list for a duration that tenants choose. */
	lasting(duration: number): DeadlineList {
		let list = this.#byDuration.get(duration);
		if (list === undefined) {
			list = this.create(duration);
			this.#byDuration.set(duration, list);
		}
		return list;
	}

	/** Sees to it that the lists are looked at by `due`. */
	expect(due: number): void {
		if (due >= this.#nextLook) return;
		this.#cancel?.();
		this.#nextLook = due;
		this.#cancel = this.#clock.after(Math.max(GRAIN, due - this.#clock.now()), () => this.#look());
	}

	#look(): void {
		this.#nextLook = Number.POSITIVE_INFINITY;
		this.#cancel = undefined;
		const now = this.#clock.now();
		for (const list of this.#lists) {
			for (;;) {
				const { first } = list;
				if (first === undefined) break;
				const due = first.armedAt + list.duration;
				if (due > now) {
					this.expect(due);
					break;
				}
				list.remove(first);
				first.expired(list);
			}
		}
	}
}
