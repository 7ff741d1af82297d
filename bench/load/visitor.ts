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

/** What one visit came to. */
export interface Sight {
	/** `200` once the whole answer came, else a word on what went wrong. */
	readonly outcome: string;
	/** How its tenant was found, as `Innkeeper-Wake` says where `debugHeaders` is on: `none`, `thaw`, `restore` or `start`. */
	readonly wake: string | undefined;
	/** From connecting to the end of the answer. */
	readonly ms: number;
}

/** Asks for `/` of the host and resolves with `200` once the whole answer came, else with a word on what went wrong; never rejects. */
export async function ask(socket: Socket, host: string): Promise<string> {
	const answer = await answerTo(socket, host);
	return 'failed' in answer ? answer.failed : outcome(answer.text);
}

/** Arrives and asks; never rejects. */
export async function visit(port: number, host: string): Promise<string> {
	return (await look(port, host)).outcome;
}

/** Arrives, asks, and looks at what comes; never rejects. */
export async function look(port: number, host: string): Promise<Sight> {
	const began = performance.now();
	const answer = await arrive(port).then(
		(socket) => answerTo(socket, host),
		(error: unknown) => ({ failed: (error as NodeJS.ErrnoException).code ?? String(error) }),
	);
	const ms = performance.now() - began;
	if ('failed' in answer) return { outcome: answer.failed, wake: undefined, ms };
	return { outcome: outcome(answer.text), wake: /^innkeeper-wake: *(\w+)/im.exec(answer.text)?.[1], ms };
}

function answerTo(socket: Socket, host: string): Promise<{ readonly text: string } | { readonly failed: string }> {
	return new Promise((resolve) => {
		let text = '';
		socket.setEncoding('latin1');
		socket.on('data', (chunk: string) => {
			text += chunk;
		});
		socket.once('error', (error: NodeJS.ErrnoException) => resolve({ failed: error.code ?? error.message }));
		socket.once('close', () => resolve({ text }));
		socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
	});
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
