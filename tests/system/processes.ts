import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc tells of it (proc_pid_stat(5)). Its pid and start name it for ever; the pid alone may be used again. */
export interface Process {
	readonly pid: number;
	readonly parent: number;
	/** In clock ticks since the machine started. */
	readonly started: string;
	/** A zombie: gone but for its exit status. */
	readonly dead: boolean;
	/** CPU time in ms of all its threads, user and system together; in steps of 10. */
	readonly cpuMs: number;
	readonly command: string;
}

const CLOCK_TICK_MS = 10;

/** Undefined where there is no such process. */
export function readProcess(pid: number): Process | undefined {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
		const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
		// The name in parentheses may hold anything, so the fields are counted from its end; the first is the third of the page.
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		const cpuMs = (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
		return { pid, parent: Number(fields[1]), started: fields[19] ?? '', dead: fields[0] === 'Z', cpuMs, command };
	} catch {
		return undefined;
	}
}

/** Every process of this machine that /proc shows. */
export function allProcesses(): Process[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.map((name) => readProcess(Number(name)))
		.filter((process) => process !== undefined);
}

/** A process and all that descend from it by parent, the process first; empty where it is gone. */
export function processTree(root: number): Process[] {
	const all = allProcesses();
	const tree = all.filter((process) => process.pid === root);
	// The list grows while it is walked.
	for (const parent of tree) tree.push(...all.filter((process) => process.parent === parent.pid));
	return tree;
}

/** True while the very process lives, not another one with its pid. */
export function lives(process: Process): boolean {
	const now = readProcess(process.pid);
	return now !== undefined && now.started === process.started && !now.dead;
}

/** The process's id in its own pid namespace, the one that it sees itself (NSpid, proc_pid_status(5)); undefined where it is gone. */
export function insidePid(pid: number): number | undefined {
	try {
		const numbers = /^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]?.split(/\s+/);
		return Number(numbers?.at(-1));
	} catch {
		return undefined;
	}
}
