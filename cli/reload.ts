import { plainLines } from '../launcher/protocol/plaintext.ts';
import type { Context } from './context.ts';
import { ask } from './control.ts';
import type { Call } from './parse.ts';
import { controlPath } from './where.ts';

/** `innkeeper reload`: the server reads its files again; what is wrong is told on stderr, a line each, with exit status 1. */
export async function run(call: Call, context: Context): Promise<number> {
	const told = (text: string): void => context.err.write(`${plainLines(text.trimEnd())}\n`);
	await ask(await controlPath(call, context), { verb: 'reload' }, { progress: told, data: told });
	context.out.write('reloaded\n');
	return 0;
}
