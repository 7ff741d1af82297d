import type { Socket } from 'node:net';

/** Calls `take` with each line's JSON document; a line over `limit` bytes or not JSON ends the connection with an error. */
export function readLines(socket: Socket, take: (message: unknown) => void, limit: number = 1 << 20): void {
	let rest = '';
	socket.setEncoding('utf8');
	socket.on('data', (chunk: string) => {
		const lines = (rest + chunk).split('\n');
		rest = lines.pop() ?? '';
		if (rest.length > limit) {
			socket.destroy(new Error(`a line of over ${limit} characters`));
			return;
		}
		for (const line of lines) {
			let message: unknown;
			try {
				message = JSON.parse(line);
			} catch {
				socket.destroy(new Error('a line that is not JSON'));
				return;
			}
			take(message);
		}
	});
}

/** Writes one JSON document and a newline. */
export function writeLine(socket: Socket, message: object): void {
	socket.write(`${JSON.stringify(message)}\n`);
}
