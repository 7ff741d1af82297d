import type { TenantStatus } from '../launcher/protocol/control.ts';
import { plainText } from '../launcher/protocol/plaintext.ts';
import { type Context, printJson } from './context.ts';
import { ask } from './control.ts';
import { bytes, span } from './figures.ts';
import type { Call } from './parse.ts';
import { paint, renderTable, stateColour } from './table.ts';
import { controlPath } from './where.ts';

/** `innkeeper status TENANT`: all that is known of a tenant, a line each; what is not known has no line. */
export async function run(call: Call, context: Context): Promise<number> {
	const status = (await ask(await controlPath(call, context), {
		verb: 'status',
		tenant: call.argument,
	})) as TenantStatus;
	if (call.json) printJson(context, status);
	else {
		const { colours } = context.out;
		context.out.write(
			`${paint(plainText(status.name), 'bold', colours)} is ${paint(plainText(status.state), stateColour(status.state), colours)}\n`,
		);
		context.out.write(
			renderTable(
				factsOf(status, context.now()).map(([name, text]) => [{ text: `  ${name}`, colour: 'dim' }, { text }]),
				colours,
			),
		);
	}
	return 0;
}

function factsOf(status: TenantStatus, now: number): [name: string, text: string][] {
	const ago = (time: string): string => `${span(Math.max(0, now - Date.parse(time)))} ago`;
	const facts: [string, string | null][] = [
		['id', String(status.id)],
		['file', status.file],
		['hosts', status.hosts.join(' ') || null],
		['addresses', status.addresses.join(' ') || null],
		...status.unreachable.map(({ address, why, retryAt }): [string, string] => [
			'not reachable',
			`at ${address}: ${why}; tried again at ${retryAt}`,
		]),
		['in the hall', status.address],
		['keep', status.keep],
		['activation', status.activation],
		['since', `${status.since} (${ago(status.since)})`],
		['wakes', String(status.wakes)],
		[
			'last wake',
			status.lastWake && `${status.lastWake.at} by ${status.lastWake.by}, took ${span(status.lastWake.ms)}`,
		],
		['last exit', status.lastExit],
		['last failure', status.lastFailure],
		['instance', status.instance === null ? null : String(status.instance)],
		['pids', status.pids.join(' ') || null],
		['memory', status.memory === 0 ? null : bytes(status.memory)],
		['cpu', status.pids.length === 0 ? null : span(status.cpuMs)],
		['leases', String(status.leases)],
		['connections', String(status.connections)],
		['open to others', status.openTo.others.join(', ') || null],
		['open to itself', status.openTo.itself.join(', ') || null],
		['it says', status.says],
		['log lost', status.logLost === 0 ? null : bytes(status.logLost)],
	];
	return facts.filter((fact): fact is [string, string] => fact[1] !== null);
}
