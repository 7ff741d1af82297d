import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { House } from '../../tests/system/house.ts';
import type { Bench } from '../bench.ts';
import type { Figure } from '../figure.ts';
import { hostOf, staticTenants } from '../load/tenants.ts';
import { medianOf, overFloor } from '../method/estimates.ts';
import { compile, programFile } from '../programs.ts';
import { Stopwatch } from './stopwatch.ts';
import { type Outcome, paired, takeTurns } from './turns.ts';

const heaps = [10, 100, 500] as const;

/** How a process can start another one; vfork is the floor, and what the keeper's clone3 amounts to. */
const ways = ['vfork', 'posix_spawn', 'fork', 'Node child_process.spawn'] as const;

const MANY_TENANTS = 10_000;

/**
 * What it costs a process to start another one, by the size of its heap; and that a cold start does not know how many tenants there
 * are, for the keeper that forks is small whatever the launcher remembers.
 */
export async function spawning(bench: Bench, staticProgram: string, visitorProgram: string): Promise<void> {
	const spawner = await compile('spawner', bench.folder);
	const program = await compile('exit', bench.folder);
	for (const heap of heaps) await fromHeap(bench, heap, spawner, program);
	if (!bench.quick) await amongTenants(bench, staticProgram, visitorProgram);
}

async function fromHeap(bench: Bench, heap: number, spawner: string, program: string): Promise<void> {
	const spawners = ways.map((way) => new Spawner(way, heap, spawner, program));
	try {
		const rounds = { warmUps: 3, fewest: bench.quick ? 10 : 60, most: bench.quick ? 10 : 60, forMs: 20_000 };
		const turns = spawners.map((one) => ({ name: one.way, measure: () => one.blockedFor() }));
		const outcomes = await takeTurns(turns, { ...rounds, enough: () => false }, () =>
			bench.progress(`spawning from a process of ${heap} MB`),
		);
		const group = `spawning from a process of ${heap} MB`;
		reportOver(bench, group, 'caller kept for', 'vfork', outcomes);
	} finally {
		for (const one of spawners) await one.end();
	}
}

async function amongTenants(bench: Bench, staticProgram: string, visitorProgram: string): Promise<void> {
	const stopwatch = new Stopwatch(visitorProgram, [staticProgram]);
	const houses = new Map<string, House>();
	try {
		for (const count of [1, MANY_TENANTS]) {
			bench.progress(`a house of ${count} tenants`);
			const name = `${count} tenants registered`;
			houses.set(name, await House.start({ open: true, tenants: staticTenants(count, staticProgram) }));
		}
		const turns = [...houses].map(([name, house]) => ({
			name,
			measure: async () => {
				const took = await stopwatch.visit(house.port, hostOf(0));
				await house.control({ verb: 'stop', tenant: 'tenant-0' });
				return took;
			},
		}));
		const limits = { warmUps: 20, fewest: 60, most: 60, forMs: 30_000, enough: () => false };
		const outcomes = await takeTurns(turns, limits, () => bench.progress('cold starts among many tenants'));
		reportOver(bench, 'static C server, among many tenants', 'cold start', '1 tenants registered', outcomes);
		for (const house of houses.values()) await house.stop();
	} finally {
		for (const house of houses.values()) await house.discard();
		await stopwatch.end();
	}
}

function reportOver(
	bench: Bench,
	group: string,
	measure: string,
	floorName: string,
	outcomes: ReadonlyMap<string, Outcome>,
): void {
	const floor = outcomes.get(floorName) ?? { samples: [] };
	for (const [subject, outcome] of outcomes) {
		const about: Omit<Figure, 'value'> = { bench: 'cold', group, subject, measure, unit: 'ms', better: 'less' };
		const { one, other } = paired(outcome, floor);
		if (outcome.failed !== undefined || one.length === 0) {
			bench.report({ ...about, value: undefined, note: outcome.failed ?? 'its floor was not measured' });
		} else {
			bench.report({ ...about, ...medianOf(one), ...(subject === floorName ? {} : overFloor(one, other)) });
		}
	}
}

/** A process with a heap (programs/spawner.c, spawner.mjs) that starts one which ends at once. */
class Spawner {
	readonly way: (typeof ways)[number];
	readonly #process;
	readonly #lines: AsyncIterator<string>;

	constructor(way: (typeof ways)[number], heap: number, spawner: string, program: string) {
		this.way = way;
		const command: [string, string[]] = way.startsWith('Node')
			? [process.execPath, ['--max-old-space-size=2048', programFile('spawner.mjs'), String(heap), program]]
			: [spawner, [way, String(heap), program]];
		this.#process = execa(...command, { buffer: false, reject: false, stderr: 'ignore' });
		this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
	}

	/** For how long one spawn kept the process from all else, in ms. */
	async blockedFor(): Promise<number> {
		this.#process.stdin.write('s');
		const { value, done } = await this.#lines.next();
		const blocked = Number(String(value).split(' ')[0]);
		if (done === true || Number.isNaN(blocked)) throw new Error(`${this.way}: ${value ?? 'ended'}`);
		return blocked / 1000;
	}

	async end(): Promise<void> {
		this.#process.stdin.end();
		await this.#process;
	}
}
