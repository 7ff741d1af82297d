import { formatDuration } from '../config/units.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { failureHint } from './hint.ts';
import { type House, logFile } from './house.ts';
import { lastWords } from './lastwords.ts';
import type { Lodging } from './lodging.ts';
import type { Denial } from './protocol/edge.ts';
import { plainText } from './protocol/plaintext.ts';

interface Premises {
	readonly lodging: Lodging;
	readonly house: House;
}

/** Why an instance did not get ready. */
export interface WhyNot {
	/** In words that go on from "it". */
	readonly why: string;
	/** Where to look, and its last words, as further lines. */
	readonly more: string;
}

/** What is to be said of a tenant whose file says `keep: down`. */
export function keptDown({ name, file }: Tenant): string {
	return `${name} is kept down: its file says so (keep: down, ${file})`;
}

/** How the tenant's last instance failed, with what most likely mends it, and the last that it wrote; undefined where none did. */
export async function lastFailure(
	{ lodging, house }: Premises,
	tenant: Tenant,
): Promise<{ readonly text: string; readonly words: readonly string[] } | undefined> {
	const failure = lodging.facts(tenant).lastFailure;
	if (failure === undefined) return undefined;
	const words = await lastWords(logFile(house, tenant.id), failure.launched);
	const hint = failureHint(tenant, house, words);
	return { text: hint === undefined ? failure.text : `${failure.text}: ${hint}`, words };
}

/** What can be told of the tenant's last instance, which was denied for that reason. */
export async function whyNot(premises: Premises, tenant: Tenant, reason: Denial): Promise<WhyNot> {
	// Who found no place was not started at all: what was before is no answer.
	const failure = reason === 'busy' ? undefined : await lastFailure(premises, tenant);
	const { text = unstarted(tenant, reason), words = [] } = failure ?? {};
	const said = words.length === 0 ? '' : `\nits last words:\n${words.map((line) => `  ${plainText(line)}`).join('\n')}`;
	return { why: text, more: `see \`innkeeper logs ${tenant.name}\` and \`innkeeper explain ${tenant.name}\`${said}` };
}

function unstarted({ start }: Tenant, reason: Denial): string {
	switch (reason) {
		case 'busy':
			return 'found no place to run: as many run, or wait for their turn, as `starts` and `sizes.queue` of the config allow';
		case 'timeout':
			return `did not get its turn to be started within ${formatDuration(start.timeout)}`;
		case 'failed':
			return 'was stopped before it was ready';
		case 'unknown':
			return 'is no tenant any more';
		default:
			return reason satisfies never;
	}
}
