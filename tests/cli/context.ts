import type { Context } from '../../cli/context.ts';
import { packageFolder } from './innkeeper.ts';

/** A command's world that keeps what was printed, and what was to become of the process. */
export interface Recorded extends Context {
	readonly printed: { out: string; err: string };
	readonly became: string[][];
}

/** Thrown in the place of what a process that became another program does no more. */
export class Became extends Error {}

export function contextOf(given: { uid: number; env?: Record<string, string>; packageFolder?: string }): Recorded {
	const printed = { out: '', err: '' };
	const became: string[][] = [];
	return {
		printed,
		became,
		out: { colours: false, write: (text) => (printed.out += text) },
		err: { colours: false, write: (text) => (printed.err += text) },
		env: given.env ?? {},
		now: () => 0,
		user: { uid: given.uid, gid: given.uid },
		packageFolder: given.packageFolder ?? packageFolder,
		node: '/the/node',
		become: (program, programArguments) => {
			became.push([program, ...programArguments]);
			throw new Became();
		},
	};
}
