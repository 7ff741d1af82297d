import { createServer, type Server, type Socket } from 'node:net';
import type { ControlAnswer, ControlErrorCode, ControlRequest } from './protocol/control.ts';
import { readLines, writeLine } from './protocol/lines.ts';

/** A verb could not be done; code and message go to the operator. */
export class ControlError extends Error {
	readonly code: ControlErrorCode;

	constructor(code: ControlErrorCode, message: string) {
		super(message);
		this.name = 'ControlError';
		this.code = code;
	}
}

/** What a verb may say while it runs. `gone` is aborted when the operator has closed the connection. */
export interface Conversation {
	progress(text: string): void;
	data(text: string): void;
	readonly gone: AbortSignal;
}

/** Performs one request. Resolves with the result's value; rejects with ControlError. */
export type Perform = (request: ControlRequest, conversation: Conversation) => Promise<unknown>;

/** The launcher's end of the control socket (protocol/control.ts): one request a connection. */
export class Control {
	readonly #perform: Perform;
	readonly #open = new Set<Socket>();
	#server: Server | undefined;

	constructor(perform: Perform) {
		this.#perform = perform;
	}

	/** Takes operators from a listening socket: the one that the keeper handed over, by its fd. */
	listen(where: { fd: number } | { path: string }): void {
		this.#server = createServer((socket) => this.#accept(socket)).listen(where);
	}

	close(): void {
		this.#server?.close();
		for (const socket of this.#open) socket.end();
	}

	#accept(socket: Socket): void {
		const gone = new AbortController();
		let asked = false;
		this.#open.add(socket);
		socket.on('error', () => socket.destroy());
		socket.on('close', () => {
			this.#open.delete(socket);
			gone.abort();
		});
		readLines(socket, (line) => {
			if (asked) return;
			asked = true;
			const say = (answer: ControlAnswer): void => {
				if (!socket.destroyed) writeLine(socket, answer);
			};
			const conversation: Conversation = {
				progress: (text) => say({ type: 'progress', text }),
				data: (text) => say({ type: 'data', text }),
				gone: gone.signal,
			};
			this.#perform(line as ControlRequest, conversation)
				.then((value) => say({ type: 'result', value }))
				.catch((error: unknown) => say(errorAnswer(error)))
				.finally(() => socket.end());
		});
	}
}

function errorAnswer(error: unknown): ControlAnswer {
	if (error instanceof ControlError) return { type: 'error', code: error.code, message: error.message };
	return { type: 'error', code: 'bad-request', message: error instanceof Error ? error.message : String(error) };
}
