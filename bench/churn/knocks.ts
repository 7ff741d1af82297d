import { House } from '../../tests/system/house.ts';
import type { Bench } from '../bench.ts';
import { hostOf, staticTenants } from '../load/tenants.ts';
import { arrive, ask, failures } from '../load/visitor.ts';
import { compile } from '../programs.ts';

const TENANTS = 200;

/** Two hundred sleeping tenants knocked at once: all are answered, although but a few may start at the same time. */
export async function knocks(bench: Bench): Promise<void> {
	const staticProgram = await compile('static', bench.folder);
	const house = await House.start({ tenants: staticTenants(TENANTS, staticProgram) });
	try {
		const sockets = await Promise.all(Array.from({ length: TENANTS }, () => arrive(house.port)));
		bench.progress(`${TENANTS} tenants are knocked at`);
		const began = performance.now();
		const outcomes = await Promise.all(sockets.map((socket, n) => ask(socket, hostOf(n))));
		const took = performance.now() - began;
		const rows = await house.ps();
		const failed = failures(outcomes);
		const figure = {
			bench: 'churn',
			group: `${TENANTS} tenants knocked at once`,
			subject: 'innkeeper',
			unit: '',
		} as const;
		bench.report({
			...figure,
			measure: 'answers',
			better: 'more',
			value: outcomes.filter((outcome) => outcome === '200').length,
			budget: { atLeast: TENANTS },
			...(failed === undefined ? {} : { note: failed }),
		});
		const launches = rows.reduce((sum, row) => sum + row.wakes, 0);
		bench.report({ ...figure, measure: 'launches', better: 'less', value: launches, budget: { atMost: TENANTS } });
		bench.report({ ...figure, measure: 'until the last answer', better: 'less', value: took, unit: 'ms' });
		await house.stop();
	} finally {
		await house.discard();
	}
}
