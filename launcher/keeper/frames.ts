import type { Socket } from 'node:net';

/** The largest body of a frame in bytes (native/PROTOCOL.md). */
export const LARGEST_FRAME: number = 1 << 20;

/** What follows the verb: a list stands as the same key several times, in order; an undefined key does not stand at all. */
export type Fields = Readonly<Record<string, string | number | readonly (string | number)[] | undefined>>;

/** A frame's strings: the verb and its `key=value` pairs. */
export class Message {
	readonly verb: string;
	readonly #pairs: readonly (readonly [string, string])[];

	constructor(verb: string, pairs: readonly (readonly [string, string])[]) {
		this.verb = verb;
		this.#pairs = pairs;
	}

	/** The first value of a key; undefined where there is none. */
	find(key: string): string | undefined {
		return this.#pairs.find(([name]) => name === key)?.[1];
	}

	/** The first value of a key. Throws where there is none: the keeper's version is another than ours. */
	text(key: string): string {
		const value = this.find(key);
		if (value === undefined) throw new Error(`the keeper's ${this.verb} has no ${key}`);
		return value;
	}

	/** The first value of a key as a number. Throws where there is none. */
	number(key: string): number {
		const value = Number(this.text(key));
		if (!Number.isFinite(value)) throw new Error(`the keeper's ${this.verb} has no number ${key}`);
		return value;
	}

	/** Every value of a key, in order. */
	list(key: string): string[] {
		return this.#pairs.filter(([name]) => name === key).map(([, value]) => value);
	}
}

/** The `done` of a request. */
export type Answer = Message;

/** The `failed` of a request: `error` as errno(3) names it, `what` the step that failed. */
export class KeeperFailure extends Error {
	readonly error: string;
	readonly what: string;

	constructor(verb: string, error: string, what: string) {
		super(`the keeper's ${verb} failed: ${error} (${what})`);
		this.name = 'KeeperFailure';
		this.error = error;
		this.what = what;
	}
}

/** One frame. Throws RangeError where a string holds a NUL or the whole is too large. */
export function encodeFrame(verb: string, fields: Fields): Buffer {
	const strings = [verb];
	for (const [key, value] of Object.entries(fields)) {
		if (value === undefined) continue;
		for (const item of Array.isArray(value) ? value : [value]) strings.push(`${key}=${item}`);
	}
	if (strings.some((string) => string.includes('\0'))) throw new RangeError(`a NUL in a field of ${verb}`);
	const body = Buffer.from(`${strings.join('\0')}\0`);
	if (body.length > LARGEST_FRAME) throw new RangeError(`${verb} has ${body.length} bytes, over ${LARGEST_FRAME}`);
	const length = Buffer.alloc(4);
	length.writeUInt32LE(body.length);
	return Buffer.concat([length, body]);
}

/** The message in a frame's body. */
export function decodeBody(body: Buffer): Message {
	const [verb = '', ...rest] = body.toString('utf8', 0, Math.max(0, body.length - 1)).split('\0');
	return new Message(
		verb,
		rest.map((string) => {
			const equals = string.indexOf('=');
			return [string.slice(0, equals), string.slice(equals + 1)] as const;
		}),
	);
}

/** Cuts a stream of bytes into messages; keeps what is not whole yet, and passes over what is larger than any frame may be. */
export class FrameReader {
	#rest: Buffer = Buffer.alloc(0);
	/** Bytes of a frame that is too large, still to come. */
	#surplus = 0;
	readonly #tooLarge: (bytes: number) => void;

	constructor(tooLarge: (bytes: number) => void) {
		this.#tooLarge = tooLarge;
	}

	take(chunk: Buffer): Message[] {
		let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
		const messages: Message[] = [];
		for (;;) {
			const surplus = Math.min(this.#surplus, bytes.length);
			this.#surplus -= surplus;
			bytes = bytes.subarray(surplus);
			if (bytes.length < 4) break;
			const length = bytes.readUInt32LE();
			if (length > LARGEST_FRAME) {
				this.#tooLarge(length);
				this.#surplus = 4 + length;
			} else if (bytes.length < 4 + length) break;
			else {
				messages.push(decodeBody(bytes.subarray(4, 4 + length)));
				bytes = bytes.subarray(4 + length);
			}
		}
		this.#rest = bytes;
		return messages;
	}
}

interface Pending {
	readonly verb: string;
	readonly resolve: (answer: Answer) => void;
	readonly reject: (reason: Error) => void;
}

/** Who hears what the keeper says by itself. */
export interface KeeperListener {
	/** One that throws is reported, and the next one is heard. */
	onEvent(event: Message): void;
	/** The keeper is gone; requests without an answer are rejected. */
	onEnd(): void;
	/** A line for people: something that the keeper said could not be understood. */
	report(line: string): void;
}

/** The keeper at the other end of a socket (fd 3 of the launcher). Events and answers come in the order the keeper sent them. */
export class KeeperConnection {
	readonly #socket: Socket;
	readonly #listener: KeeperListener;
	readonly #reader: FrameReader;
	readonly #pending = new Map<number, Pending>();
	#seq = 0;
	#ended = false;

	constructor(socket: Socket, listener: KeeperListener) {
		this.#socket = socket;
		this.#listener = listener;
		this.#reader = new FrameReader((bytes) => listener.report(`a frame of the keeper's is too large: ${bytes} bytes`));
		socket.on('data', (chunk: Buffer) => {
			for (const message of this.#reader.take(chunk)) this.#take(message);
		});
		socket.on('error', () => socket.destroy());
		socket.on('close', () => {
			this.#ended = true;
			for (const { verb, reject } of this.#pending.values()) reject(new KeeperFailure(verb, 'EPIPE', 'keeper'));
			this.#pending.clear();
			listener.onEnd();
		});
	}

	/** Resolves with the `done`; rejects with a KeeperFailure, or a RangeError where it fits into no frame. */
	request(verb: string, fields: Fields): Promise<Answer> {
		if (this.#ended) return Promise.reject(new KeeperFailure(verb, 'EPIPE', 'keeper'));
		this.#seq += 1;
		const seq = this.#seq;
		return new Promise((resolve, reject) => {
			const frame = encodeFrame(verb, { seq, ...fields });
			this.#pending.set(seq, { verb, resolve, reject });
			this.#socket.write(frame);
		});
	}

	#take(message: Message): void {
		try {
			if (message.verb === 'done' || message.verb === 'failed') this.#answered(message);
			else this.#listener.onEvent(message);
		} catch (error) {
			this.#listener.report(
				`the keeper's ${JSON.stringify(message.verb.slice(0, 40))} is of no use: ${(error as Error).stack}`,
			);
		}
	}

	#answered(message: Message): void {
		const seq = Number(message.find('seq'));
		const pending = this.#pending.get(seq);
		if (pending === undefined) return;
		this.#pending.delete(seq);
		if (message.verb === 'done') pending.resolve(message);
		else pending.reject(new KeeperFailure(pending.verb, message.find('error') ?? 'EIO', message.find('what') ?? '?'));
	}
}
