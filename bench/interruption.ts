/** The exit status of an interrupted run, as a shell would give it. */
export const INTERRUPTED = 130;

/** Thrown where a bench stands when it is told to end. */
export class Interrupted extends Error {}

/**
 * Lets SIGINT and SIGTERM end a run the long way: whatever a bench has started is ended by the `finally` blocks that it passes. It is
 * asked between any two measurements, so that it takes as long as the one that is under way; a second signal ends at once.
 */
export class Interruption {
	#signal: NodeJS.Signals | undefined;

	constructor(process: Pick<NodeJS.Process, 'on' | 'exit'>) {
		for (const signal of ['SIGINT', 'SIGTERM'] as const) {
			// It has to stay: where nobody else listens any more, execa's helper ends the process by this very signal.
			process.on(signal, () => {
				if (this.#signal !== undefined) process.exit(INTERRUPTED);
				this.#signal = signal;
			});
		}
	}

	/** Throws Interrupted where it was told to end. */
	check(): void {
		if (this.#signal !== undefined) throw new Interrupted(`interrupted by ${this.#signal}`);
	}
}
