import { join } from 'node:path';
import { Failure } from './failure.ts';
import type { Machine } from './machine.ts';

/** What the server may do here, decided once at the start. */
export interface Rights {
	/** Users of their own for edges and tenants. */
	readonly root: boolean;
	/** How VPSs are tagged (DESIGN, Tagging). */
	readonly tag: 'cgroup' | 'pidns' | 'tree';
	/** With tag cgroup: the server's folder in the cgroup2 tree; the keeper makes it. */
	readonly cgroup: string | undefined;
	/** A private network namespace for the edges and the tenants' listening sockets. */
	readonly hall: boolean;
	/** The one line for people. */
	readonly line: string;
}

/** capabilities(7): what the keeper needs where it runs as root, and what for. */
const needed = [
	{ name: 'CAP_SYS_ADMIN', bit: 21n, reason: 'namespaces and the watch over bind(2)' },
	{ name: 'CAP_NET_ADMIN', bit: 12n, reason: 'the hall' },
	{ name: 'CAP_SETUID', bit: 7n, reason: 'users of their own' },
	{ name: 'CAP_SETGID', bit: 6n, reason: 'users of their own' },
] as const;

/** cgroup.kill came with 5.14; everything else that the keeper must have is older. */
const OLDEST_KERNEL = [5, 14] as const;

/**
 * The best that this machine allows: as root cgroups, users and hall; as an ordinary user a delegated cgroup, else user and pid
 * namespaces, else the process tree. `instance` names this server among others on the machine. Throws a Failure where it cannot run.
 */
export function decideRights(machine: Machine, instance: string): Rights {
	refuseUnfit(machine);
	const root = machine.uid === 0;
	if (root) refuseHalfRoot(machine);
	const parent = root ? (machine.cgroups.root ?? machine.cgroups.own) : (machine.cgroups.own ?? machine.cgroups.root);
	const cgroup = parent === undefined ? undefined : join(parent, `innkeeper-${instance}`);
	// Root without a cgroup2 tree may make pid namespaces as well.
	const tag = cgroup !== undefined ? 'cgroup' : root || machine.userNamespaces ? 'pidns' : 'tree';
	const who = root ? 'root' : `user ${machine.uid}`;
	const others = root ? 'own users, hall' : 'no users of their own, no hall';
	return { root, tag, cgroup, hall: root, line: `innkeeper: running as ${who}: ${tagWords[tag]}, ${others}` };
}

const tagWords = {
	cgroup: 'cgroups',
	pidns: 'pid namespaces (no cgroup2 tree may be written)',
	tree: 'process trees, so whois and stop are best effort (neither a cgroup2 tree may be written nor are user namespaces allowed)',
} as const;

function refuseUnfit(machine: Machine): void {
	if (machine.platform !== 'linux') throw new Failure(`Innkeeper runs on Linux alone, not on ${machine.platform}`);
	if (machine.arch !== 'x64' && machine.arch !== 'arm64')
		throw new Failure(`Innkeeper runs on x86_64 and aarch64, not on ${machine.arch}`);
	const [major = 0, minor = 0] = machine.release.split('.').map((part) => Number.parseInt(part, 10));
	const [oldestMajor, oldestMinor] = OLDEST_KERNEL;
	if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
		throw new Failure(
			`Innkeeper needs Linux ${OLDEST_KERNEL.join('.')} or later (cgroup.kill), not ${machine.release}`,
		);
	}
}

/** Root of a container often lacks half of what root has; as an ordinary user the same machine serves well. */
function refuseHalfRoot(machine: Machine): void {
	const lacking = needed
		.filter(({ bit }) => ((machine.capabilities >> bit) & 1n) === 0n)
		.map(({ name, reason }) => `${name} (for ${reason})`);
	if (!machine.tenantUsers) lacking.push('the user ids from 0x70000000 on (for users of their own)');
	if (lacking.length === 0) return;
	throw new Failure(`this root lacks ${lacking.join(', ')}`, [
		'Give the container these rights (docker run --privileged, podman as root), or start Innkeeper as an ordinary user.',
	]);
}
