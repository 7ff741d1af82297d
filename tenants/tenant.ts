import type { VpsId } from './ids.ts';

/** What the provider configured: one tenant file, checked, with every default filled in. Times in ms, sizes in bytes. */
export interface Tenant {
	readonly id: VpsId;
	readonly name: string;
	/** The tenant file, absolute. */
	readonly file: string;
	/** The folder of the tenant file, absolute. */
	readonly folder: string;
	/** Whose it is; undefined: the provider's. */
	readonly owner: string | undefined;
	readonly hosts: readonly string[];
	readonly addresses: readonly TenantAddress[];
	readonly command: readonly [string, ...string[]];
	/** Absolute. */
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
	/** Absolute: what it says is in the environment, too, and wins; the launcher reads it at every start. Undefined: there is none. */
	readonly envFile: string | undefined;
	/** Undefined: an id of its own, when the server is root; else the server's user. */
	readonly user: string | number | undefined;
	/** False: what it executes may gain it rights (setuid); undefined: as `true`, unless its user is root. */
	readonly noNewPrivileges: boolean | undefined;
	/** The port that its server binds: PORT in its environment. */
	readonly port: number;
	readonly activation: 'adopt' | 'listen-fds' | 'port';
	/** Undefined: listening is being ready. */
	readonly readiness: Readiness | undefined;
	/** Visitors of one edge worker at the same time, and those of them that wait for a wake; undefined: as many as the worker has room for. */
	readonly limits: { readonly connections: number | undefined; readonly queue: number | undefined };
	/** Whether another instance may run beside one that finishes what it has. */
	readonly overlap: 'auto' | 'on' | 'off';
	readonly keep: 'on-demand' | 'always' | 'down';
	/** `stop` in ms after the last use; undefined: never. */
	readonly idle: { readonly stop: number | undefined };
	readonly start: { readonly timeout: number };
	readonly stop: { readonly signal: string; readonly grace: number; readonly drain: number };
	readonly log: { readonly size: number; readonly files: number };
}

/**
 * How a program shows that it can answer: it says READY=1, its health path answers, it is the first to speak to who connects to its
 * (first) TCP address, or a command in its VPS ends with 0.
 */
export type Readiness =
	| 'notify'
	| { readonly http: string }
	| { readonly tcp: 'banner' }
	| { readonly command: readonly [string, ...string[]] };

/** A destination address of one tenant alone. tcp is handed to the tenant, http passes through the edge. */
export interface TenantAddress {
	readonly address: string;
	readonly port: number;
	readonly kind: 'tcp' | 'http';
}

/**
 * Why two instances cannot live side by side whatever they keep, in words that go on from "because"; undefined: they can, for all
 * visitors come by the edge, to a socket of each one's own.
 */
export function whyNeverTwo(tenant: Tenant): string | undefined {
	if (tenant.overlap === 'off') return 'its file says `overlap: off`';
	if (tenant.addresses.some(({ kind }) => kind === 'tcp')) return 'it serves TCP by itself';
	if (!servesHttp(tenant)) return 'it serves nobody';
	return tenant.activation === 'port' ? 'it binds its port by itself' : undefined;
}

/** True where the edge forwards HTTP to the tenant, so that it has a socket in the hall. */
export function servesHttp(tenant: Pick<Tenant, 'hosts' | 'addresses'>): boolean {
	return tenant.hosts.length > 0 || tenant.addresses.some((address) => address.kind === 'http');
}
