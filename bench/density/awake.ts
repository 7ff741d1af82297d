import { setTimeout as delay } from 'node:timers/promises';
import { House } from '../../tests/system/house.ts';
import type { Bench } from '../bench.ts';
import type { About } from '../figure.ts';
import { hostOf, staticTenants } from '../load/tenants.ts';
import { failures, visit } from '../load/visitor.ts';
import { pssOfAll } from '../method/pss.ts';
import { compile } from '../programs.ts';
import { cpuOf, heldBy, REST_MS } from './rest.ts';

const TENANTS = 1000;
const AT_ONCE = 20;

/**
 * A thousand tenants that run at once, and the same thousand when all are asleep again: what each takes, of its own and in the
 * house's processes. The tenant is the static C server, so that what is seen is the house's part.
 */
export async function awake(bench: Bench): Promise<void> {
	const staticProgram = await compile('static', bench.folder);
	const house = await House.start({
		config: { starts: { running: TENANTS }, timeouts: { linger: '100ms' } },
		tenants: staticTenants(TENANTS, staticProgram),
	});
	try {
		const before = look(house);
		const outcomes = await visitAll(bench, house);
		// Leases linger, and what the last visits left is cleared away.
		await delay(REST_MS);
		await reportRunning(bench, house, before, outcomes);
		bench.progress(`${TENANTS} tenants are put to sleep`);
		for (let n = 0; n < TENANTS; n++) await house.control({ verb: 'stop', tenant: `tenant-${n}` });
		await delay(REST_MS);
		await reportStopped(bench, house, before);
		await house.stop();
	} finally {
		await house.discard();
	}
	const frozen = about(`${TENANTS} frozen tenants`, 'memory a tenant', 'KiB');
	bench.report({ ...frozen, value: undefined, note: 'not built yet' });
}

async function visitAll(bench: Bench, house: House): Promise<string[]> {
	const outcomes: string[] = [];
	for (let first = 0; first < TENANTS; first += AT_ONCE) {
		bench.progress(`tenant ${first} of ${TENANTS} is woken`);
		const visits = Array.from({ length: AT_ONCE }, (_, n) => visit(house.port, hostOf(first + n)));
		outcomes.push(...(await Promise.all(visits)));
	}
	return outcomes;
}

/** What the house's own processes, keeper, launcher and edge, hold. */
interface Look {
	/** Pss, in MiB. */
	readonly memory: number;
	readonly sockets: number;
	readonly processes: number;
}

function look(house: House, tenants: ReadonlySet<number> = new Set()): Look {
	const own = house.processes().filter(({ pid }) => !tenants.has(pid));
	return { memory: pssOfAll(own.map(({ pid }) => pid)), sockets: heldBy(own).sockets, processes: own.length };
}

async function reportRunning(bench: Bench, house: House, before: Look, outcomes: readonly string[]): Promise<void> {
	const group = `${TENANTS} running tenants`;
	const pids = (await house.ps()).flatMap((row) => row.pids);
	const wrong = failures(outcomes);
	bench.report({
		...about(group, 'running', ''),
		better: 'more',
		value: pids.length,
		budget: { atLeast: TENANTS },
		...(wrong === undefined ? {} : { note: wrong }),
	});
	bench.report({ ...about(group, 'memory a tenant', 'KiB'), value: (pssOfAll(pids) * 1024) / pids.length });
	const own = look(house, new Set(pids));
	reportOwn(bench, group, own, before);
	const began = cpuOf(house.processes());
	await delay(REST_MS);
	bench.report({ ...about(group, `CPU at rest in ${REST_MS} ms`, 'ms'), value: cpuOf(house.processes()) - began });
}

async function reportStopped(bench: Bench, house: House, before: Look): Promise<void> {
	const group = `${TENANTS} stopped tenants, each woken once`;
	const own = look(house);
	bench.report({
		...about(group, 'processes more than before', ''),
		value: own.processes - before.processes,
		budget: { atMost: 0 },
	});
	reportOwn(bench, group, own, before);
	const began = cpuOf(house.processes());
	await delay(REST_MS);
	bench.report({ ...about(group, `CPU at rest in ${REST_MS} ms`, 'ms'), value: cpuOf(house.processes()) - began });
}

function reportOwn(bench: Bench, group: string, own: Look, before: Look): void {
	const grown = ((own.memory - before.memory) * 1024) / TENANTS;
	bench.report({
		...about(group, 'memory of the house a tenant', 'KiB'),
		value: grown,
		note: 'more than before the first',
	});
	bench.report({
		...about(group, 'sockets of the house a tenant', ''),
		value: (own.sockets - before.sockets) / TENANTS,
		note: 'the listening socket in the hall, kept from the first wake on',
	});
}

function about(group: string, measure: string, unit: string): About {
	return { bench: 'density', group, subject: 'innkeeper', measure, unit, better: 'less' };
}
