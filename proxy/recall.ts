/**
 * What was made of the last head that came on a connection. Heads repeat there (a client that polls, a tenant that answers
 * alike within one second), and comparing bytes costs a tenth of reading them. What is kept must depend on the bytes alone.
 */
export class Recall<T> {
	#made: T | undefined;
	#bytes: Buffer = NO_BYTES;
	#length = 0;

	/** What was made of the last head, if the very same bytes stand at `start`. */
	find(bytes: Buffer, start: number, end: number): T | undefined {
		const length = this.#length;
		if (length === 0 || end - start < length) return undefined;
		return this.#bytes.compare(bytes, start, start + length, 0, length) === 0 ? this.#made : undefined;
	}

	/** Keeps what was made of bytes[start..end), a whole head. */
	keep(made: T, bytes: Buffer, start: number, end: number): void {
		if (this.#bytes.length < end - start) this.#bytes = Buffer.allocUnsafe(end - start);
		this.#length = bytes.copy(this.#bytes, 0, start, end);
		this.#made = made;
	}
}

const NO_BYTES = Buffer.alloc(0);
