import { readFile } from 'node:fs/promises';
import { House } from '../../tests/system/house.ts';
import type { Bench } from '../bench.ts';
import { arrive, ask, failures } from '../load/visitor.ts';
import { helloProgram } from '../programs.ts';

const VISITORS = 1000;

/** A thousand simultaneous first visitors to a sleeping Node tenant: one launch answers them all. */
export async function crowd(bench: Bench): Promise<void> {
	const house = await House.start({
		tenants: {
			hello: {
				yaml: { id: 101, name: 'hello', hosts: ['hello.test'], command: ['node', 'hello.mjs'], port: 8080 },
				files: { 'hello.mjs': await readFile(helloProgram, 'utf8') },
			},
		},
	});
	try {
		bench.progress(`${VISITORS} visitors arrive`);
		const sockets = await Promise.all(Array.from({ length: VISITORS }, () => arrive(house.port)));
		bench.progress(`${VISITORS} visitors ask`);
		const began = performance.now();
		const outcomes = await Promise.all(sockets.map((socket) => ask(socket, 'hello.test')));
		const took = performance.now() - began;
		const { wakes } = await house.row('hello');
		const answered = outcomes.filter((outcome) => outcome === '200').length;
		const failed = failures(outcomes);
		const figure = {
			bench: 'churn',
			group: `${VISITORS} simultaneous first visitors`,
			subject: 'innkeeper',
			unit: '',
		} as const;
		bench.report({
			...figure,
			measure: 'answers',
			better: 'more',
			value: answered,
			budget: { atLeast: VISITORS },
			...(failed === undefined ? {} : { note: failed }),
		});
		bench.report({ ...figure, measure: 'launches', better: 'less', value: wakes, budget: { atMost: 1 } });
		bench.report({ ...figure, measure: 'until the last answer', better: 'less', value: took, unit: 'ms' });
		await house.stop();
	} finally {
		await house.discard();
	}
}
