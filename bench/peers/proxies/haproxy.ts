import { join } from 'node:path';
import { freePort } from '../../../tests/system/freeport.ts';
import { cpu, pinned } from '../../method/pin.ts';
import { startServer } from '../../method/server.ts';
import type { PeerKind } from '../proxy.ts';
import { debianTool } from '../tool.ts';

/** HAProxy in one process of one thread (haproxy.cfg). */
export const haproxy: PeerKind = {
	name: 'HAProxy',
	tool: debianTool('HAProxy', 'haproxy', ['-v'], 'haproxy'),
	async start({ folder, upstream }) {
		const port = await freePort();
		const command = pinned(cpu.proxy, ['haproxy', '-db', '-f', join(import.meta.dirname, 'haproxy.cfg')]);
		const env = { PORT: String(port), UPSTREAM: String(upstream.port) };
		const server = await startServer(command, port, env, join(folder, 'access.log'));
		return { name: 'HAProxy', port, processes: [server.pid], upstream: upstream.pid, end: server.end };
	},
};
