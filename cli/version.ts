import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from './context.ts';
import type { Call } from './parse.ts';

/** `innkeeper version`: that of the package. */
export async function run(_: Call, context: Context): Promise<number> {
	const { version } = JSON.parse(readFileSync(join(context.packageFolder, 'package.json'), 'utf8')) as {
		version: string;
	};
	context.out.write(`${version}\n`);
	return 0;
}
