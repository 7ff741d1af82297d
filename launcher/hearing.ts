import type { Clock } from './clock.ts';
import type { Keeper } from './keeper/keeper.ts';

/** Nobody is looked at twice within this, in ms, whatever the edge workers say. */
const LOOK_AGAIN = 1000;

/**
 * Finds out which instances are deaf: they closed their listening socket and live on. The kernel takes connections all the same, for
 * the keeper holds the socket too; so an edge worker whose request stays without a word asks, and the keeper looks whether any process
 * of the VPS has it.
 */
export class Hearing {
	readonly #keeper: Keeper;
	readonly #clock: Clock;
	readonly #deaf: (id: number, instance: number) => void;
	readonly #looked = new Set<number>();

	/** `deaf` hears of each that is found so. */
	constructor(keeper: Keeper, clock: Clock, deaf: (id: number, instance: number) => void) {
		this.#keeper = keeper;
		this.#clock = clock;
		this.#deaf = deaf;
	}

	/** Looks at an instance whose silence was told; `socket` is the name of the one that its visitors come by. */
	look(id: number, instance: number, socket: string): void {
		if (this.#looked.has(id)) return;
		this.#looked.add(id);
		this.#clock.after(LOOK_AGAIN, () => this.#looked.delete(id));
		this.#keeper.request('holds', { id, instance, name: socket }).then(
			(answer) => {
				if (answer.find('held') === '0') this.#deaf(id, instance);
			},
			() => {}, // It is gone, which is told by itself.
		);
	}
}
