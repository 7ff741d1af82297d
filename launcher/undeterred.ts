/** Does one thing after the other though one of them throws: an error of the program's own is to cost nobody else anything. */
export class Undeterred {
	#failed = false;
	#error: unknown;

	try(act: () => void): void {
		try {
			act();
		} catch (error) {
			if (!this.#failed) this.#error = error;
			this.#failed = true;
		}
	}

	/** Throws the first error, now that everything is done. */
	tell(): void {
		if (this.#failed) throw this.#error;
	}
}
