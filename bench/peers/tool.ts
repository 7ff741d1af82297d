import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** A program or package that a peer or a load generator is made of. */
export interface Tool {
	readonly name: string;
	/** How to get it: a command for a person to run. */
	readonly install: string;
	/** Its version, in its own words; undefined where it is not installed. */
	version(): Promise<string | undefined>;
}

/** What to say of a tool that is not there. */
export function missingNote({ name, install }: Tool): string {
	return `${name} is not installed: ${install}`;
}

/** Where the packages of npmTool are, below `node_modules`. */
export const peersFolder: string = import.meta.dirname;

const VERSION_WITHIN_MS = 10_000;

/** A program in PATH, of a Debian package; `ask`: the words that make it tell its version, on either stream and with any status. */
export function debianTool(name: string, program: string, ask: readonly string[], debian: string): Tool {
	return {
		name,
		install: `apt-get install ${debian}`,
		async version() {
			const { all, code } = await execa(program, ask, { all: true, reject: false, timeout: VERSION_WITHIN_MS });
			return code === 'ENOENT' ? undefined : (all.split('\n')[0] ?? '').trim();
		},
	};
}

/** Where Node looks from the peers' programs: what only the bench needs is installed apart, the rest is the project's own. */
const PACKAGES = [join(peersFolder, 'node_modules'), join(import.meta.dirname, '..', '..', 'node_modules')];

/** A package of bench/peers/package.json, or of the project's. */
export function npmTool(name: string): Tool {
	return {
		name,
		install: 'npm ci --prefix bench/peers',
		async version() {
			const file = PACKAGES.map((folder) => join(folder, name, 'package.json')).find(existsSync);
			return file === undefined ? undefined : String(JSON.parse(readFileSync(file, 'utf8')).version);
		},
	};
}
