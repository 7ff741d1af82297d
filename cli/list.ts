import { plainText } from '../launcher/protocol/plaintext.ts';
import type { Context } from './context.ts';
import { ask } from './control.ts';
import type { Call } from './parse.ts';
import { controlPath } from './where.ts';

/** So many names are written in one go. */
const AT_ONCE = 1000;

/** `innkeeper list`: the names of all tenants, or of those that are meant, one a line. */
export async function run(call: Call, context: Context): Promise<number> {
	let names: string[] = [];
	const print = (): void => {
		if (names.length > 0) context.out.write(`${names.join('\n')}\n`);
		names = [];
	};
	await ask(
		await controlPath(call, context),
		{ verb: 'list', ...(call.names.length > 0 && { names: call.names }) },
		{
			row: (name) => {
				names.push(plainText(String(name)));
				if (names.length >= AT_ONCE) print();
			},
		},
	);
	print();
	return 0;
}
