import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { arch, platform, release } from 'node:os';
import { join } from 'node:path';
import { x } from 'tinyexec';

/** What this machine and this process have, as far as the start depends on it. */
export interface Machine {
	readonly platform: string;
	readonly arch: string;
	/** As uname(2) gives it: `6.1.0-18-amd64`. */
	readonly release: string;
	readonly uid: number;
	readonly gid: number;
	/** The effective capabilities, a bit each (capabilities(7)). */
	readonly capabilities: bigint;
	/** True where the user ids from 0x70000000 on exist (user_namespaces(7), uid_map). */
	readonly tenantUsers: boolean;
	/** Folders of the cgroup2 tree in which this process may make others. Undefined: none. */
	readonly cgroups: { readonly root: string | undefined; readonly own: string | undefined };
	/** An ordinary user may make user and pid namespaces. */
	readonly userNamespaces: boolean;
}

/** Looks the machine over. Runs one command: unshare(1), where the user is not root. */
export async function readMachine(uid: number, gid: number): Promise<Machine> {
	const mount = cgroup2Mount(readText('/proc/self/mountinfo'));
	const own = mount === undefined ? undefined : ownCgroup(mount, readText('/proc/self/cgroup'));
	return {
		platform: platform(),
		arch: arch(),
		release: release(),
		uid,
		gid,
		capabilities: effectiveCapabilities(readText('/proc/self/status')),
		tenantUsers: mapsTenantUsers(readText('/proc/self/uid_map')),
		cgroups: { root: writableCgroup(mount), own: writableCgroup(own) },
		userNamespaces: uid !== 0 && (await mayUnshare()),
	};
}

/** Where the cgroup2 tree is mounted, from /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export function cgroup2Mount(mountinfo: string): string | undefined {
	for (const line of mountinfo.split('\n')) {
		const [before = '', after = ''] = line.split(' - ');
		// Blanks and backslashes in a path stand there as octal numbers.
		const path = before
			.split(' ')[4]
			?.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
		if (after.startsWith('cgroup2 ')) return path;
	}
	return undefined;
}

/** The folder of this process's own cgroup, from /proc/self/cgroup (cgroups(7)). */
export function ownCgroup(mount: string, membership: string): string | undefined {
	const path = /^0::(\/.*)$/m.exec(membership)?.[1];
	return path === undefined || path.startsWith('/..') ? undefined : join(mount, path);
}

/** CapEff of /proc/self/status (proc_pid_status(5)). */
export function effectiveCapabilities(status: string): bigint {
	return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
}

/** True where the map covers the range of the tenants' user ids, 0x70000000 to 0x70ffffff. */
export function mapsTenantUsers(uidMap: string): boolean {
	return uidMap.split('\n').some((line) => {
		const [inside = Number.NaN, , count = 0] = line.trim().split(/\s+/).map(Number);
		return inside <= 0x7000_0000 && inside + count > 0x70ff_ffff;
	});
}

/** The folder, where this process may make cgroups in it and bear processes there (cgroups(7), delegation). */
function writableCgroup(folder: string | undefined): string | undefined {
	if (folder === undefined) return undefined;
	try {
		accessSync(folder, constants.W_OK);
		accessSync(join(folder, 'cgroup.procs'), constants.W_OK);
		return folder;
	} catch {
		return undefined;
	}
}

async function mayUnshare(): Promise<boolean> {
	try {
		return (await x('unshare', ['--user', '--map-root-user', '--pid', '--fork', 'true'])).exitCode === 0;
	} catch {
		return false;
	}
}

function readText(file: string): string {
	return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
