import { readdirSync, readFileSync } from 'node:fs';
import type { Counts } from './counts.ts';

/** Why this machine does not count reads and writes by process; undefined where it does. */
export function ioMissing(): string | undefined {
	try {
		readIo(process.pid);
		return undefined;
	} catch (error) {
		return `the kernel counts no reads and writes (${error instanceof Error ? error.message : error})`;
	}
}

/** Every read(2) and write(2), and their like, that a process has made so far (proc_pid_io(5)). Throws where that cannot be read. */
export function readIo(pid: number): Counts {
	const text = readFileSync(`/proc/${pid}/io`, 'utf8');
	const number = (key: string): number => Number(new RegExp(`^${key}: (\\d+)$`, 'm').exec(text)?.[1]);
	return { read: number('syscr'), write: number('syscw') };
}

/** How often a thread of the process has run and gone back to sleep, or was made to: who is not woken does not count on (proc_pid_status(5)). */
export function readSwitches(pid: number): number {
	let sum = 0;
	for (const thread of readdirSync(`/proc/${pid}/task`)) {
		let text = '';
		try {
			text = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
		} catch {
			// The thread ended meanwhile.
		}
		for (const [, count] of text.matchAll(/^(?:non)?voluntary_ctxt_switches:\s+(\d+)$/gm)) sum += Number(count);
	}
	return sum;
}

/** The threads of a process. */
export function threadsOf(pid: number): number[] {
	return readdirSync(`/proc/${pid}/task`).map(Number);
}
