import type { Tenant } from '../tenants/tenant.ts';
import { hallName, placeOf } from './drivers/launch.ts';

/** Finds out by asking whether a tenant can answer. */
export interface Prober {
	/**
	 * Resolves once the tenant's instance answers as its `readiness` says: its health path, its banner or its command; without one,
	 * once its port takes a connection. Rejects when aborted.
	 */
	probe(tenant: Tenant, instance: number, signal: AbortSignal): Promise<void>;
}

/** What shows that an instance can answer. */
export interface Sign {
	/** Its first process has exec'ed, it listens for its visitors, or it said READY=1 (sd_notify(3)). */
	readonly at: 'launched' | 'listening' | 'notify';
	/** True where it is asked then, and has to answer. */
	readonly probe: boolean;
}

/** What to wait for with this tenant. */
export function signOf(tenant: Tenant): Sign {
	const { readiness, activation } = tenant;
	if (readiness === 'notify') return { at: 'notify', probe: false };
	const visited = tenant.hosts.length + tenant.addresses.length > 0;
	// Only adoption shows when the program listens; handed over by listen-fds, the sockets have been listening all along.
	const at = activation === 'adopt' && visited ? 'listening' : 'launched';
	return { at, probe: readiness !== undefined || (activation === 'port' && visited) };
}

/**
 * True where connections made before the instance is ready do no harm: they wait in the kernel, and it is ready the moment it can
 * accept. Where it is probed, a program that serves one connection at a time would be busy with one that is silent.
 */
export function takesEarly(tenant: Tenant): boolean {
	const { at, probe } = signOf(tenant);
	return at === 'listening' && !probe && hallName(tenant) !== undefined;
}

/**
 * True where visitors of the tenant's `addresses` wait outside until it is ready: it listens before it can answer, or it would have
 * no readiness of its own.
 */
export function waitsOutside({ readiness, addresses }: Tenant): boolean {
	return readiness !== undefined && addresses.some(({ kind }) => kind === 'tcp');
}

/** True where the tenant's visitors come by the socket of that name: in the hall, or without one there, any. */
export function listens(tenant: Tenant, socket: string): boolean {
	return hallName(tenant) === undefined || placeOf(tenant, socket) !== undefined;
}

/** The newline-separated assignments of a notification (sd_notify(3)); what is none is left out. */
export function assignments(text: string): Map<string, string> {
	const found = new Map<string, string>();
	for (const line of text.split('\n')) {
		const equals = line.indexOf('=');
		if (equals > 0) found.set(line.slice(0, equals), line.slice(equals + 1));
	}
	return found;
}
