import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import type { Figure } from '../figure.ts';
import { medianOf, overFloor } from '../method/estimates.ts';
import { medianInterval } from '../method/statistics.ts';
import { wakerKinds } from '../peers/wakers/all.ts';
import type { WakerKind } from '../peers/wakers/waker.ts';
import { compile } from '../programs.ts';
import { activations, ColdHouse, canServe, subjectOf } from './innkeeper.ts';
import { floorName, missingOf, type Result, race } from './race.ts';
import { type ColdServer, coldServers } from './server.ts';
import { spawning } from './spawning.ts';
import { type Limits, type Outcome, paired } from './turns.ts';

/** For how long the rounds of a server may go on, in s: whole run and quick one. The slower it starts, the longer a round. */
const patience: Readonly<Record<ColdServer['slug'], readonly [whole: number, quick: number]>> = {
	static: [40, 3],
	node: [60, 5],
	python: [60, 3],
	php: [50, 3],
	express: [80, 4],
};

/** Half the width that the 95 % interval of the median difference has to reach, in ms. */
const NARROW_ENOUGH = 0.25;
/** Wakes that do not count: a front door that matters has woken tenants before, and V8 has compiled what it does then. */
const WARM_UPS = 20;

const adopted = subjectOf('adopt');

/**
 * Cold starts: connect to first byte, of several servers, through Innkeeper by every activation, through its peers, and bare (the
 * floor: exec to first byte with an inherited listening socket, same binary and program). All are timed by one program, in turns.
 */
export async function cold(bench: Bench): Promise<void> {
	await chmod(bench.folder, 0o755);
	const staticProgram = await compile('static', bench.folder);
	const visitorProgram = await compile('visitor', bench.folder);
	const servers = await coldServers(join(bench.folder, 'servers'), staticProgram);
	await inOpenHouse(bench, servers, visitorProgram);
	await inClosedHouse(bench, servers.slice(0, 1), visitorProgram);
	for (const isolation of ['sandbox', 'container', 'vm']) {
		bench.report({ ...about('Node hello server', `innkeeper, ${isolation}`), value: undefined, note: 'not built yet' });
	}
	await spawning(bench, staticProgram, visitorProgram);
}

async function inOpenHouse(bench: Bench, servers: readonly ColdServer[], visitorProgram: string): Promise<void> {
	let house: ColdHouse | undefined;
	let ours: readonly WakerKind[];
	try {
		house = await ColdHouse.start(servers, true);
		ours = activations.map(house.waker, house);
	} catch (error) {
		ours = activations.map((activation) => unable(subjectOf(activation), activation, error));
	}
	try {
		for (const [n, server] of servers.entries()) {
			const missing = await missingOf(server.tools);
			if (missing !== undefined) {
				bench.report({ ...about(server.name, adopted), value: undefined, note: missing });
				continue;
			}
			// The first server's rounds warm the house for all of them.
			const limits = limitsOf(bench, server, n === 0 ? WARM_UPS : 2);
			// Alone with its floor first, as the budgets mean it: peers that are started again in between disturb both.
			const alone = await race(bench, server, ours.slice(0, 1), visitorProgram, limits);
			const { floor, results } = await race(bench, server, [...ours, ...wakerKinds], visitorProgram, limits);
			reportAll(bench, server, floor, results);
			reportDifference(bench, server, alone.floor, alone.results);
		}
	} finally {
		await house?.end();
	}
}

/** A folder that its user may not enter is shown to a tenant in a mount namespace of its own: what does that cost? */
async function inClosedHouse(bench: Bench, servers: readonly ColdServer[], visitorProgram: string): Promise<void> {
	for (const server of servers) {
		const closed = { ...server, name: `${server.name} in a closed folder` };
		const { budget: _, ...unjudged } = closed;
		let house: ColdHouse | undefined;
		try {
			house = await ColdHouse.start([unjudged], false);
			const limits = limitsOf(bench, server, WARM_UPS);
			const { floor, results } = await race(bench, unjudged, [house.waker('adopt')], visitorProgram, limits);
			reportAll(bench, unjudged, floor, results);
			reportDifference(bench, unjudged, floor, results);
		} catch (error) {
			bench.report({ ...about(closed.name, adopted), value: undefined, note: reasonOf(error) });
		} finally {
			await house?.end();
		}
	}
}

