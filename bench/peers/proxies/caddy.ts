import { join } from 'node:path';
import { freePort } from '../../../tests/system/freeport.ts';
import { cpu, pinned } from '../../method/pin.ts';
import { startServer } from '../../method/server.ts';
import type { PeerKind } from '../proxy.ts';
import { debianTool } from '../tool.ts';

/** Caddy (Caddyfile); started on its one CPU, so that Go counts on one alone. */
export const caddy: PeerKind = {
	name: 'Caddy',
	tool: debianTool('Caddy', 'caddy', ['version'], 'caddy'),
	async start({ folder, upstream }) {
		const port = await freePort();
		const file = join(import.meta.dirname, 'Caddyfile');
		const command = pinned(cpu.proxy, ['caddy', 'run', '--config', file, '--adapter', 'caddyfile']);
		const env = { PORT: String(port), UPSTREAM: String(upstream.port), FOLDER: folder, HOME: folder };
		const server = await startServer(command, port, env);
		return { name: 'Caddy', port, processes: [server.pid], upstream: upstream.pid, end: server.end };
	},
};
