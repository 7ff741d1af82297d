import { type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Somebody as the file system knows him, by number; his one group. */
export interface User {
	readonly uid: number;
	readonly gid: number;
}

/** Who owns nothing and is in no group: what he may, everybody may. */
export const STRANGER: User = { uid: -1, gid: -1 };

const READ = 4;
const ENTER = 1;

/** By owner, group and mode bits; ACLs are not looked at. */
export function mayEnter(folder: Stats, user: User): boolean {
	return may(folder, user, ENTER);
}

/**
 * True where the user can come to the file and read it. `file`: absolute, links resolved; `shown`: a folder above it that the user comes
 * to whatever lies above that (a veil shows it to him). Throws what stat(2) says.
 */
export function mayRead(file: string, user: User, shown?: string, stat: (path: string) => Stats = statSync): boolean {
	if (!may(stat(file), user, READ)) return false;
	for (let folder = dirname(file); ; folder = dirname(folder)) {
		if (!may(stat(folder), user, ENTER)) return false;
		if (folder === shown || folder === '/') return true;
	}
}

function may({ uid, gid, mode }: Stats, user: User, right: number): boolean {
	if (user.uid === 0) return true;
	const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
	return ((mode >> shift) & right) !== 0;
}
