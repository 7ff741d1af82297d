import type { Clock } from './clock.ts';
import type { Denial, Wake } from './protocol/edge.ts';
import { Undeterred } from './undeterred.ts';

/** Who wants an instance. */
export type Knocker =
	/** `worker`: the edge worker that gets the lease (see Leases). */
	| { readonly kind: 'visitor'; readonly worker: number; readonly address: string; readonly request: string }
	| { readonly kind: 'operator' }
	/** A visitor queued at a public socket that the tenant serves by itself; `name` is the socket's. */
	| { readonly kind: 'socket'; readonly name: string }
	/** `keep: always`. */
	| { readonly kind: 'keep' };

/** An instance that can answer. `waited` in ms, from the knock; `wake` is none where it was ready. */
export interface Grant {
	readonly instance: number;
	readonly wake: Wake;
	readonly waited: number;
}

/** Why there is none; `retryAfter` in whole seconds, 1 or more. */
export interface Refusal {
	readonly reason: Denial;
	readonly retryAfter: number;
}

export type Acquired = ({ readonly granted: true } & Grant) | ({ readonly granted: false } & Refusal);

/** Called once for each knock, at once: before anything else can be said about the instance. */
export type Answer = (acquired: Acquired) => void;

/** One of those who wait. */
export interface Knock {
	readonly knocker: Knocker;
	/** As the clock's now. */
	readonly at: number;
	readonly answer: Answer;
}

/** Those who wait for one tenant; every one of them gets an answer. */
export class Knocks {
	readonly #clock: Clock;
	#waiting: Knock[] = [];

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	join(knocker: Knocker, answer: Answer): void {
		this.#waiting.push({ knocker, at: this.#clock.now(), answer });
	}

	/** Gives up all who wait, without an answer: they are another's from now on. */
	take(): readonly Knock[] {
		return this.#waiting.splice(0);
	}

	get size(): number {
		return this.#waiting.length;
	}

	/** Who knocked first, and when (as the clock's now). */
	get first(): { readonly knocker: Knocker; readonly at: number } | undefined {
		return this.#waiting[0];
	}

	/** True where somebody waits whom no queue is too long for: a socket's visitors wait in the kernel. */
	get patient(): boolean {
		return this.#waiting.some(({ knocker }) => knocker.kind === 'socket' || knocker.kind === 'keep');
	}

	/** Answers all who wait; `take` is called for each edge worker before it hears of it. */
	grant(instance: number, wake: Wake, take: (worker: number) => void): void {
		const now = this.#clock.now();
		const done = new Undeterred();
		for (const { knocker, at, answer } of this.#waiting.splice(0)) {
			done.try(() => {
				if (knocker.kind === 'visitor') take(knocker.worker);
				answer({ granted: true, instance, wake, waited: now - at });
			});
		}
		done.tell();
	}

	/** Denies all who wait. */
	deny(refusal: Refusal): void {
		const done = new Undeterred();
		for (const { answer } of this.#waiting.splice(0)) done.try(() => answer({ granted: false, ...refusal }));
		done.tell();
	}

	/** The worker is gone, or will knock again: its knocks lead to no lease. The wake that others share goes on. */
	forget(worker: number): void {
		const isOfWorker = ({ knocker }: Knock): boolean => knocker.kind === 'visitor' && knocker.worker === worker;
		const forgotten = this.#waiting.filter(isOfWorker);
		this.#waiting = this.#waiting.filter((knock) => !isOfWorker(knock));
		for (const { answer } of forgotten) answer({ granted: false, reason: 'failed', retryAfter: 1 });
	}
}
