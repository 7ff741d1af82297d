import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A visitor who keeps the connection and asks for one thing after the other. */
export class Regular {
	readonly #socket: Socket;
	readonly #host: string;
	#answer = '';
	#heard = (): void => {};

	static async arrive(port: number, host: string): Promise<Regular> {
		const socket = connect({ port, host: '127.0.0.1', noDelay: true });
		await once(socket, 'connect');
		return new Regular(socket, host);
	}

	private constructor(socket: Socket, host: string) {
		this.#socket = socket;
		this.#host = host;
		socket.setEncoding('latin1');
		socket.on('error', () => socket.destroy());
		socket.on('close', () => this.#heard());
		socket.on('data', (text: string) => {
			this.#answer += text;
			this.#heard();
		});
	}

	/** Asks for `path` and resolves when the whole answer came. Rejects where it is no 200. */
	async ask(path = '/', fields = ''): Promise<void> {
		this.#answer = '';
		this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n${fields}\r\n`);
		while (!this.#whole()) {
			if (this.#socket.destroyed) throw new Error(`closed within an answer: ${this.#answer}`);
			await new Promise<void>((resolve) => {
				this.#heard = resolve;
			});
		}
		if (!this.#answer.startsWith('HTTP/1.1 200 ')) throw new Error(this.#answer);
	}

	leave(): void {
		this.#socket.destroy();
	}

	#whole(): boolean {
		const end = this.#answer.indexOf('\r\n\r\n');
		if (end === -1) return false;
		const length = Number(/^content-length: *(\d+)/im.exec(this.#answer)?.[1] ?? 0);
		return this.#answer.length >= end + 4 + length;
	}
}

/** One visit on a connection of its own, of which both ends know that it is the only one. */
export async function visitOnce(port: number, host: string): Promise<void> {
	const visitor = await Regular.arrive(port, host);
	try {
		await visitor.ask('/', 'Connection: close\r\n');
	} finally {
		visitor.leave();
	}
}
