import type { Tenant } from '../tenants/tenant.ts';
import { waitsOutside } from './readiness.ts';

/** What this machine allows for giving a program its socket. */
export interface Means {
	/** Seccomp notification works here. */
	readonly adopts: boolean;
	/** Visitors of public sockets can be made to wait outside until the program is ready. */
	readonly doors: boolean;
	/** The edges are in a hall, where a program that binds by itself cannot be reached. */
	readonly hall: boolean;
}

/**
 * The activation that serves a tenant here. Without seccomp notification an adopting tenant binds its port by itself; in a house
 * with a hall one that would bind by itself is adopted, which no program can tell from its own bind. `told` hears of it.
 */
export function activationHere(tenant: Tenant, means: Means, told: (line: string) => void): Tenant {
	if (waitsOutside(tenant) && !means.doors) {
		told(`${tenant.name}: without root and cgroups its first visitors may meet it before it is ready`);
	}
	if (tenant.activation === 'adopt' && !means.adopts) {
		told(`${tenant.name}: no seccomp notification here, so it binds port ${tenant.port} by itself (activation: port)`);
		return { ...tenant, activation: 'port' };
	}
	if (tenant.activation === 'port' && means.hall) {
		told(`${tenant.name}: the hall is reached by adoption alone, so its bind of port ${tenant.port} is adopted`);
		return { ...tenant, activation: 'adopt' };
	}
	return tenant;
}
