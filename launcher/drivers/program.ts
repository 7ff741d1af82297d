import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

/**
 * The absolute path of a command's program: with a slash it is taken from `cwd`, else looked up in `path` (execvp(3)).
 * Undefined where there is none that can be executed.
 */
export function findProgram(command: string, cwd: string, path: string): string | undefined {
	if (command.includes('/')) return isProgram(resolve(cwd, command)) ? resolve(cwd, command) : undefined;
	for (const folder of path.split(delimiter)) {
		const candidate = resolve(folder, command);
		if (isProgram(candidate)) return candidate;
	}
	return undefined;
}

function isProgram(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
}
