import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { House } from '../../tests/system/house.ts';
import type { Process } from '../../tests/system/processes.ts';
import type { Bench } from '../bench.ts';
import { hostOf, staticTenants } from '../load/tenants.ts';
import { visit } from '../load/visitor.ts';
import { compile } from '../programs.ts';

const TENANTS = 10_000;
const REST_MS = 3000;

/** Ten thousand tenant files: soon ready, and a tenant that sleeps costs no process, no socket, and at most one watch. */
export async function files(bench: Bench): Promise<void> {
	const staticProgram = await compile('static', bench.folder);
	const one = await atRest(bench, 1, staticProgram);
	const many = await atRest(bench, TENANTS, staticProgram);
	const figure = {
		bench: 'density',
		group: `${TENANTS} tenant files`,
		subject: 'innkeeper',
		unit: '',
		better: 'less',
	} as const;
	bench.report({
		...figure,
		measure: 'ready after',
		value: many.readyAfter,
		unit: 'ms',
		budget: { atMost: 5000 },
		note: `with one: ${Math.round(one.readyAfter)} ms`,
	});
	for (const what of ['processes', 'sockets'] as const) {
		const value = many.held[what] - one.held[what];
		bench.report({ ...figure, measure: `${what} more than with one`, value, budget: { atMost: 0 } });
	}
	const watches = (many.held.watches - one.held.watches) / (TENANTS - 1);
	bench.report({ ...figure, measure: 'watches a tenant', value: watches, budget: { atMost: 1 } });
	bench.report({
		...figure,
		measure: `CPU at rest in ${REST_MS} ms`,
		value: many.restCpuMs,
		unit: 'ms',
		note: `with one: ${one.restCpuMs} ms`,
	});
	bench.report({
		...figure,
		measure: 'resident memory',
		value: many.held.memory,
		unit: 'MiB',
		note: `with one: ${one.held.memory}`,
	});
	bench.report({
		...figure,
		measure: 'answers of the last',
		better: 'more',
		value: many.answer === '200' ? 1 : 0,
		budget: { atLeast: 1 },
	});
}

interface Rest {
	readonly readyAfter: number;
	readonly held: Held;
	/** CPU time that the whole house uses while nobody visits, in ms. */
	readonly restCpuMs: number;
	/** What a visitor to the last tenant gets. */
	readonly answer: string;
}

/** What the processes of a house hold. */
interface Held {
	readonly processes: number;
	readonly sockets: number;
	readonly watches: number;
	/** Resident, in MiB. */
	readonly memory: number;
}

async function atRest(bench: Bench, tenants: number, staticProgram: string): Promise<Rest> {
	bench.progress(`${tenants} tenant files`);
	const house = await House.start({ tenants: staticTenants(tenants, staticProgram) });
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

function cpuOf(processes: readonly Process[]): number {
	return processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

function heldBy(processes: readonly Process[]): Held {
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
