import { formatSocketAddress } from '../config/addresses.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { TrafficTable } from './connections.ts';
import type { AddressTraffic } from './explanation.ts';

/** All visitors who have a connection: those of the edge, by tenant id, and those who pass it by. */
export interface Crowd {
	readonly byEdge: ReadonlyMap<number, number>;
	readonly outside: TrafficTable;
}

/** The visitors at each of the tenant's addresses that it serves by itself. */
export function trafficOf(tenant: Tenant, outside: TrafficTable): AddressTraffic[] {
	const own = tenant.addresses.filter(({ kind }) => kind === 'tcp');
	return own.map((address) => ({ address: formatSocketAddress(address), ...outside.at(address) }));
}

/** How many connections the tenant's visitors have. */
export function visitorsOf(tenant: Tenant, { byEdge, outside }: Crowd): number {
	return trafficOf(tenant, outside).reduce((sum, { open }) => sum + open, byEdge.get(tenant.id) ?? 0);
}
