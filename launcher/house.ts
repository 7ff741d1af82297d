import { hash } from 'node:crypto';

/** What this server has and where it keeps its things: found once at start, by main. */
export interface House {
	/** True where the server is root: users of their own, hall, cgroups at the root of the tree. */
	readonly root: boolean;
	/** Without a hall all houses of the machine share its loopback: which block of addresses is this one's (hallAddress); 0 in a hall. */
	readonly block: number;
	/** How VPSs are tagged (DESIGN, Tagging). */
	readonly tag: 'cgroup' | 'pidns' | 'tree';
	/** With tag cgroup: the server's folder in the cgroup2 tree. */
	readonly cgroup: string | undefined;
	/** The folder of the server's own Node, first in every tenant's PATH. */
	readonly nodeFolder: string;
	/** Everything that must last. */
	readonly state: string;
	/** Sockets. */
	readonly run: string;
	/** The keeper: it is in the host's network namespace, the launcher in the hall. */
	readonly keeperPid: number;
	/** The user of VPSs without one of their own. */
	readonly uid: number;
	readonly gid: number;
}

/** The block of a house without a hall, by its run folder, which no other server on the machine has: 16 bits. */
export function blockOf(run: string): number {
	return hash('sha256', run, 'buffer').readUInt16BE();
}

/** Where the tenant's data folder is (DATA in its environment). */
export function dataFolder(house: House, id: number): string {
	return `${house.state}/data/${id}`;
}

/** The log that the scribe writes for a tenant; older ones are `.1`, `.2` … */
export function logFile(house: House, id: number): string {
	return `${house.state}/logs/${id}.log`;
}

/** The copies of tenant files with which instances got ready (ProvenFiles). */
export function provenFolder(house: House): string {
	return `${house.state}/proven`;
}

/** The folder of the NOTIFY_SOCKETs (native/notify.c), which every tenant must reach. */
export function noticesFolder(house: House): string {
	return `${house.run}/notices`;
}

/** Where a VPS's instances are in the cgroup2 tree: the first of them, and those that were started beside another. None where there is no tree. */
export function cgroupFolders(house: House, id: number, instances: readonly number[]): string[] {
	const folder = `${house.cgroup}/vps-${id}`;
	return house.cgroup === undefined ? [] : [folder, ...instances.map((instance) => `${folder}.${instance}`)];
}
