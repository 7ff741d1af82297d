import { createServer, type Server, type Socket } from 'node:net';
import { BACKLOG, Doorstep } from './doorstep.ts';
import type { ControlAnswer, ControlErrorCode, ControlRequest } from './protocol/control.ts';
import { readRequest } from './protocol/controlrequest.ts';
import { readLines, writeLines } from './protocol/lines.ts';

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
	/** Resolves once the operator's program can take more, or is gone. */
	data(text: string): Promise<void>;
	/** As `data`. */
	rows(values: readonly unknown[]): Promise<void>;
	readonly gone: AbortSignal;
}

/** Performs one request. Resolves with the result's value; rejects or throws ControlError. */
export type Perform = (request: ControlRequest, conversation: Conversation) => Promise<unknown>;

/** The launcher's end of the control socket (protocol/control.ts): one request a connection. Nothing that is said there ends it. */
export class Control {
	readonly #print: (line: string) => void;
	readonly #perform: Perform;
	readonly #open = new Set<Socket>();
	readonly #doorstep = new Doorstep();
	#server: Server | undefined;

	/** `print`: a line for people. */
	constructor(print: (line: string) => void, perform: Perform) {
		this.#print = print;
		this.#perform = perform;
	}

	/** Takes operators from a listening socket: the one that the keeper handed over, by its fd. */
	listen(where: { fd: number } | { path: string }): void {
		this.#server = createServer((socket) => this.#accept(socket)).listen(where, BACKLOG);
		this.#server.on('error', (error) => this.#print(`innkeeper: an operator cannot be heard: ${error.message}`));
	}

	close(): void {
		this.#server?.close();
		for (const socket of this.#open) socket.end();
	}

	#accept(socket: Socket): void {
		let asked = false;
		this.#open.add(socket);
		this.#doorstep.arrive(socket);
		socket.on('error', () => socket.destroy());
		socket.on('close', () => this.#open.delete(socket));
		const hear = (take: () => Promise<void>): void => {
			if (asked) return;
			asked = true;
			this.#doorstep.enter(socket);
			void take().finally(() => socket.end());
		};
		readLines(
			socket,
			(message) => hear(() => this.#answer(socket, message)),
			(wrong) => hear(() => writeLines(socket, [refusal(wrong)])),
		);
	}

	/** Never rejects. */
	async #answer(socket: Socket, message: unknown): Promise<void> {
		const gone = new AbortController();
		socket.on('close', () => gone.abort());
		const say = (...answers: ControlAnswer[]): Promise<void> => writeLines(socket, answers);
		try {
			const read = readRequest(message);
			if ('wrong' in read) return await say(refusal(read.wrong));
			const value = await this.#perform(read.request, {
				progress: (text) => void say({ type: 'progress', text }),
				data: (text) => say({ type: 'data', text }),
				rows: (values) => say(...values.map((row): ControlAnswer => ({ type: 'row', value: row }))),
				gone: gone.signal,
			});
			await say({ type: 'result', value });
		} catch (error) {
			await say(this.#errorAnswer(error));
		}
	}

	#errorAnswer(error: unknown): ControlAnswer {
		if (error instanceof ControlError) return { type: 'error', code: error.code, message: error.message };
		this.#print(`innkeeper: a verb met an error of the launcher's own: ${(error as Error)?.stack ?? error}`);
		const message = "this is an error of the server's own, which goes on; its output has more: please report it";
		return { type: 'error', code: 'internal', message };
	}
}

function refusal(message: string): ControlAnswer {
	return { type: 'error', code: 'bad-request', message };
}
