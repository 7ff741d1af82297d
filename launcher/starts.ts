import type { State } from './lifecycle.ts';

/** How much may be going on at once, all tenants together (config: starts, sizes.queue). */
export interface StartCaps {
	/** Simultaneous starts. */
	readonly atOnce: number;
	/** Tenants with processes. */
	readonly running: number;
	/** Starts that may wait for their turn. */
	readonly waiting: number;
}

/** A tenant that wants to be started. */
export interface Starter {
	/** True where it waits for its turn however long the queue is: nobody's memory or patience is spent on it. */
	readonly patient: boolean;
	/** It is its turn: it counts as starting from now on. */
	go(): void;
}

/** The queue of starts: first come, first served, a place for each tenant, within the caps. */
export class Starts {
	readonly #caps: () => StartCaps;
	readonly #makeRoom: () => boolean;
	readonly #queue = new Set<Starter>();
	readonly #starting = new Set<Starter>();
	readonly #running = new Set<Starter>();
	/** Those of `running` that are on their way out. */
	readonly #leaving = new Set<Starter>();

	/** `makeRoom` puts the longest idle instance to sleep; false where none is idle. */
	constructor(caps: () => StartCaps, makeRoom: () => boolean) {
		this.#caps = caps;
		this.#makeRoom = makeRoom;
	}

	/** Calls `go` now or at its turn; false: it cannot wait, too many do or nothing will make room for it. */
	ask(starter: Starter): boolean {
		const { running, waiting } = this.#caps();
		if (!starter.patient && this.#queue.size >= waiting && !this.#free()) return false;
		const room = running - this.#running.size + this.#leaving.size - this.#queue.size;
		const comes = room > 0 || this.#makeRoom();
		if (!starter.patient && !comes) return false;
		this.#queue.add(starter);
		this.#pump();
		return true;
	}

	/** Every starter's every new state is told here: it takes and gives back its places. */
	follow(starter: Starter, state: State): void {
		if (state === 'queued') return;
		this.#queue.delete(starter);
		if (state !== 'starting') this.#starting.delete(starter);
		switch (state) {
			case 'stopped':
			case 'failed':
				this.#running.delete(starter);
				this.#leaving.delete(starter);
				break;
			case 'starting':
				this.#starting.add(starter);
				this.#running.add(starter);
				break;
			case 'draining':
			case 'stopping':
			case 'failing':
				this.#leaving.add(starter);
				break;
			case 'ready':
				break;
			default:
				state satisfies never;
		}
		this.#pump();
	}

	/** How many wait before the starter; undefined where it does not wait. */
	ahead(starter: Starter): number | undefined {
		const place = [...this.#queue].indexOf(starter);
		return place === -1 ? undefined : place;
	}

	#free(): boolean {
		const { atOnce, running } = this.#caps();
		return this.#starting.size < atOnce && this.#running.size < running;
	}

	#pump(): void {
		while (this.#free()) {
			const [first] = this.#queue;
			if (first === undefined) return;
			this.#queue.delete(first);
			this.#starting.add(first);
			this.#running.add(first);
			first.go();
		}
	}
}
