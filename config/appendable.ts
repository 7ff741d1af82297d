import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { systemErrorName } from './systemerror.ts';

/** What may pass by itself: a full disk, a pipe that nobody reads yet. */
const PASSING = ['ENOSPC', 'EDQUOT', 'EIO', 'ENXIO'];

/** Why a log cannot be written to that path, as errno(3) names it; undefined where it can be, or may be soon. A missing file is made. */
export async function whyNotAppendable(path: string): Promise<string | undefined> {
	const { O_WRONLY, O_CREAT, O_APPEND, O_NONBLOCK } = constants;
	try {
		await (await open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, 0o640)).close();
		return undefined;
	} catch (error) {
		const name = systemErrorName(error as Error);
		return PASSING.includes(name) ? undefined : name;
	}
}
