import { chmod } from 'node:fs/promises';
import type { Bench } from '../bench.ts';
import type { About } from '../figure.ts';
import { compile } from '../programs.ts';
import { atRest, REST_MS, type Rest } from './rest.ts';

const MANY = 10_000;
const MOST = 100_000;

/** Tenant files, many and very many: soon ready, and a tenant that sleeps costs no process, no socket, and at most one watch. */
export async function files(bench: Bench): Promise<void> {
	await chmod(bench.folder, 0o755);
	const staticProgram = await compile('static', bench.folder);
	const one = await atRest(bench, 1, staticProgram);
	report(bench, MANY, await atRest(bench, MANY, staticProgram), one, 5000);
	if (!bench.quick) report(bench, MOST, await atRest(bench, MOST, staticProgram), one);
}

/** `readyWithin`: the budget, in ms; undefined where it is only to be known. */
function report(bench: Bench, tenants: number, many: Rest, one: Rest, readyWithin?: number): void {
	const group = `${tenants} tenant files`;
	const about = (measure: string, unit: string, better: About['better'] = 'less'): About => {
		return { bench: 'density', group, subject: 'innkeeper', measure, unit, better };
	};
	bench.report({
		...about('ready after', 'ms'),
		value: many.readyAfter,
		...(readyWithin === undefined ? {} : { budget: { atMost: readyWithin } }),
		note: `with one: ${Math.round(one.readyAfter)} ms`,
	});
	for (const what of ['processes', 'sockets'] as const) {
		const value = many.held[what] - one.held[what];
		bench.report({ ...about(`${what} more than with one`, ''), value, budget: { atMost: 0 } });
	}
	const watches = (many.held.watches - one.held.watches) / (tenants - 1);
	bench.report({ ...about('watches a tenant', ''), value: watches, budget: { atMost: 1 } });
	bench.report({
		...about(`CPU at rest in ${REST_MS} ms`, 'ms'),
		value: many.restCpuMs,
		note: `with one: ${one.restCpuMs} ms`,
	});
	bench.report({
		...about('resident memory', 'MiB'),
		value: many.held.memory,
		note: `all processes; with one: ${one.held.memory}`,
	});
	const memory = ((many.held.memory - one.held.memory) * 1024) / (tenants - 1);
	bench.report({ ...about('memory a tenant', 'KiB'), value: memory });
	bench.report({
		...about('answers of the last', '', 'more'),
		value: many.answer === '200' ? 1 : 0,
		budget: { atLeast: 1 },
		...(many.answer === '200' ? {} : { note: many.answer }),
	});
}
