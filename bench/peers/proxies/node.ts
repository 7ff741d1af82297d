import { join } from 'node:path';
import { freePort } from '../../../tests/system/freeport.ts';
import { cpu, pinned } from '../../method/pin.ts';
import { startServer } from '../../method/server.ts';
import type { PeerKind } from '../proxy.ts';
import { npmTool } from '../tool.ts';

/** A package's proxy in one process of this very Node: a program beside this file, which is told PORT, UPSTREAM (a port) and LOG (a file). */
function nodePeer(name: string, program: string): PeerKind {
	return {
		name,
		tool: npmTool(name),
		async start({ folder, upstream }) {
			const port = await freePort();
			const command = pinned(cpu.proxy, [process.execPath, join(import.meta.dirname, program)]);
			const env = {
				PORT: String(port),
				UPSTREAM: String(upstream.port),
				LOG: join(folder, 'access.log'),
				NODE_ENV: 'production',
				NODE_NO_WARNINGS: '1',
			};
			const server = await startServer(command, port, env);
			return { name, port, processes: [server.pid], upstream: upstream.pid, end: server.end };
		},
	};
}

/** Unmaintained, and what half of the world still runs. */
export const httpProxy: PeerKind = nodePeer('http-proxy', 'httpproxy.mjs');

/** Its maintained fork, of the same interface. */
export const httpProxy3: PeerKind = nodePeer('http-proxy-3', 'httpproxy3.mjs');

export const fastify: PeerKind = nodePeer('@fastify/http-proxy', 'fastify.mjs');

/** Node's HTTP server with undici behind it. */
export const undici: PeerKind = nodePeer('undici', 'undici.mjs');
