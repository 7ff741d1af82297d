import type { Context } from './context.ts';
import { ask } from './control.ts';
import { span } from './figures.ts';
import type { Call } from './parse.ts';
import { controlPath } from './where.ts';

/** `innkeeper restart TENANT`: resolves once an instance of its file as it is now is ready; progress goes to stderr. */
export async function run(call: Call, context: Context): Promise<number> {
	const begun = context.now();
	await ask(
		await controlPath(call, context),
		{ verb: 'restart', tenant: call.argument, ...(call.rollback ? { rollback: true } : {}) },
		{ progress: (text) => context.err.write(`${text}\n`) },
	);
	context.out.write(`${call.argument} is restarted, after ${span(context.now() - begun)}\n`);
	return 0;
}
