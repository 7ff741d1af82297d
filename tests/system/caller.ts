import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** How a visit to a TCP address ended. */
export interface Visit {
	/** All that was said to the visitor. */
	readonly heard: string;
	/** `end`: the other side closed; else the error's code, as ECONNRESET. */
	readonly end: string;
}

/** Connects, says the words and hears the other side out. */
export async function call(port: number, words: string = ''): Promise<Visit> {
	const socket = connect(port, '127.0.0.1');
	let heard = '';
	let failure: string | undefined;
	socket.on('data', (chunk) => {
		heard += chunk;
	});
	socket.on('error', (error: NodeJS.ErrnoException) => {
		failure = error.code;
	});
	if (words !== '') socket.write(words);
	await new Promise((resolve) => socket.once('close', resolve));
	return { heard, end: failure ?? 'end' };
}

/** A connection that stays open, once the other side has said its first words. */
export async function callAndStay(port: number, words: string): Promise<Socket> {
	const socket = connect(port, '127.0.0.1');
	socket.on('error', () => {});
	socket.write(words);
	await once(socket, 'data');
	return socket;
}
