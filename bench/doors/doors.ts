import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { freePort } from '../../tests/system/freeport.ts';
import { House } from '../../tests/system/house.ts';
import type { Verb } from '../verb.ts';
import { type RealServer, servers } from './servers.ts';

/** Starts real servers cold, again and again, and prints what the first visitor of each start was told, by readiness (docs/doors.md). */
export const doors: Verb = {
	usage: '[--starts N]',
	summary: 'what first visitors of real servers hear (root)',
	async run(words) {
		const { values } = parseArgs({ args: words, options: { starts: { type: 'string', default: '20' } } });
		const starts = Number(values.starts);
		if (!Number.isInteger(starts) || starts < 1) throw new Error('--starts takes a whole number, 1 or more');
		for (const server of servers) {
			if (existsSync(server.program)) await trial(server, starts);
			else console.log(`${server.name}: there is no ${server.program} here`);
		}
		return 0;
	},
};

async function trial(server: RealServer, starts: number): Promise<void> {
	const port = await freePort();
	for (const [title, readiness] of Object.entries(server.readiness(port))) {
		const yaml = { id: 101, name: 'real', addresses: [`127.0.0.1:${port}/tcp`], readiness, ...server.keys(port) };
		const house = await House.start({ open: true, tenants: { real: { yaml } } });
		try {
			// What the first start makes, the others have to load.
			await house.control({ verb: 'wake', tenant: 'real' });
			await until(port, server);
			if (server.filling !== '') await talk(port, Buffer.from(server.filling), '+OK\r\n+OK\r\n');
			await house.control({ verb: 'stop', tenant: 'real' });
			const told = new Map<string, number>();
			for (let start = 0; start < starts; start++) {
				const words = await talk(port, server.greeting, '');
				const kind = words.startsWith(server.welcome) ? 'served' : `"${readable(words)}"`;
				told.set(kind, (told.get(kind) ?? 0) + 1);
				await house.control({ verb: 'stop', tenant: 'real' });
			}
			const tally = [...told].map(([kind, count]) => `${count} × ${kind}`).join(', ');
			console.log(`${server.name}, ${title}: ${tally}`);
		} finally {
			await house.discard();
		}
	}
}

/** Resolves once it serves. */
async function until(port: number, { greeting, welcome }: RealServer): Promise<void> {
	while (!(await talk(port, greeting, '')).startsWith(welcome)) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Says the words to the server; what it answers until `last` has come, or anything where that is empty, or it hangs up. */
function talk(port: number, words: Buffer, last: string): Promise<string> {
	return new Promise((resolve) => {
		let heard = '';
		const socket = connect(port, '127.0.0.1', () => socket.write(words));
		socket.on('data', (chunk) => {
			heard += chunk.toString('latin1');
			if (heard.endsWith(last)) socket.destroy();
		});
		socket.on('error', (error: NodeJS.ErrnoException) => {
			heard += error.code;
		});
		socket.on('close', () => resolve(heard));
	});
}

function readable(words: string): string {
	return words.replaceAll(/[^\x20-\x7e]+/g, ' ').trim();
}
