import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Rejects with an Error for people where the file could not be written: no such folder, no right, or a folder itself. */
export async function checkWritable(file: string): Promise<void> {
	const there = await stat(file).catch(() => undefined);
	if (there?.isDirectory()) throw new Error(`${file} is a folder, not a file to write to`);
	const needed = there === undefined ? dirname(resolve(file)) : file;
	await access(needed, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
		throw new Error(
			`${file} cannot be written: ${error.code === 'ENOENT' ? `there is no folder ${needed}` : error.message}`,
		);
	});
}
