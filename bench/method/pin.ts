import { availableParallelism } from 'node:os';
import { execa } from 'execa';

/** CPU 0 for the proxy that is measured, CPU 1 for load and upstream, so that none of them runs in the other's caches. */
export const cpu = { proxy: 0, load: 1 } as const;

/** False where the machine has but one CPU, and everything shares it. */
export const canPin: boolean = availableParallelism() > 1;

/** Binds every thread of the processes to one CPU. */
export async function pin(pids: readonly number[], to: number): Promise<void> {
	if (!canPin) return;
	for (const pid of pids) await execa('taskset', ['--all-tasks', '--cpu-list', '--pid', String(to), String(pid)]);
}

/** The words that start a command on one CPU. */
export function pinned(to: number, command: readonly string[]): [string, ...string[]] {
	const words = canPin ? ['taskset', '--cpu-list', String(to), ...command] : command;
	const [program = '', ...rest] = words;
	return [program, ...rest];
}