function limitsOf({ quick }: Bench, { slug }: ColdServer, warmUps: number): Limits {
	const [whole, short] = patience[slug];
	return {
		warmUps: quick ? Math.ceil(warmUps / 2) : warmUps,
		fewest: quick ? 5 : 20,
		most: quick ? 60 : 400,
		forMs: (quick ? short : whole) * 1000,
		enough: (outcomes) => {
			const [floor, edge] = [outcomes.get(floorName), outcomes.get(adopted)];
			if (floor === undefined || edge === undefined) return false;
			const differences = differencesOf(edge, floor);
			return differences.length > 0 && medianInterval(differences).half <= NARROW_ENOUGH;
		},
	};
}

function reportAll(bench: Bench, server: ColdServer, floor: Outcome, results: readonly Result[]): void {
	bench.report({
		...about(server.name, floorName),
		...medianOf(floor.samples.filter((sample) => sample !== undefined)),
		note: server.inherits
			? 'exec to first byte, with an inherited listening socket'
			: 'exec to first byte; it takes no inherited socket, so its visitor knocks every 0.05 ms',
	});
	for (const result of results) bench.report(figureOf(server.name, result, floor));
	if (!canServe(server, 'listen-fds')) {
		const note = 'it takes no inherited socket';
		bench.report({ ...about(server.name, subjectOf('listen-fds')), value: undefined, note });
	}
}

/** How far above its floor the adopted one is, from the rounds in which the two were measured. */
function reportDifference(bench: Bench, server: ColdServer, floor: Outcome, results: readonly Result[]): void {
	const ours = results.find(({ name }) => name === adopted);
	if (ours === undefined) return;
	const differences = differencesOf(ours.outcome, floor);
	if (differences.length === 0) return;
	const { half } = medianInterval(differences);
	bench.report({
		...about(server.name, adopted),
		measure: 'above its floor',
		...medianOf(differences),
		...(server.budget === undefined ? {} : { budget: { atMost: server.budget } }),
		note: `${differences.length} pairs, the median of their differences${half > NARROW_ENOUGH ? '; interval still wide' : ''}`,
	});
	bench.report({
		...about(server.name, adopted),
		measure: 'very first wake',
		value: ours.first,
		note: 'does not count',
	});
}

/** The cold start of one waker over its floor; without value where nothing was measured. */
function figureOf(group: string, { name, outcome, note }: Result, floor: Outcome): Figure {
	const { one, other } = paired(outcome, floor);
	const notes = [
		...(outcome.failed === undefined ? [] : [outcome.failed]),
		...(note === undefined ? [] : [note]),
		...(outcome.failed === undefined && one.length === 0 ? ['never at rest when its turn came'] : []),
		...(one.length > 0 && one.length < floor.samples.length / 2 ? [`only ${one.length} wakes`] : []),
	];
	return {
		...about(group, name),
		...(one.length === 0 ? { value: undefined } : { ...medianOf(one), ...overFloor(one, other) }),
		...(notes.length === 0 ? {} : { note: notes.join('; ') }),
	};
}

function differencesOf(edge: Outcome, floor: Outcome): number[] {
	const { one, other } = paired(edge, floor);
	return one.map((sample, n) => sample - (other[n] ?? Number.NaN));
}

/** Stands for a waker of a house that does not start, and says so. */
function unable(name: string, activation: (typeof activations)[number], error: unknown): WakerKind {
	return {
		name,
		tools: [],
		serves: (server) => canServe(server, activation),
		start: () => Promise.reject(error),
	};
}

function reasonOf(error: unknown): string {
	return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

function about(group: string, subject: string): Omit<Figure, 'value'> {
	return { bench: 'cold', group, subject, measure: 'cold start', unit: 'ms', better: 'less' };
}
