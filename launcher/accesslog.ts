import { whyNotAppendable } from '../config/appendable.ts';
import type { Config } from '../config/config.ts';
import { LauncherError } from './errors.ts';
import type { Keeper } from './keeper/keeper.ts';

/**
 * Has the access log written to the file of the config, opened anew: who has moved it (logrotate) gets a new one. Rejects with a
 * LauncherError where it cannot be; then it goes on as it was.
 */
export async function openAccessLog(keeper: Keeper, { file, format, size, files }: Config['accessLog']): Promise<void> {
	const path = format === 'off' || file === 'stdout' ? undefined : file;
	const why = path === undefined ? undefined : await whyNotAppendable(path);
	if (why !== undefined) throw new LauncherError('access-log', `the access log ${path} cannot be written: ${why}`);
	await keeper.request('access-log', { path, size: size ?? 0, files });
}
