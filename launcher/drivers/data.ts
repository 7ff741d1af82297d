import { chownSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Others pass through to their own folders and list nothing (cli/folders.ts makes it so). */
const PASSABLE = 0o711;

/**
 * Makes a tenant's data folder where it is missing, for its user alone; `owner` undefined: the server's own. It gets its name once
 * all about it is right, so that a step that fails leaves nothing behind that looks whole. Throws what the system says.
 */
export function makeDataFolder(folder: string, owner: { uid: number; gid: number } | undefined): void {
	if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
	const unfinished = `${folder}.new`;
	mkdirSync(dirname(folder), { recursive: true, mode: PASSABLE });
	makeFolder(unfinished);
	if (owner !== undefined) chownSync(unfinished, owner.uid, owner.gid);
	renameSync(unfinished, folder);
}

/** Not `recursive`, with which Node says ENOENT where the disk is read-only. */
function makeFolder(folder: string): void {
	try {
		mkdirSync(folder, { mode: 0o700 });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(folder).isDirectory()) throw error;
	}
}

/** True where there is anything in the folder, or it cannot be looked into; false where there is no folder. */
export function hasEntries(folder: string): boolean {
	try {
		return readdirSync(folder).length > 0;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code !== 'ENOENT';
	}
}
