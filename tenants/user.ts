import { readFileSync } from 'node:fs';
import type { User } from './access.ts';
import { vpsUser } from './ids.ts';
import type { Tenant } from './tenant.ts';

/** Who runs the server; `root`: tenants have users of their own. */
export interface ServerUser extends User {
	readonly root: boolean;
}

/** Whom a tenant's processes run as; undefined where its file names a user who is not on this machine. */
export function tenantUser(
	tenant: Tenant,
	server: ServerUser,
	lookUp: (name: string) => User | undefined = lookUpUser,
): User | undefined {
	if (typeof tenant.user === 'string') return lookUp(tenant.user);
	if (typeof tenant.user === 'number') return { uid: tenant.user, gid: tenant.user };
	if (!server.root) return { uid: server.uid, gid: server.gid };
	return { uid: vpsUser(tenant.id), gid: vpsUser(tenant.id) };
}

/** By passwd(5), which has no rows for users that are a tenant's own; undefined where there is none of that number. */
export function userName(uid: number): string | undefined {
	return passwdRows().find(([, , number]) => number === String(uid))?.[0];
}

/** By passwd(5). */
function lookUpUser(name: string): User | undefined {
	const [, , uid, gid] = passwdRows().find(([one]) => one === name) ?? [];
	return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

function passwdRows(): string[][] {
	return readFileSync('/etc/passwd', 'utf8')
		.split('\n')
		.map((line) => line.split(':'));
}
