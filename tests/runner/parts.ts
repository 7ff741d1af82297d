import { globSync } from 'node:fs';
import { relative, resolve } from 'node:path';

const project: string = resolve(import.meta.dirname, '..', '..');

/** Options of jest's that take the next word. */
const VALUED = [
	'-t',
	'--testNamePattern',
	'-w',
	'--maxWorkers',
	'-c',
	'--config',
	'--rootDir',
	'--testTimeout',
	'--shard',
];

/** Words that name a part of the tests and match no file: jest passes over one of several without a word. */
export function unmatched(words: readonly string[]): string[] {
	// Another root has other files, which jest alone knows.
	if (words.some((word) => /^(-c|--config|--rootDir)(=|$)/.test(word))) return [];
	const files = globSync('tests/**/*.test.ts', { cwd: project });
	const parts = words.filter((word, index) => !word.startsWith('-') && !VALUED.includes(words[index - 1] ?? ''));
	return parts.filter((part) => {
		const path = relative(project, resolve(part));
		return !files.some((file) => matches(part, file) || file === path || file.startsWith(`${path}/`));
	});
}

/** As jest does it: anywhere in the path, as a pattern, whatever its case. */
function matches(part: string, file: string): boolean {
	try {
		return new RegExp(part, 'i').test(file);
	} catch {
		return false;
	}
}
