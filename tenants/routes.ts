import type { Tenant } from './tenant.ts';

/** Every answer that was given may be wrong now (launcher/protocol/edge.ts, forget). */
const ALL_KEYS = '*';

/**
 * Whose hosts and addresses are. Exact beats wildcard, the longer wildcard beats the shorter, `*` is last. No two tenants
 * in it have a route in common: Claims sees to that. A lookup costs as many steps as the host has labels.
 */
export class Routes {
	/** Exact hosts, wildcards (`*.NAME`), `*` and addresses, each under its own prefix. */
	readonly #tenants = new Map<string, Tenant>();

	/** The tenant of a key `host:NAME` or `address:IP:PORT` (launcher/protocol/edge.ts). */
	find(key: string): Tenant | undefined {
		const exact = this.#tenants.get(key);
		if (exact !== undefined || !key.startsWith('host:')) return exact;
		for (let dot = key.indexOf('.'); dot !== -1; dot = key.indexOf('.', dot + 1)) {
			const tenant = this.#tenants.get(`host:*${key.slice(dot)}`);
			if (tenant !== undefined) return tenant;
		}
		return this.#tenants.get('host:*');
	}

	/** Adds a tenant's routes. What comes back are the keys whose answers may be others now. */
	add(tenant: Tenant): string[] {
		for (const key of routeKeys(tenant)) this.#tenants.set(key, tenant);
		return invalidated(tenant);
	}

	/** Takes a tenant's routes away. What comes back are the keys whose answers may be others now. */
	remove(tenant: Tenant): string[] {
		for (const key of routeKeys(tenant)) this.#tenants.delete(key);
		return invalidated(tenant);
	}
}

/** A key for each route of a tenant; a wildcard's is no key that anybody asks for. */
function routeKeys(tenant: Tenant): string[] {
	const addresses = tenant.addresses.map(({ address, port }) => `address:${address}:${port}`);
	return [...tenant.hosts.map((host) => `host:${host}`), ...addresses];
}

/** Which hosts were asked for under a wildcard is known to the edges alone. */
function invalidated(tenant: Tenant): string[] {
	return tenant.hosts.some((host) => host.startsWith('*')) ? [ALL_KEYS] : routeKeys(tenant);
}
