import type { Owner } from '../launcher/protocol/control.ts';
import { plainText } from '../launcher/protocol/plaintext.ts';
import { type Context, printJson } from './context.ts';
import { ask } from './control.ts';
import { usageFailure } from './failure.ts';
import type { Call } from './parse.ts';
import { controlPath } from './where.ts';

/** The largest pid that Linux gives on 64 bits (proc_sys_kernel(5), pid_max). */
const LAST_PID = 2 ** 22;

/** `innkeeper whois PID`: the tenant that a process belongs to. */
export async function run(call: Call, context: Context): Promise<number> {
	const pid = Number(call.argument);
	if (!/^\d+$/.test(call.argument) || pid < 1 || pid > LAST_PID)
		throw usageFailure(`${call.argument} is no process id`, 'whois');
	const owner = (await ask(await controlPath(call, context), { verb: 'whois', pid })) as Owner;
	if (call.json) printJson(context, { pid: owner.pid, id: owner.id, name: owner.name, bestEffort: owner.bestEffort });
	else
		context.out.write(
			`${plainText(owner.name)} (${owner.id})${owner.bestEffort ? ', best effort: by the process tree alone' : ''}\n`,
		);
	return 0;
}
