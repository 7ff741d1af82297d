import { plainText } from './protocol/plaintext.ts';

/** Writes bytes and tells how many were taken, as write(2); throws where none can be. */
export type Write = (bytes: Buffer) => number;

/**
 * What the launcher says to the operator, a line at a time, whoever's words are in it, to a pipe that never makes it wait (native/lines.c). A line that the
 * pipe does not take is lost, and counted in the next one that it takes.
 */
export class Voice {
	readonly #write: Write;
	/** What the pipe took a part of. */
	#rest: Buffer = Buffer.alloc(0);
	#lost = 0;

	constructor(write: Write) {
		this.#write = write;
	}

	say(words: string): void {
		const line = plainText(words);
		if (!this.#finish()) {
			this.#lost++;
			return;
		}
		const lost = this.#lost === 0 ? '' : `innkeeper: ${this.#lost} lines of the launcher could not be written\n`;
		this.#rest = Buffer.from(`${lost}${line}\n`);
		const { length } = this.#rest;
		this.#finish();
		if (this.#rest.length < length) {
			this.#lost = 0;
		} else {
			this.#rest = Buffer.alloc(0);
			this.#lost++;
		}
	}

	/** Writes what is left of a line; false where the pipe is full. */
	#finish(): boolean {
		try {
			while (this.#rest.length > 0) this.#rest = this.#rest.subarray(this.#write(this.#rest));
			return true;
		} catch {
			return false;
		}
	}
}
