import { join } from 'node:path';
import { execa } from 'execa';

/** The bench's small C programs (programs/NAME.c). */
export type Program = 'after' | 'exit' | 'spawner' | 'static' | 'upstream' | 'visitor' | 'wsload';

/** Compiles one into the folder and gives its path. Rejects with the compiler's own words. */
export async function compile(program: Program, folder: string): Promise<string> {
	const source = programFile(`${program}.c`);
	const target = join(folder, program);
	// Statically linked, so that a cold start is the front door's and not the dynamic loader's.
	await execa('cc', ['-O2', '-Wall', '-Wextra', '-Werror', '-static', '-o', target, source]);
	return target;
}

/** Where a program of the bench is, as `hello.py`. */
export function programFile(name: string): string {
	return join(import.meta.dirname, 'programs', name);
}

/** The Node hello server, a file without imports of ours. */
export const helloProgram: string = programFile('hello.mjs');
