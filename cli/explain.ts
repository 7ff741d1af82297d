import type { TenantExplanation } from '../launcher/protocol/control.ts';
import { plainText } from '../launcher/protocol/plaintext.ts';
import { type Context, printJson } from './context.ts';
import { ask } from './control.ts';
import { span } from './figures.ts';
import type { Call } from './parse.ts';
import { paint, stateColour } from './table.ts';
import { controlPath } from './where.ts';

/** `innkeeper explain TENANT`: why it is awake or asleep, who woke it, what will reap it and when. */
export async function run(call: Call, context: Context): Promise<number> {
	const explanation = (await ask(await controlPath(call, context), {
		verb: 'explain',
		tenant: call.argument,
	})) as TenantExplanation;
	if (call.json) printJson(context, explanation);
	else {
		const { colours } = context.out;
		const { name, id, state, because, lastWords, wokenBy } = explanation;
		context.out.write(
			`${paint(plainText(name), 'bold', colours)} (${id}) is ${paint(plainText(state), stateColour(state), colours)}\n`,
		);
		for (const sentence of because) context.out.write(`  ${plainText(sentence)}\n`);
		if (lastWords.length > 0) context.out.write('  its last words:\n');
		for (const line of lastWords) context.out.write(`    ${plainText(line)}\n`);
		if (wokenBy !== null) context.out.write(`  woken by ${plainText(wokenBy)}\n`);
		context.out.write(`  next: ${plainText(nextStep(explanation, context.now()))}\n`);
	}
	return 0;
}

function nextStep({ next }: TenantExplanation, now: number): string {
	if (next === null) return 'nothing, until somebody knocks';
	const when = next.at === null ? '' : ` in ${span(Math.max(0, Date.parse(next.at) - now))} (${next.at})`;
	const held = next.heldBy === null ? '' : `, held off by ${next.heldBy}`;
	return `${next.rung}${when}${held}`;
}
