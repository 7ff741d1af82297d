import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { LauncherError } from './errors.ts';
import type { Keeper } from './keeper/keeper.ts';

/** What may pass by itself: the scribe holds the lines and tries again. */
const PASSING = ['ENOSPC', 'EDQUOT', 'EIO', 'ENXIO'];

/**
 * Has the access log written to the file of the config, opened anew: who has moved it (logrotate) gets a new one. Rejects with a
 * LauncherError where it cannot be; then it goes on as it was.
 */
export async function openAccessLog(keeper: Keeper, { file, format, size, files }: Config['accessLog']): Promise<void> {
	const path = format === 'off' || file === 'stdout' ? undefined : file;
	if (path !== undefined) await tryToOpen(path);
	await keeper.request('access-log', { path, size: size ?? 0, files });
}

async function tryToOpen(path: string): Promise<void> {
	try {
		const { O_WRONLY, O_CREAT, O_APPEND, O_NONBLOCK } = constants;
		await (await open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, 0o640)).close();
	} catch (error) {
		const { code = 'unknown' } = error as NodeJS.ErrnoException;
		if (PASSING.includes(code)) return;
		throw new LauncherError('access-log', `the access log ${path} cannot be written: ${code} (accessLog.file)`);
	}
}
