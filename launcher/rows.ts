import { setImmediate as breathe } from 'node:timers/promises';
import { servesHttp, type Tenant } from '../tenants/tenant.ts';
import { groupPids, type Usage, usageOf } from './cgroup/usage.ts';
import { edgeAddress } from './drivers/launch.ts';
import type { Facts } from './facts.ts';
import { cgroupFolders, type House } from './house.ts';
import type { Keeper } from './keeper/keeper.ts';
import type { Lodging } from './lodging.ts';
import type { Selection, Shown, TenantRow } from './protocol/control.ts';
import { inOrder, selects, sortKey } from './selection.ts';

/** What rows are made of. */
export interface Ledger {
	readonly house: House;
	readonly keeper: Keeper;
	readonly lodging: Lodging;
}

/** How many rows are made before other work of the launcher gets its turn. */
const AT_ONCE = 200;

/** A tenant's row of `ps`. One that sleeps costs no look at the machine. */
export async function rowOf(ledger: Ledger, tenant: Tenant, connections: number): Promise<TenantRow> {
	const facts = ledger.lodging.facts(tenant);
	const usage = facts.instance === undefined ? NONE : await usageNow(ledger, facts);
	return row(ledger, facts, usage, connections);
}

/**
 * Hands on the rows of the tenants that are selected, some at a time, as fast as they are taken: what it holds does not grow with
 * the tenants, but for a sort. Resolves with what was left out.
 */
export async function streamRows(
	ledger: Ledger,
	tenants: Iterable<Tenant>,
	connections: (tenant: Tenant) => number,
	selection: Selection,
	take: (rows: readonly TenantRow[]) => Promise<void>,
): Promise<Shown> {
	const { awake, sort, limit = Number.POSITIVE_INFINITY } = selection;
	const everybody = { ...selection, awake: false };
	const of = (tenant: Tenant): Promise<TenantRow> => rowOf(ledger, tenant, connections(tenant));
	let selected = 0;
	let shown = 0;
	let asleep = 0;
	function* wanted(): Generator<Tenant> {
		for (const tenant of tenants) {
			const { state } = ledger.lodging.facts(tenant);
			if (selects(selection, tenant, state)) {
				selected += 1;
				yield tenant;
			} else if (awake === true && selects(everybody, tenant, state)) asleep += 1;
		}
	}
	const order = sort === undefined ? wanted() : await sorted(wanted(), sort, of);
	for await (const batch of batches(order)) {
		const rows = await Promise.all(batch.slice(0, Math.max(0, limit - shown)).map(of));
		shown += rows.length;
		await take(rows);
	}
	return { asleep, more: selected - shown };
}

async function sorted(
	tenants: Iterable<Tenant>,
	sort: NonNullable<Selection['sort']>,
	of: (tenant: Tenant) => Promise<TenantRow>,
): Promise<Tenant[]> {
	const all: { readonly tenant: Tenant; readonly id: number; readonly key: string | number }[] = [];
	for await (const batch of batches(tenants)) {
		const rows = await Promise.all(batch.map(of));
		for (const [at, tenant] of batch.entries()) {
			const row = rows[at];
			if (row !== undefined) all.push({ tenant, id: tenant.id, key: sortKey(sort, row) });
		}
	}
	return all.sort((one, other) => inOrder(sort, one, other)).map(({ tenant }) => tenant);
}

async function* batches(tenants: Iterable<Tenant>): AsyncGenerator<Tenant[]> {
	let batch: Tenant[] = [];
	for (const tenant of tenants) {
		batch.push(tenant);
		if (batch.length < AT_ONCE) continue;
		yield batch;
		batch = [];
		await breathe();
	}
	if (batch.length > 0) yield batch;
}

const NONE: Usage = { pids: [], memory: 0, cpuMs: 0 };

function row({ house, lodging }: Ledger, facts: Facts, { pids, memory, cpuMs }: Usage, connections: number): TenantRow {
	const { tenant } = facts;
	return {
		id: tenant.id,
		name: tenant.name,
		owner: tenant.owner ?? null,
		state: facts.state,
		pids,
		memory,
		cpuMs,
		leases: facts.leases,
		connections,
		since: new Date(facts.since).toISOString(),
		wakes: facts.wakes,
		address: servesHttp(tenant) ? `${edgeAddress(tenant, house)}:${lodging.port(tenant.id) ?? tenant.port}` : null,
	};
}

async function usageNow({ house, keeper, lodging }: Ledger, { tenant, instance }: Facts): Promise<Usage> {
	if (house.cgroup !== undefined) return sumOf(cgroupFolders(house, tenant.id, lodging.instances(tenant.id)));
	const answer = await keeper.request('tell', { id: tenant.id, instance: instance?.number }).catch(() => undefined);
	return usageOf(answer?.list('pid').map(Number) ?? [], undefined);
}

/** An instance more than one is an exception: most have their processes in the first folder, the others are not there. */
async function sumOf(folders: readonly string[]): Promise<Usage> {
	const usages = await Promise.all(
		folders.map(async (folder) => {
			const pids = await groupPids(folder);
			return pids.length === 0 ? NONE : usageOf(pids, folder);
		}),
	);
	return {
		pids: usages.flatMap(({ pids }) => pids),
		memory: usages.reduce((sum, { memory }) => sum + memory, 0),
		cpuMs: usages.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
	};
}
