import { constants } from 'node:os';
import { formatDuration } from '../config/units.ts';
import { servesHttp, type Tenant } from '../tenants/tenant.ts';
import type { Failure } from './announcement.ts';

/** How an instance failed. */
export interface FailedEnd {
	/** In words that go on from "it". */
	readonly text: string;
	/** When it was launched, as the clock's now: what it wrote to its log since then are its last words. */
	readonly launched: number;
}

/** What is known of an instance that failed, as Instance has it. */
interface Ended {
	readonly tenant: Tenant;
	readonly failure: Failure;
	readonly exit: string | undefined;
	readonly ready: number | undefined;
	readonly elsewhere: { readonly listens: number | undefined; readonly privileged: number | undefined };
}

/** Why an instance failed, as far as can be told, and what to do about it: "was not ready within 30s: …". */
export function failureText(ended: Ended): string {
	const { tenant, failure, exit = 'no exit status' } = ended;
	switch (failure) {
		case 'timeout':
			return `was not ready within ${formatDuration(tenant.start.timeout)}: ${lateCause(ended)}`;
		case 'launch':
			return `could not be launched: ${exit}`;
		case 'exit':
			return `${exitText(exit)}${ended.ready === undefined ? ' before it was ready' : ''}${privilege(ended)}`;
		default:
			return failure satisfies never;
	}
}

function lateCause({ tenant, elsewhere }: Ended): string {
	const { readiness, port } = tenant;
	if (elsewhere.listens !== undefined && servesHttp(tenant)) {
		const { listens } = elsewhere;
		return `it listens on ${listens}, not on ${port}: let it listen on its PORT, or say \`port: ${listens}\` in its file`;
	}
	if (readiness === 'notify') return 'it never sent READY=1 to its NOTIFY_SOCKET';
	if (typeof readiness === 'object')
		return `it was asked as its readiness says (${Object.keys(readiness)[0]}), and never answered well`;
	if (tenant.activation === 'listen-fds') return 'it did not come so far';
	return servesHttp(tenant) ? `it does not listen on ${port}, its PORT` : 'it does not listen on its addresses';
}

function privilege({ tenant, elsewhere, ready }: Ended): string {
	const { privileged } = elsewhere;
	if (privileged === undefined || ready !== undefined) return '';
	const instead = servesHttp(tenant)
		? `let it bind its PORT (${tenant.port}), or say \`port: ${privileged}\` in its file: it is then given that one`
		: 'name it among its `addresses`: it is then given that one';
	return `; it wanted port ${privileged}, which needs root: ${instead}`;
}

/** `exit:N` and `signal:N`, as people say it. */
function exitText(exit: string): string {
	const [kind, number] = exit.split(':');
	if (kind === 'exit') return `ended with status ${number}`;
	if (kind !== 'signal') return `ended (${exit})`;
	const name = Object.entries(constants.signals).find(([, value]) => value === Number(number))?.[0];
	return `was ended by ${name ?? `signal ${number}`}`;
}
