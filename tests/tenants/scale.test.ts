import { readdirSync, readFileSync } from 'node:fs';
import { PATIENCE } from '../patience.ts';
import { WatchedTenants, yaml } from './house.ts';

const COUNT = 10_000;

/** Of this process, in ms: wall times say more about the machine's other work than about ours. */
function cpu(since?: NodeJS.CpuUsage): number {
	const { user, system } = process.cpuUsage(since);
	return (user + system) / 1000;
}

function watches(): number {
	return readdirSync('/proc/self/fdinfo')
		.map((fd) => {
			try {
				return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').match(/^inotify /gm)?.length ?? 0;
			} catch {
				return 0; // the one that the listing itself had
			}
		})
		.reduce((sum, count) => sum + count, 0);
}

/** What a file costs among ten times as many may be so many times as much: reading grows with their number, not with its square. */
const GROWTH = 3;

/** CPU ms that a reload of that many new files takes, for each. */
async function cpuEach(count: number): Promise<number> {
	const tenants = new WatchedTenants();
	try {
		for (let index = 0; index < count; index++) tenants.write(`t${index}`, yaml(100 + index, `t${index}`));
		const began = process.cpuUsage();
		await tenants.registry.reload();
		return cpu(began) / count;
	} finally {
		tenants.discard();
	}
}

test(
	'10,000 tenant files are in force at a cost each as of 1,000, with a watch each and nothing else, and not one change is missed',
	async () => {
		const few = await cpuEach(COUNT / 10);
		const tenants = new WatchedTenants();
		const { registry } = tenants;
		try {
			for (let index = 0; index < COUNT; index++) tenants.write(`t${index}`, yaml(100 + index, `t${index}`));
			const [timers, watched, began] = [process.getActiveResourcesInfo().length, watches(), process.cpuUsage()];
			let longest = 0;
			const start = performance.now();
			let last = performance.now();
			const beat = setInterval(() => {
				longest = Math.max(longest, performance.now() - last);
				last = performance.now();
			}, 1);
			const { added, faults } = await registry.reload();
			clearInterval(beat);
			expect(cpu(began) / COUNT).toBeLessThan(GROWTH * few);
			expect([added.length, faults]).toEqual([COUNT, []]);
			expect(watches() - watched).toBeLessThanOrEqual(COUNT + 1);
			expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(timers);
			// Others of the process have their turn while files are read.
			expect(longest).toBeLessThan((last - start) / 2);

			// Over 16,384 events in one go: the kernel drops the rest, and still all must be seen.
			for (let index = 0; index < COUNT; index++)
				tenants.replace(`t${index}`, yaml(100 + index, `t${index}`, 'port: 7\n'));
			const changed = new Set<string>();
			while (changed.size < COUNT) for (const name of (await tenants.next()).changed ?? []) changed.add(name);
			expect(registry.find(`host:t${COUNT - 1}.test`)?.port).toBe(7);
		} finally {
			tenants.discard();
		}
	},
	5 * PATIENCE,
);
