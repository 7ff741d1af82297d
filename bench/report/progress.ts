/** What is being done now: one line that the next one overwrites; nothing where the stream is no terminal. */
export class Progress {
	readonly #stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;
	readonly #now: () => number;
	#where = '';
	#began = 0;

	/** `now` in ms. */
	constructor(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>, now: () => number = Date.now) {
		this.#stream = stream;
		this.#now = now;
	}

	/** A bench begins, and with it its time; `where`: `2 of 4, throughput`. */
	begin(where: string): void {
		this.#where = where;
		this.#began = this.#now();
	}

	show(text: string): void {
		if (!this.#stream.isTTY) return;
		const seconds = Math.floor((this.#now() - this.#began) / 1000);
		const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
		const line = `  [${this.#where}, ${clock}] ${text}`;
		// A line that wraps could not be overwritten.
		this.#stream.write(`\r\x1b[K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
	}

	/** Before anything else is written. */
	clear(): void {
		if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
	}
}
