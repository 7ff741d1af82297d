import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that Linux gives to connections (ip_local_port_range, ip(7): 32768 to 60999 as a rule): those come and go all the
 * time, and one of them may have the port again before the server that it was picked for.
 */
const FIRST = 12_000;
const LAST = 31_999;

/** A TCP port that was free on the loopback a moment ago; for servers that cannot be told port 0 and asked which they got. */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
		const server = createServer().listen(port, '127.0.0.1');
		try {
			await once(server, 'listening');
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
			throw error;
		}
		server.close();
		await once(server, 'close');
		return port;
	}
}
