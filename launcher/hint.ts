import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { mayEnter, mayRead, type User } from '../tenants/access.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { tenantUser, userName } from '../tenants/user.ts';
import { dataFolder, type House } from './house.ts';

/** What programs say whose user has no name: shadow's and coreutils' tools, Node, Python, PostgreSQL, ssh, Ruby. */
const WANTS_NAME =
	/cannot find name for user|uv_os_get_passwd|getpw[un]|no user exists for uid|could not look up (?:effective|local) user|user id \d+.*not|unknown uid|uid not found|can't find user/i;

const DENIED = /EACCES|permission denied/i;

/**
 * What most likely kept a failed instance from running, of what can be looked up now, and what mends it: a file that its user
 * cannot read, or a user without a name. `words`: the last that it said. Undefined where neither is to be seen.
 */
export function failureHint(tenant: Tenant, house: House, words: readonly string[]): string | undefined {
	const user = tenantUser(tenant, house);
	if (user === undefined || user.uid === 0) return undefined;
	for (const path of [...tenant.command.slice(1), ...words.filter((line) => DENIED.test(line)).flatMap(pathsIn)]) {
		const closed = closedTo(user, resolve(tenant.cwd, path), tenant, house);
		if (closed !== undefined) return closed;
	}
	if (!words.some((line) => WANTS_NAME.test(line)) || userName(user.uid) !== undefined) return undefined;
	const row = `tenant-${tenant.id}:x:${user.uid}:${user.gid}::${dataFolder(house, tenant.id)}:/usr/sbin/nologin`;
	return `user ${user.uid} has no name on this machine, and it asks for one: name a user of this machine in its file (user), or add to /etc/passwd: ${row}`;
}

/** In a line as `Error: EACCES: permission denied, open '/srv/a.js'` or `cat: a.txt: Permission denied`. */
function pathsIn(line: string): string[] {
	return line.split(/[\s'"`‘’“”:,;()[\]]+/).filter((word) => /[./]/.test(word));
}

/** Undefined where the file is not there, or the user can read it. */
function closedTo(user: User, path: string, { folder, cwd }: Tenant, house: House): string | undefined {
	try {
		const file = realpathSync(path);
		if (statSync(file).isDirectory() ? mayEnter(statSync(file), user) : mayRead(file, user, dirname(file))) {
			// A veil shows them these folders whatever lies above.
			const shown = house.root
				? [folder, cwd].map((one) => realpathSync(one)).find((one) => file.startsWith(one))
				: undefined;
			const closed = foldersAbove(file, shown).find((one) => !mayEnter(statSync(one), user));
			return closed === undefined
				? undefined
				: `user ${user.uid} may not enter ${closed}: chmod ${who(closed, user)}+x '${closed}'`;
		}
		return `cannot read ${basename(file)} as user ${user.uid}: chmod ${who(file, user)}+r '${file}'`;
	} catch {
		return undefined;
	}
}

/** Whose right it is that is missing, for chmod(1). */
function who(path: string, { uid, gid }: User): 'u' | 'g' | 'o' {
	const stats = statSync(path);
	return stats.uid === uid ? 'u' : stats.gid === gid ? 'g' : 'o';
}

/** From the nearest to `last`, or to the root of the file system. */
function foldersAbove(file: string, last = '/'): string[] {
	const folders = [dirname(file)];
	for (let one = dirname(file); one !== last && one !== '/'; ) {
		one = dirname(one);
		folders.push(one);
	}
	return folders;
}
