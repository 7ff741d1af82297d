import { createInterface, type Interface } from 'node:readline';
import { execa } from 'execa';

/** The stopwatch (programs/visitor.c): one process for all measurements, so that none of them pays for being started. */
export class Stopwatch {
	readonly #process;
	readonly #lines: AsyncIterator<string>;
	readonly #reader: Interface;

	/** `command` is absolute; it is the server whose bare floor is measured. */
	constructor(program: string, port: number, host: string, command: readonly [string, ...string[]]) {
		this.#process = execa(program, ['127.0.0.1', String(port), host, ...command], {
			// As little as a tenant gets: NODE_EXTRA_CA_CERTS alone would double Node's boot.
			env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/', LANG: 'C.UTF-8' },
			extendEnv: false,
			buffer: false,
			reject: false,
			stderr: 'inherit',
		});
		this.#reader = createInterface({ input: this.#process.stdout });
		this.#lines = this.#reader[Symbol.asyncIterator]();
	}

	/** Connect to first byte through the edge, in ms. */
	edge(): Promise<number> {
		return this.#measure('e');
	}

	/** The same with a server that is started bare at that moment, in ms. */
	floor(): Promise<number> {
		return this.#measure('f');
	}

	async end(): Promise<void> {
		this.#process.stdin.end();
		await this.#process;
		this.#reader.close();
	}

	async #measure(letter: string): Promise<number> {
		this.#process.stdin.write(letter);
		const { value, done } = await this.#lines.next();
		const microseconds = Number(value);
		if (done === true || Number.isNaN(microseconds)) throw new Error(`the visitor: ${value ?? 'ended'}`);
		return microseconds / 1000;
	}
}
