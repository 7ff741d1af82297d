/** Thrown where a bench stands when it is told to end. */
export class Interrupted extends Error {}

/**
 * Lets SIGINT and SIGTERM end a run the long way: whatever a bench has started is ended by the `finally` blocks that it passes. It is
 * asked between any two measurements, so that it takes as long as the one that is under way; a second signal ends at once.
 */
export class Interruption {
	#signal: NodeJS.Signals | undefined;

	constructor(process: Pick<NodeJS.Process, 'once'>) {
		for (const signal of ['SIGINT', 'SIGTERM'] as const) {
			process.once(signal, () => {
				this.#signal = signal;
			});
		}
	}

	/** Throws Interrupted where it was told to end. */
	check(): void {
		if (this.#signal !== undefined) throw new Interrupted(`interrupted by ${this.#signal}`);
	}
}
