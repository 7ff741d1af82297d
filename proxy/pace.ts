/** What waits for its turn. */
export interface Paced {
	/** `waited`: it had to wait for its turn. */
	begin(waited: boolean): void;
}

/** So many begin before the answers to earlier ones are looked at. */
const AT_ONCE = 32;

/**
 * Lets requests go out to tenants a few at a time, with a turn of the event loop between them. Were all that a turn has read sent
 * at once, a thousand busy visitors would need a thousand connections to their tenant, none of whose state is in the CPU's caches
 * when it is needed again, and whoever knocks meanwhile would wait for all of them: libuv accepts one connection a turn.
 */
export class Pace {
	readonly #nextTurn: (then: () => void) => void;
	#left = AT_ONCE;
	/** Those who wait, from #first on. */
	#waiting: Paced[] = [];
	#first = 0;

	/** `nextTurn` calls its argument once the event loop has looked at what came meanwhile. */
	constructor(nextTurn: (then: () => void) => void) {
		this.#nextTurn = nextTurn;
	}

	/** Begins it now, or in one of the next turns. Who gives up meanwhile is begun all the same. */
	begin(paced: Paced): void {
		if (this.#left === 0) this.#waiting.push(paced);
		else this.#go(paced, false);
	}

	#go(paced: Paced, waited: boolean): void {
		this.#left--;
		if (this.#left === 0) this.#nextTurn(this.#turn);
		paced.begin(waited);
	}

	readonly #turn = (): void => {
		this.#left = AT_ONCE;
		while (this.#left > 0) {
			const paced = this.#waiting[this.#first];
			if (paced === undefined) break;
			this.#first++;
			this.#go(paced, true);
		}
		// Who has begun is let go, even where somebody always waits.
		if (this.#first * 2 >= this.#waiting.length) {
			this.#waiting = this.#waiting.slice(this.#first);
			this.#first = 0;
		}
	};
}
