import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../tests/system/freeport.ts';
import { npmTool } from '../tool.ts';
import { Daemon } from './daemon.ts';
import type { WakerKind } from './waker.ts';

const STOPS_WITHIN_MS = 3000;

/** typicode's hotel, a process manager for developers: starts a server at its first visitor, as ~/.hotel/servers/NAME.json says. */
export const hotel: WakerKind = {
	name: 'hotel',
	tools: [npmTool('hotel')],
	serves: ({ slug }) => slug === 'node' || slug === 'express',
	start: async (server, folder) => {
		const [port, own] = [await freePort(), await freePort()];
		const home = join(folder, 'hotel');
		await mkdir(join(home, '.hotel', 'servers'), { recursive: true });
		await writeFile(join(home, '.hotel', 'conf.json'), JSON.stringify({ port }));
		await writeFile(
			join(home, '.hotel', 'servers', 'bench.json'),
			JSON.stringify({
				cmd: server.command(own).join(' '),
				cwd: server.folder,
				env: { PORT: own },
			}),
		);
		const program = join(import.meta.dirname, 'hotel.mjs');
		// It makes itself a certificate with a key of 1,024 bits, which OpenSSL takes at level 0 alone.
		const daemon = await Daemon.start([process.execPath, '--tls-cipher-list=DEFAULT@SECLEVEL=0', program], {
			at: port,
			env: { HOME: home, NODE_NO_WARNINGS: '1' },
		});
		return {
			port,
			host: 'bench.localhost',
			note: 'stopped by its own interface behind each visit; asks every 250 ms whether the server is ready',
			rest: async () => {
				await stop(port);
				// A visitor who comes before the server has ended is told that it has: 502.
				const until = performance.now() + STOPS_WITHIN_MS;
				while (daemon.descendants().length > 0 && performance.now() < until) await delay(10);
			},
			isAsleep: () => daemon.descendants().length === 0,
			end: () => daemon.end(),
		};
	},
};

/** The stop button of its page. */
function stop(port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		const wanted = request({
			host: '127.0.0.1',
			port,
			method: 'POST',
			path: '/_/servers/bench/stop',
			headers: { Host: 'hotel.localhost' },
			agent: false,
		});
		wanted.once('response', (response) => response.resume().once('end', resolve));
		wanted.once('error', reject);
		wanted.end();
	});
}
