import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { ColdHouse } from '../cold/innkeeper.ts';
import { type ColdServer, coldServers } from '../cold/server.ts';
import { Stopwatch } from '../cold/stopwatch.ts';
import { type Outcome, paired, takeTurns } from '../cold/turns.ts';
import type { Figure } from '../figure.ts';
import { medianOf, overFloor } from '../method/estimates.ts';
import { compile } from '../programs.ts';

const crowds = [1, 10, 100] as const;
const alone = visitors(1);

/** Rungs of the ladder that a tenant cannot be woken from yet: their rows keep their place. */
const unbuilt = ['frozen', 'reclaimed', 'checkpointed'] as const;

/** Wakes that are not one visitor's cold start: many who join it, an operator's, and those from the rungs above `stopped`. */
export async function wake(bench: Bench): Promise<void> {
	await chmod(bench.folder, 0o755);
	const staticProgram = await compile('static', bench.folder);
	const visitorProgram = await compile('visitor', bench.folder);
	const servers = (await coldServers(join(bench.folder, 'wake'), staticProgram)).filter(
		({ tools }) => tools.length === 0,
	);
	const house = await ColdHouse.start(servers, true);
	try {
		for (const server of servers) await together(bench, house, server, visitorProgram);
	} finally {
		await house.end();
	}
	for (const rung of unbuilt) {
		const about = aboutWake('wakes by the rung they start from', `innkeeper, ${rung}`, 'wake');
		bench.report({ ...about, value: undefined, note: 'not built yet' });
	}
}

/** One start, waited for by one visitor, by many, or by an operator, in turns. */
async function together(bench: Bench, house: ColdHouse, server: ColdServer, visitorProgram: string): Promise<void> {
	const waker = await house.waker('adopt').start(server, bench.folder);
	const tenant = `${server.slug}-adopt`;
	const stopwatch = new Stopwatch(visitorProgram, server.command(0));
	try {
		const turns = crowds.map((count) => ({
			name: visitors(count),
			measure: async () => {
				const took = await stopwatch.crowd(waker.port, waker.host, count);
				await waker.rest();
				return took;
			},
		}));
		const operator = {
			name: 'innkeeper wake',
			measure: async () => {
				const began = performance.now();
				await house.house.control({ verb: 'wake', tenant });
				const took = performance.now() - began;
				await waker.rest();
				return took;
			},
		};
		const rounds = bench.quick ? 10 : 60;
		const limits = { warmUps: bench.quick ? 5 : 20, fewest: rounds, most: rounds, forMs: 60_000, enough: () => false };
		const outcomes = await takeTurns([...turns, operator], limits, (round) =>
			bench.progress(`${server.name}: wake ${round} of ${rounds} of each kind`),
		);
		report(bench, `one start of the ${server.name}`, outcomes);
	} finally {
		await stopwatch.end();
	}
}

function report(bench: Bench, group: string, outcomes: ReadonlyMap<string, Outcome>): void {
	const floor = outcomes.get(alone) ?? { samples: [] };
	for (const [subject, outcome] of outcomes) {
		const about = aboutWake(group, subject, 'until all are answered');
		const { one, other } = paired(outcome, floor);
		if (outcome.failed !== undefined || one.length === 0) {
			bench.report({ ...about, value: undefined, note: outcome.failed ?? 'one visitor alone was not measured' });
		} else {
			bench.report({ ...about, ...medianOf(one), ...(subject === alone ? {} : overFloor(one, other)) });
		}
	}
}

function aboutWake(group: string, subject: string, measure: string): Omit<Figure, 'value'> {
	return { bench: 'wake', group, subject, measure, unit: 'ms', better: 'less' };
}

function visitors(count: number): string {
	return count === 1 ? 'a visitor alone' : `${count} visitors at once`;
}
