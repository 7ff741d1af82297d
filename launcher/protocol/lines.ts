import type { Socket } from 'node:net';

/** The longest line that either end reads, in characters. */
export const LONGEST_LINE: number = 1 << 20;

/**
 * Calls `take` with each line's JSON document, and nothing more once the socket is destroyed. A line that is too long or not JSON
 * cannot be followed: nothing is read from then on, and `wrong` is called, which by default ends the connection with an error.
 */
export function readLines(
	socket: Socket,
	take: (message: unknown) => void,
	wrong: (what: string) => void = (what) => socket.destroy(new Error(what)),
): void {
	let rest = '';
	let lost = false;
	const lose = (what: string): void => {
		lost = true;
		rest = '';
		wrong(what);
	};
	socket.setEncoding('utf8');
	socket.on('data', (chunk: string) => {
		if (lost) return;
		// The chunk alone is searched: a line that comes in many pieces costs no more than one that comes whole.
		const [first = '', ...others] = chunk.split('\n');
		const lines = [rest + first, ...others];
		rest = lines.pop() ?? '';
		for (const line of lines) {
			if (socket.destroyed) return;
			if (line.length > LONGEST_LINE) return lose(tooLong);
			const message = parsed(line);
			if (message === undefined) return lose('a line that is not JSON');
			take(message);
		}
		if (rest.length > LONGEST_LINE) lose(tooLong);
	});
}

const tooLong = `a line of over ${LONGEST_LINE} characters`;

/** Undefined where it is not JSON, for no document is undefined. */
function parsed(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
}

/** Writes one JSON document and a newline; false where the other end is behind. */
export function writeLine(socket: Socket, message: object): boolean {
	return socket.write(`${JSON.stringify(message)}\n`);
}

/** Writes a line for each, and resolves once the other end can take more, or is gone. */
export async function writeLines(socket: Socket, messages: readonly object[]): Promise<void> {
	if (socket.destroyed || messages.length === 0) return;
	if (socket.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''))) return;
	await new Promise<void>((resolve) => {
		const done = (): void => {
			socket.off('drain', done).off('close', done);
			resolve();
		};
		socket.on('drain', done).on('close', done);
	});
}
