import { once } from 'node:events';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../tests/system/freeport.ts';
import { npmTool } from '../tool.ts';
import { Daemon } from './daemon.ts';
import type { WakerKind } from './waker.ts';

const STOPS_WITHIN_MS = 3000;
const ADDED_WITHIN_MS = 10_000;

/** typicode's hotel, a process manager for developers: starts a server at its first visitor, as ~/.hotel/servers/NAME.json says. */
export const hotel: WakerKind = {
	name: 'hotel',
	tools: [npmTool('hotel')],
	serves: ({ slug }) => slug === 'node' || slug === 'express',
	start: async (server, folder) => {
		const own = await freePort();
		const port = await pairOfPorts(own);
		const home = join(folder, 'hotel');
		await mkdir(join(home, '.hotel', 'servers'), { recursive: true });
		await writeFile(join(home, '.hotel', 'conf.json'), JSON.stringify({ port }));
		const program = join(import.meta.dirname, 'hotel.mjs');
		// It makes itself a certificate with a key of 1,024 bits, which OpenSSL takes at level 0 alone.
		const daemon = await Daemon.start([process.execPath, '--tls-cipher-list=DEFAULT@SECLEVEL=0', program], {
			at: port,
			env: { HOME: home, NODE_NO_WARNINGS: '1' },
		});
		// As `hotel add` does it, while the daemon runs: what it finds at its start it adds twice, and loses a server started in between.
		const conf = { cmd: server.command(own).join(' '), cwd: server.folder, env: { PORT: own } };
		await writeFile(join(home, 'bench.json'), JSON.stringify(conf));
		await rename(join(home, 'bench.json'), join(home, '.hotel', 'servers', 'bench.json'));
		try {
			await added(port);
		} catch (error) {
			await daemon.end();
			throw error;
		}
		return {
			port,
			host: 'bench.localhost',
			note: 'stopped by its own interface behind each visit; asks every 250 ms whether the server is ready',
			rest: async () => {
				await ask(port, 'POST', '/_/servers/bench/stop');
				// A visitor who comes before hotel knows of the server's end is told that it cannot be reached: 502.
				const until = performance.now() + STOPS_WITHIN_MS;
				while ((await serverOf(port))?.status !== 'stopped' && performance.now() < until) await delay(10);
			},
			isAsleep: () => daemon.descendants().length === 0,
			end: () => daemon.end(),
		};
	},
};

/** A free port whose next one, for HTTPS, is free too. */
async function pairOfPorts(taken: number): Promise<number> {
	for (;;) {
		const port = await freePort();
		if (port + 1 !== taken && (await isFree(port + 1))) return port;
	}
}

async function isFree(port: number): Promise<boolean> {
	const server = createServer();
	try {
		await once(server.listen(port, '127.0.0.1'), 'listening');
	} catch {
		return false;
	}
	await once(server.close(), 'close');
	return true;
}

/** Resolves once the daemon has seen the server's file. */
async function added(port: number): Promise<void> {
	const until = performance.now() + ADDED_WITHIN_MS;
	while ((await serverOf(port)) === undefined) {
		if (performance.now() > until) throw new Error('hotel does not see its server');
		await delay(10);
	}
}

/** What the daemon says of the server; undefined where it does not know it. */
async function serverOf(port: number): Promise<{ status: string } | undefined> {
	return JSON.parse(await ask(port, 'GET', '/_/servers')).bench;
}

/** Does what its page does, and gives the answer's body. */
function ask(port: number, method: string, path: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const headers = { Host: 'hotel.localhost' };
		const wanted = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
		wanted.once('response', (response) => text(response).then(resolve, reject));
		wanted.once('error', reject);
		wanted.end();
	});
}
