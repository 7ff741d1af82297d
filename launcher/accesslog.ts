import { whyNotAppendable } from '../config/appendable.ts';
import type { Config } from '../config/config.ts';
import { LauncherError } from './errors.ts';
import { KeeperFailure } from './keeper/frames.ts';
import type { Keeper } from './keeper/keeper.ts';

/**
 * Has the access log written to the file of the config, opened anew: who has moved it (logrotate) gets a new one, and
 * nothing is written to the moved one any more once this resolves: with why the new one cannot be opened now (a full disk), which is
 * tried again, or undefined. Rejects with a LauncherError where it cannot be; then it goes on as it was.
 */
export async function openAccessLog(
	keeper: Keeper,
	{ file, format, size, files }: Config['accessLog'],
): Promise<string | undefined> {
	const path = format === 'off' || file === 'stdout' ? undefined : file;
	const why = path === undefined ? undefined : await whyNotAppendable(path);
	const words = (reason: string): string => `the access log ${path} cannot be written: ${reason}`;
	if (why !== undefined) throw new LauncherError('access-log', words(why));
	try {
		await keeper.request('access-log', { path, size: size ?? 0, files });
		return undefined;
	} catch (error) {
		if (!(error instanceof KeeperFailure) || error.what !== 'open') throw error;
		return `${words(error.error)}; it is tried again each second`;
	}
}
