import { constants } from 'node:os';
import type { Clock } from './clock.ts';
import type { Fields, Message } from './keeper/frames.ts';
import type { Keeper } from './keeper/keeper.ts';

/** VPS ids of edge workers, who have numbers from 1 on: some of those that are Innkeeper's own (tenants/ids.ts). */
const FIRST_ID = 10;
const LAST_ID = 99;
/** A worker that lived for so long, in ms, is started again at once. */
const STABLE_RUN = 10_000;
/** How long another must wait, in ms; each further one that dies young doubles it. */
const FIRST_DELAY = 50;
/** No worker waits longer, in ms. */
const LONGEST_DELAY = 2_000;

/** A worker that another launcher started. */
export interface FoundWorker {
	readonly id: number;
	readonly instance: number;
	/** 0: it is gone, and the keeper's `empty` is still to come. */
	readonly pid: number;
	/** In ms since the epoch. */
	readonly started: number;
}

export interface EdgeWorkersMeans {
	readonly keeper: Keeper;
	readonly clock: Clock;
	/** A number that no instance of this server has had. */
	readonly nextInstance: () => number;
	/** The worker of that number is gone. */
	readonly gone: (worker: number) => void;
	/** A line for people. */
	readonly print: (line: string) => void;
}

interface Worker {
	exited: boolean;
	/** As the clock's now. */
	readonly started: number;
	/** What the death of the one before it cost, in ms. */
	readonly delay: number;
}

/** True where a VPS is an edge worker. */
export function isEdgeWorker(id: number): boolean {
	return id >= FIRST_ID && id <= LAST_ID;
}

/**
 * The house's edge workers: so many as the config wants, each started again when it dies. One that dies while no launcher is there
 * waits for the next.
 */
export class EdgeWorkers {
	readonly #means: EdgeWorkersMeans;
	readonly #workers = new Map<number, Worker>();
	#program: Fields = {};
	#last = LAST_ID;
	#closing = false;
	#onEnd = (): void => {};

	constructor(means: EdgeWorkersMeans) {
		this.#means = means;
	}

	/** Before anything else: the workers that live, so many of which as are wanted are kept, and the others told to retire. */
	adopt(found: readonly FoundWorker[], count: number): void {
		this.#last = Math.min(FIRST_ID + count - 1, LAST_ID);
		for (const { id, instance, pid, started } of found) {
			this.#workers.set(id, { exited: pid === 0, started, delay: 0 });
			if (id > this.#last) this.#means.keeper.send('signal', { id, instance, signal: constants.signals.SIGTERM });
		}
	}

	/** The numbers of those that live. */
	*alive(): Generator<number> {
		for (const [id, { exited }] of this.#workers) if (!exited) yield numberOf(id);
	}

	/** True for the number of a worker that is wanted, or that lives. */
	knows(worker: number): boolean {
		const id = FIRST_ID + worker - 1;
		return (id >= FIRST_ID && id <= this.#last) || this.#workers.has(id);
	}

	/**
	 * Starts the workers that are missing: `program` is what the keeper's `start` needs to know of them all. Rejects with KeeperFailure
	 * where one cannot be started and the house is `first` opened; later it is tried again.
	 */
	async open(program: Fields, first: boolean): Promise<void> {
		this.#program = program;
		for (let id = FIRST_ID; id <= this.#last; id++) {
			if (this.#workers.has(id)) continue;
			await this.#start(id, 0).catch((error: Error) => {
				if (first) throw error;
				this.#notStarted(id, error);
			});
		}
	}

	/** No worker is started again. */
	close(): void {
		this.#closing = true;
	}

	/** Resolves when no worker lives any more. */
	ended(): Promise<void> {
		return new Promise((resolve) => {
			this.#onEnd = resolve;
			this.#tellEnd();
		});
	}

	#tellEnd(): void {
		if (this.alive().next().done === true) this.#onEnd();
	}

	/** What the keeper tells of a VPS that is a worker. */
	onKeeperEvent(event: Message): void {
		const id = event.number('id');
		const worker = this.#workers.get(id);
		if (worker === undefined) return;
		if (event.verb === 'exit') {
			if (!this.#closing) this.#means.print(`innkeeper: edge worker ${numberOf(id)} ended (${event.text('status')})`);
			worker.exited = true;
			this.#means.gone(numberOf(id));
			this.#tellEnd();
		} else if (event.verb === 'empty') {
			this.#workers.delete(id);
			if (id <= this.#last && !this.#closing) this.#startAfter(id, this.#delayAfter(worker));
		}
	}

	#delayAfter({ started, delay }: Worker): number {
		if (this.#means.clock.now() - started >= STABLE_RUN) return 0;
		return Math.min(LONGEST_DELAY, Math.max(FIRST_DELAY, delay * 2));
	}

	#startAfter(id: number, delay: number): void {
		this.#means.clock.after(delay, () => {
			if (this.#closing) return;
			this.#start(id, delay).catch((error: Error) => this.#notStarted(id, error));
		});
	}

	#notStarted(id: number, error: Error): void {
		this.#means.print(`innkeeper: edge worker ${numberOf(id)} cannot be started: ${error.message}`);
		this.#startAfter(id, LONGEST_DELAY);
	}

	async #start(id: number, delay: number): Promise<void> {
		const { keeper, clock, nextInstance } = this.#means;
		const ipc = `${JSON.stringify({ innkeeper: 'worker', worker: numberOf(id) })}\n`;
		const started = clock.now();
		await keeper.request('start', { ...this.#program, id, instance: nextInstance(), ipc });
		this.#workers.set(id, { exited: false, started, delay });
	}
}

function numberOf(id: number): number {
	return id - FIRST_ID + 1;
}
