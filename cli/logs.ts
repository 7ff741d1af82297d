import { plainLines } from '../launcher/protocol/plaintext.ts';
import type { Context } from './context.ts';
import { ask } from './control.ts';
import type { Call } from './parse.ts';
import { controlPath } from './where.ts';

/** `innkeeper logs TENANT`: the last lines of its log, as they are to a pipe or file, escaped to a terminal; with --follow also what comes, until it is interrupted. */
export async function run(call: Call, context: Context): Promise<number> {
	const { argument: tenant, lines, follow } = call;
	await ask(
		await controlPath(call, context),
		{ verb: 'logs', tenant, lines, follow },
		{ data: (text) => context.out.write(context.out.terminal ? plainLines(text) : text) },
	);
	return 0;
}
