/**
 * What a process may open (RLIMIT_NOFILE, getrlimit(2)) bounds how many it can serve: who comes beyond that could not even be told so.
 */

/** Of an edge worker: its channels, its log, and what Node opens for itself. */
const WORKERS_OWN = 48;

/** Of the keeper: its channels and locks, the tray that children are born with, and what the edge workers take. */
const KEEPERS_OWN = 128;

/** Of the keeper, for each tenant that runs: its cgroup, its binds, its notices, its log and the pipe to it, and one to spare. */
const EACH_RUNNING = 6;

/** A visitor's connection, and one to its tenant. */
const EACH_VISITOR = 2;

/** Connections, beyond those that are served, on which a worker says at the same time that they are too many. */
export function turnedAwayWithin(files: number): number {
	return Math.min(1000, Math.max(8, Math.floor(files / 16)));
}

/** Visitors' connections for which a worker has room, beside so many listening sockets. */
export function visitorsWithin(files: number, listeners: number): number {
	const left = files - WORKERS_OWN - listeners - turnedAwayWithin(files);
	return Math.max(1, Math.floor(left / EACH_VISITOR));
}

/** Tenants that may run at the same time, beside so many listening sockets. */
export function runningWithin(files: number, sockets: number): number {
	return Math.max(1, Math.floor((files - KEEPERS_OWN - sockets) / EACH_RUNNING));
}

/** The hard limit, from the text of /proc/self/limits (proc_pid_limits(5)): what a process can raise its own to. */
export function openFiles(limits: string): number {
	const [, most] = /^Max open files\s+\S+\s+(\d+)/m.exec(limits) ?? [];
	return most === undefined ? Number.POSITIVE_INFINITY : Number(most);
}
