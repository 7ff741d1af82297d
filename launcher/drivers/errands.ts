import type { Fields } from '../keeper/frames.ts';
import type { Keeper } from '../keeper/keeper.ts';

/** Commands that are run in VPSs that live, one at a time in each: the keeper starts them, and tells how each one ended. */
export class Errands {
	readonly #keeper: Keeper;
	/** Who waits for the end of an errand, by instance. */
	readonly #waiting = new Map<number, (status: string) => void>();

	constructor(keeper: Keeper) {
		this.#keeper = keeper;
	}

	/** Resolves with `exit:N` or `signal:N` (wait(2)). Rejects with KeeperFailure where it could not be started. */
	async run(instance: number, fields: Fields): Promise<string> {
		// Its end may be told in the same breath as its start.
		const { promise, resolve } = Promise.withResolvers<string>();
		this.#waiting.set(instance, resolve);
		try {
			await this.#keeper.request('run', { ...fields, instance });
			return await promise;
		} finally {
			if (this.#waiting.get(instance) === resolve) this.#waiting.delete(instance);
		}
	}

	/** The instance's errand is over, or the instance is. */
	ended(instance: number, status: string): void {
		this.#waiting.get(instance)?.(status);
	}
}
