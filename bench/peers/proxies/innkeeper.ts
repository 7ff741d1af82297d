import { join } from 'node:path';
import { House } from '../../../tests/system/house.ts';
import type { Process } from '../../../tests/system/processes.ts';
import { cpu, pin } from '../../method/pin.ts';
import type { Peer } from '../proxy.ts';

/** Innkeeper with one edge worker, an access log in a file, and the static server as its tenant, which is woken here. */
export async function startInnkeeper(folder: string, staticProgram: string): Promise<Peer> {
	const house = await House.start({
		config: { workers: 1, accessLog: { file: join(folder, 'innkeeper.log'), format: 'json' } },
		tenants: {
			static: {
				yaml: {
					id: 101,
					name: 'static',
					hosts: ['static.test'],
					command: ['./static'],
					port: 8080,
					limits: { connections: 4000 },
				},
				files: { static: { link: staticProgram } },
			},
		},
	});
	try {
		await house.control({ verb: 'wake', tenant: 'static' });
		const { pids } = await house.row('static');
		await pin(pids, cpu.load);
		const worker = house.processes().find(isEdge);
		if (worker === undefined)
			throw new Error(`no edge worker among\n${house.processes().map(({ command }) => command)}`);
		return {
			name: 'innkeeper',
			port: house.port,
			worker: worker.pid,
			end: async () => {
				try {
					await house.stop();
				} finally {
					await house.discard();
				}
			},
		};
	} catch (error) {
		await house.discard();
		throw error;
	}
}

function isEdge(process: Process): boolean {
	return /proxy\/main\.[jt]s/.test(process.command);
}
