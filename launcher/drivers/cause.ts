import { statSync } from 'node:fs';
import type { Tenant } from '../../tenants/tenant.ts';
import { LauncherError } from '../errors.ts';
import { KeeperFailure } from '../keeper/frames.ts';

/** Why there is no program of that name for somebody in the folder `cwd` who has that PATH, and what to do about it. */
export function programMissing(command: string, cwd: string, path: string): LauncherError {
	return new LauncherError('program-not-found', missing(command, cwd, path));
}

function missing(command: string, cwd: string, path: string): string {
	const wrong = folderFault(cwd);
	if (wrong !== undefined) return wrong;
	if (!command.includes('/')) return `there is no program ${command} in ${path}: install it, or name it with its path`;
	return `${command} is no program that can be executed, seen from ${cwd}: is it there, and its mode as by chmod +x?`;
}

/** The commonest causes of a start that failed, in words; any other error as it is. `program`: its absolute path. */
export function namedCause(error: Error, tenant: Tenant, program: string, uid: number): Error {
	const wrong = folderFault(tenant.cwd);
	if (wrong !== undefined) return new LauncherError('no-such-folder', wrong, { cause: error });
	if (!(error instanceof KeeperFailure)) return error;
	const text = keeperCause(error, tenant, program, uid);
	return text === undefined ? error : new LauncherError('keeper-failed', text, { cause: error });
}

function keeperCause(
	{ what, error }: KeeperFailure,
	{ cwd }: Tenant,
	program: string,
	uid: number,
): string | undefined {
	if (what === 'chdir') return `user ${uid} may not enter its folder ${cwd} (${error})`;
	if (what !== 'exec') return undefined;
	switch (error) {
		case 'ENOENT':
			return `${program} is there, but not what runs it: its first line (#!) or its loader names no file of this machine`;
		case 'EACCES':
			return `user ${uid} may not execute ${program}: it, or a folder above it, is closed`;
		case 'ENOEXEC':
			return `${program} is nothing that this machine can run: a script begins with #! and its interpreter`;
		case 'E2BIG':
			return 'its command and env together are too large for execve(2)';
		default:
			return undefined;
	}
}

function folderFault(cwd: string): string | undefined {
	try {
		return statSync(cwd).isDirectory() ? undefined : `${cwd}, its cwd, is no folder`;
	} catch (error) {
		return `its folder ${cwd} (cwd) cannot be entered: ${(error as NodeJS.ErrnoException).code}`;
	}
}
