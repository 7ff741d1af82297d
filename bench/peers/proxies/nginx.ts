import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../tests/system/freeport.ts';
import { processTree } from '../../../tests/system/processes.ts';
import { cpu, pinned } from '../../method/pin.ts';
import { startServer } from '../../method/server.ts';
import type { PeerKind } from '../proxy.ts';
import { debianTool } from '../tool.ts';

/** nginx with one worker (nginx.conf). */
export const nginx: PeerKind = {
	name: 'nginx',
	tool: debianTool('nginx', 'nginx', ['-v'], 'nginx-light'),
	async start({ folder, upstream }) {
		const port = await freePort();
		const template = await readFile(join(import.meta.dirname, 'nginx.conf'), 'utf8');
		const config = template.replaceAll('__PORT__', String(port)).replaceAll('__UPSTREAM__', String(upstream.port));
		await writeFile(join(folder, 'nginx.conf'), config);
		const command = pinned(cpu.proxy, ['nginx', '-p', folder, '-e', 'error.log', '-c', 'nginx.conf']);
		const server = await startServer(command, port);
		const processes = processTree(server.pid).map(({ pid }) => pid);
		return { name: 'nginx', port, processes, upstream: upstream.pid, end: server.end };
	},
};
