import { join } from 'node:path';
import { House } from '../../../tests/system/house.ts';
import { cpu, pin } from '../../method/pin.ts';
import { type PeerKind, visitedHost } from '../proxy.ts';

/**
 * Innkeeper with one edge worker, an access log in a file, and the upstream as its tenant, which is woken here and never put to
 * sleep. Neither connections nor those who wait for a lease are bounded below the load. Its processes are keeper, launcher and edge:
 * all but the tenant's.
 */
export const innkeeper: PeerKind = {
	name: 'innkeeper',
	tool: undefined,
	async start({ folder, program }) {
		const house = await House.start({
			config: { workers: 1, sizes: { queue: 8000 }, accessLog: { file: join(folder, 'access.log'), format: 'json' } },
			tenants: {
				bench: {
					yaml: {
						id: 101,
						name: 'bench',
						hosts: [visitedHost],
						command: ['./upstream'],
						port: 8080,
						limits: { connections: 8000, queue: 8000 },
						idle: { stop: 'off' },
					},
					files: { upstream: { link: program } },
				},
			},
		});
		try {
			await house.control({ verb: 'wake', tenant: 'bench' });
			const { pids } = await house.row('bench');
			const processes = house
				.processes()
				.map(({ pid }) => pid)
				.filter((pid) => !pids.includes(pid));
			await pin(processes, cpu.proxy);
			await pin(pids, cpu.load);
			const [upstream] = pids;
			if (upstream === undefined) throw new Error('the tenant has no process');
			const end = async (): Promise<void> => {
				try {
					await house.stop();
				} finally {
					await house.discard();
				}
			};
			return { name: 'innkeeper', port: house.port, processes, upstream, end };
		} catch (error) {
			await house.discard();
			throw error;
		}
	},
};
