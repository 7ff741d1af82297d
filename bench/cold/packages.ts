import { existsSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { peersFolder } from '../peers/tool.ts';

/**
 * Copies packages of bench/peers, with all that they depend on, to where everybody may read them: the project itself may be below a
 * folder that is its owner's alone. Gives the names of those that are not installed, and copies nothing where there are any.
 */
export async function copyPackages(
	names: readonly string[],
	target: string,
	modules: string = join(peersFolder, 'node_modules'),
): Promise<readonly string[]> {
	const missing = names.filter((name) => !existsSync(join(modules, name, 'package.json')));
	if (missing.length > 0) return missing;
	for (const name of outermost(names, modules)) {
		await cp(join(modules, name), join(target, name), { recursive: true });
	}
	return [];
}

/** The names of the packages at the top of `modules` that these are made of; those within them are copied with them. */
export function outermost(names: readonly string[], modules: string): ReadonlySet<string> {
	const folders = new Set(names.map((name) => join(modules, name)));
	// The set grows while it is walked.
	for (const folder of folders) {
		const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
		for (const name of Object.keys(dependencies)) {
			const found = resolve(name, folder, modules);
			if (found !== undefined) folders.add(found);
		}
	}
	return new Set([...folders].map((folder) => topName(relative(modules, folder))));
}

/** As Node resolves: in the package's own node_modules, else further out. Undefined for what is optional and not there. */
function resolve(name: string, folder: string, modules: string): string | undefined {
	for (let from = folder; from.startsWith(modules); from = dirname(from)) {
		const candidate = from === modules ? join(modules, name) : join(from, 'node_modules', name);
		if (existsSync(join(candidate, 'package.json'))) return candidate;
	}
	return undefined;
}

/** `a` of `a/node_modules/b`, `@a/b` of `@a/b/node_modules/c`. */
function topName(path: string): string {
	return path
		.split(sep)
		.slice(0, path.startsWith('@') ? 2 : 1)
		.join(sep);
}
