import { readFile } from 'node:fs/promises';

/** What a VPS uses now. */
export interface Usage {
	readonly pids: readonly number[];
	/** Bytes resident. */
	readonly memory: number;
	/** CPU time since its first process, in ms. */
	readonly cpuMs: number;
}

/** The usage of these processes; CPU time from the cgroup's cpu.stat where there is one (it counts the gone ones too). */
export async function usageOf(pids: readonly number[], cgroup: string | undefined): Promise<Usage> {
	const sizes = await Promise.all(pids.map(residentBytes));
	const memory = sizes.reduce((sum, size) => sum + size, 0);
	const fromGroup = cgroup === undefined ? undefined : await groupCpu(cgroup);
	return { pids, memory, cpuMs: fromGroup ?? (await processesCpu(pids)) };
}

/** The processes in a cgroup (cgroup.procs); none where it does not exist. */
export async function groupPids(cgroup: string): Promise<number[]> {
	const text = await readFile(`${cgroup}/cgroup.procs`, 'utf8').catch(() => '');
	return text.split('\n').filter(Boolean).map(Number);
}

/** proc_pid_statm(5): the second field is the resident size in pages of 4 KiB. */
async function residentBytes(pid: number): Promise<number> {
	const text = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '0 0');
	return Number(text.split(' ')[1]) * 4096;
}

async function groupCpu(cgroup: string): Promise<number | undefined> {
	const text = await readFile(`${cgroup}/cpu.stat`, 'utf8').catch(() => '');
	const usec = /^usage_usec (\d+)/m.exec(text)?.[1];
	return usec === undefined ? undefined : Math.round(Number(usec) / 1000);
}

/** proc_pid_stat(5): fields 14 and 15, in clock ticks of 10 ms. */
async function processesCpu(pids: readonly number[]): Promise<number> {
	const times = await Promise.all(
		pids.map(async (pid) => {
			const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
			const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
			return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
		}),
	);
	return times.reduce((sum, time) => sum + time, 0);
}
