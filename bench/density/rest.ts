import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { House } from '../../tests/system/house.ts';
import type { Process } from '../../tests/system/processes.ts';
import type { Bench } from '../bench.ts';
import { hostOf, registeredTenants } from '../load/tenants.ts';
import { visit } from '../load/visitor.ts';

/** How long rest is looked at. */
export const REST_MS = 3000;

/** A hundred thousand files are read in less. */
const READY_WITHIN_MS = 180_000;

/** What a house came to with so many tenant files, before anybody visits. */
export interface Rest {
	readonly readyAfter: number;
	readonly held: Held;
	/** CPU time that the whole house uses while nobody visits, in ms. */
	readonly restCpuMs: number;
	/** What a visitor to the last tenant gets. */
	readonly answer: string;
}

/** What the processes of a house hold. */
export interface Held {
	readonly processes: number;
	readonly sockets: number;
	readonly watches: number;
	/** Resident, in MiB. */
	readonly memory: number;
}

/** Starts a house of so many tenants, looks at it while it is at rest, and visits the last of them. */
export async function atRest(bench: Bench, tenants: number, staticProgram: string): Promise<Rest> {
	bench.progress(`${tenants} tenant files`);
	const house = await House.start({ tenants: registeredTenants(tenants, staticProgram), readyWithin: READY_WITHIN_MS });
	try {
		const { readyAfter } = house;
		// What the start still has to do after `ready` is no rest yet.
		await delay(REST_MS);
		const before = cpuOf(house.processes());
		await delay(REST_MS);
		const processes = house.processes();
		const restCpuMs = cpuOf(processes) - before;
		const held = heldBy(processes);
		const answer = await visit(house.port, hostOf(tenants - 1));
		await house.stop();
		return { readyAfter, held, restCpuMs, answer };
	} finally {
		await house.discard();
	}
}

export function cpuOf(processes: readonly Process[]): number {
	return processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

export function heldBy(processes: readonly Process[]): Held {
	let sockets = 0;
	let watches = 0;
	let memory = 0;
	for (const { pid } of processes) {
		for (const fd of readdirSync(`/proc/${pid}/fd`)) {
			const target = openFile(pid, fd);
			if (target.startsWith('socket:')) sockets++;
			if (target === 'anon_inode:inotify')
				watches += readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8').match(/^inotify /gm)?.length ?? 0;
		}
		const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
		memory += Number(resident ?? 0) / 1024;
	}
	return { processes: processes.length, sockets, watches, memory: Math.round(memory) };
}

/** What /proc says that the descriptor is; empty where it was closed meanwhile. */
function openFile(pid: number, fd: string): string {
	try {
		return readlinkSync(`/proc/${pid}/fd/${fd}`);
	} catch {
		return '';
	}
}
