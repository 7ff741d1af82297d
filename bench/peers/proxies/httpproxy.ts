import { join } from 'node:path';
import { freePort } from '../../../tests/system/freeport.ts';
import { startServer } from '../../method/server.ts';
import type { Peer } from '../proxy.ts';

/** http-proxy in a Node process of its own; it writes no access log, which is in its favour. */
export async function startHttpProxy(upstream: number): Promise<Peer> {
	const port = await freePort();
	const program = join(import.meta.dirname, 'httpproxy.mjs');
	const env = { PORT: String(port), UPSTREAM: String(upstream), NODE_NO_WARNINGS: '1', NODE_ENV: 'production' };
	const server = await startServer([process.execPath, program], port, env);
	return { name: 'http-proxy', port, worker: server.pid, end: server.end };
}
