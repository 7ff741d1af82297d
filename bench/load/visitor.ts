import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** How long a visitor waits before it counts as failed. */
const PATIENCE_MS = 60_000;

/** A visitor at the door: connected, nothing asked yet. */
export async function arrive(port: number): Promise<Socket> {
	const socket = connect({ port, host: '127.0.0.1', noDelay: true });
	await once(socket, 'connect');
	socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer in time')));
	return socket;
}

/** Asks for `/` of the host and resolves with `200` once the whole answer came, else with a word on what went wrong; never rejects. */
export function ask(socket: Socket, host: string): Promise<string> {
	return new Promise((resolve) => {
		let answer = '';
		socket.setEncoding('latin1');
		socket.on('data', (chunk: string) => {
			answer += chunk;
		});
		socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
		socket.once('close', () => resolve(outcome(answer)));
		socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
	});
}

/** Arrives and asks; never rejects. */
export async function visit(port: number, host: string): Promise<string> {
	try {
		return await ask(await arrive(port), host);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code ?? String(error);
	}
}

/** How many there are of each outcome but 200, as a note: `503 ×2, ECONNRESET ×1`; undefined where all is well. */
export function failures(outcomes: readonly string[]): string | undefined {
	const counts = new Map<string, number>();
	for (const word of outcomes) if (word !== '200') counts.set(word, (counts.get(word) ?? 0) + 1);
	return counts.size === 0 ? undefined : [...counts].map(([word, count]) => `${word} ×${count}`).join(', ');
}

/** The status, where the answer is as long as it says. */
function outcome(answer: string): string {
	const headEnd = answer.indexOf('\r\n\r\n');
	if (headEnd < 0) return answer === '' ? 'closed without an answer' : 'half a head';
	const length = /^content-length: *(\d+)/im.exec(answer.slice(0, headEnd))?.[1];
	if (length !== undefined && answer.length - headEnd - 4 !== Number(length)) return 'half a body';
	return answer.slice(9, 12);
}
