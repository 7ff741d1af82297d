import { readFileSync } from 'node:fs';

/**
 * The process's proportional set size in MiB: its own memory, and of what it shares with others its part (smaps_rollup,
 * proc_pid_smaps(5)). Undefined where it is gone, or where we may not look.
 */
export function pssOf(pid: number): number | undefined {
	try {
		const kib = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1];
		return kib === undefined ? undefined : Number(kib) / 1024;
	} catch {
		return undefined;
	}
}

/** All of them together, in MiB; those that are gone count nothing. */
export function pssOfAll(pids: readonly number[]): number {
	return pids.reduce((sum, pid) => sum + (pssOf(pid) ?? 0), 0);
}
