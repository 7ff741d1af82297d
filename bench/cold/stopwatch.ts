import { createInterface, type Interface } from 'node:readline';
import { execa } from 'execa';
import { bareEnvironment, type Command } from './server.ts';

/** The stopwatch (programs/visitor.c): one process for all measurements, so that none of them pays for being started. */
export class Stopwatch {
	readonly #process;
	readonly #lines: AsyncIterator<string>;
	readonly #reader: Interface;

	/** `command` is absolute; it is the server whose bare floor is measured. */
	constructor(program: string, command: Command) {
		this.#process = execa(program, command, {
			env: bareEnvironment,
			extendEnv: false,
			buffer: false,
			reject: false,
			// A server that is killed in the middle of its work may say so, and PHP's tells of every visitor.
			stderr: 'ignore',
		});
		this.#reader = createInterface({ input: this.#process.stdout });
		this.#lines = this.#reader[Symbol.asyncIterator]();
	}

	/** Connect to first byte of a 200 answer of 127.0.0.1:port, in ms. */
	visit(port: number, host: string): Promise<number> {
		return this.#measure(`visit ${port} ${host}`);
	}

	/** Until the last of so many (at most 1,000) who come at once has the first byte of a 200 answer, in ms. */
	crowd(port: number, host: string, visitors: number): Promise<number> {
		return this.#measure(`crowd ${port} ${host} ${visitors}`);
	}

	/** The floor: exec of the command with an inherited listening socket to first byte, in ms. */
	inherited(): Promise<number> {
		return this.#measure('inherited');
	}

	/** The floor of a command that binds this port by itself; its visitor knocks again and again. In ms. */
	bound(port: number): Promise<number> {
		return this.#measure(`bound ${port}`);
	}

	async end(): Promise<void> {
		this.#process.stdin.end();
		await this.#process;
		this.#reader.close();
	}

	async #measure(line: string): Promise<number> {
		this.#process.stdin.write(`${line}\n`);
		const { value, done } = await this.#lines.next();
		const microseconds = Number(value);
		if (done === true || Number.isNaN(microseconds)) throw new Error(`the visitor ${value ?? 'ended'}`);
		return microseconds / 1000;
	}
}
