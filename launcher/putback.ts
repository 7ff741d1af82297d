import { randomUUID } from 'node:crypto';
import { link, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LauncherError } from './errors.ts';

/**
 * Writes a tenant file as it was before, in one step (rename(2)), with the owner and the mode that it has. What it says now is kept
 * beside it; resolves with that one's name. Rejects with LauncherError `file-changed` where the file does not say `rejected` any
 * more, and with what the system says where it cannot be written; then it is as it was.
 */
export async function putBack(file: string, rejected: string, text: string): Promise<string> {
	const real = await realpath(file);
	const beside = (name: string): string => join(dirname(real), name);
	const [fresh, kept] = [beside(`.${basename(real)}.${randomUUID()}`), beside(`.${basename(real)}.${randomUUID()}`)];
	const aside = `${real}.rejected`;
	try {
		await writeAs(real, fresh, text);
		await link(real, kept);
		// What is kept is what is looked at: whoever writes another file in its place meanwhile is not overrun.
		if ((await readFile(kept, 'utf8')) !== rejected || (await readFile(real, 'utf8')) !== rejected)
			throw new LauncherError('file-changed', `${file} was changed again meanwhile`);
		await rename(kept, aside);
		await rename(fresh, real);
		return aside;
	} finally {
		await Promise.all([fresh, kept].map((path) => rm(path, { force: true })));
	}
}

/** A new file that looks as the other one does to everybody. */
async function writeAs(model: string, path: string, text: string): Promise<void> {
	const { uid, gid, mode } = await stat(model);
	const file = await open(path, 'wx', 0o600);
	try {
		const own = await file.stat();
		if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid);
		await file.chmod(mode & 0o7777);
		await file.writeFile(text);
		await file.sync();
	} finally {
		await file.close();
	}
}
