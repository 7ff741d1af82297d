import { setTimeout as delay } from 'node:timers/promises';
import { House } from '../../tests/system/house.ts';
import type { Bench } from '../bench.ts';
import { hostOf, staticTenants } from '../load/tenants.ts';
import { failures, visit } from '../load/visitor.ts';
import { seededRandom } from '../method/statistics.ts';
import { compile } from '../programs.ts';

const TENANTS = 20;
const REQUESTS = 1000;
const STOPS = 5000;
const SHORTEST_PAUSE_MS = 30;
const LONGEST_PAUSE_MS = 70;

/** Visitors who come just as their tenant is being put to sleep: thousands of stops, and timing alone never makes an error. */
export async function races(bench: Bench): Promise<void> {
	const requests = bench.quick ? REQUESTS / 10 : REQUESTS;
	const staticProgram = await compile('static', bench.folder);
	const house = await House.start({
		// A lease that lingers longer than the pauses would leave nothing to race for.
		config: { timeouts: { linger: '5ms' } },
		tenants: staticTenants(TENANTS, staticProgram, { idle: { stop: '50ms' } }),
	});
	try {
		const outcomes: string[] = [];
		const visitor = async (n: number): Promise<void> => {
			const random = seededRandom(n + 1);
			for (let request = 0; request < requests; request++) {
				outcomes.push(await visit(house.port, hostOf(n)));
				if (n === 0 && request % 20 === 0)
					bench.progress(`request ${request} of ${requests} to each of ${TENANTS} tenants`);
				await delay(SHORTEST_PAUSE_MS + random() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS));
			}
		};
		await Promise.all(Array.from({ length: TENANTS }, (_, n) => visitor(n)));
		const failed = failures(outcomes);
		const figure = { bench: 'churn', group: 'races with the reaper', subject: 'innkeeper', unit: '' } as const;
		bench.report({
			...figure,
			measure: 'answers',
			better: 'more',
			value: outcomes.filter((outcome) => outcome === '200').length,
			budget: { atLeast: TENANTS * requests },
			...(failed === undefined ? {} : { note: failed }),
		});
		// Every wake but a tenant's first one follows a stop.
		const stops = (await house.ps()).reduce((sum, row) => sum + row.wakes - 1, 0);
		bench.report({
			...figure,
			measure: 'stops meanwhile',
			better: 'neither',
			value: stops,
			budget: { atLeast: (STOPS * requests) / REQUESTS },
		});
		await house.stop();
	} finally {
		await house.discard();
	}
}
