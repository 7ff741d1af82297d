import type { Tenant } from '../tenants/tenant.ts';
import { type House, logFile } from './house.ts';
import { lastWords } from './lastwords.ts';
import type { Lodging } from './lodging.ts';
import type { Denial } from './protocol/edge.ts';
import { plainText } from './protocol/plaintext.ts';

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

/** What can be told of the tenant's last instance, which was denied for that reason. */
export async function whyNot(
	{ lodging, house }: { lodging: Lodging; house: House },
	tenant: Tenant,
	reason: Denial,
): Promise<WhyNot> {
	const failure = lodging.facts(tenant).lastFailure;
	const words = failure === undefined ? [] : await lastWords(logFile(house, tenant.id), failure.launched);
	const said = words.length === 0 ? '' : `\nits last words:\n${words.map((line) => `  ${plainText(line)}`).join('\n')}`;
	return {
		why: failure === undefined ? `could not be woken (${reason})` : failure.text,
		more: `see \`innkeeper logs ${tenant.name}\` and \`innkeeper explain ${tenant.name}\`${said}`,
	};
}
