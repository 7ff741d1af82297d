import type { Context } from './context.ts';
import { ask } from './control.ts';
import { span } from './figures.ts';
import type { Call } from './parse.ts';
import { controlPath } from './where.ts';

/** `innkeeper stop TENANT`: resolves once no process of it is left; progress goes to stderr. */
export async function run(call: Call, context: Context): Promise<number> {
	const begun = context.now();
	await ask(
		await controlPath(call, context),
		{ verb: 'stop', tenant: call.argument },
		{ progress: (text) => context.err.write(`${text}\n`) },
	);
	context.out.write(`${call.argument} is stopped, after ${span(context.now() - begun)}\n`);
	return 0;
}
