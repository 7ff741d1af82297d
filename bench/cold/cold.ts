import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { House } from '../../tests/system/house.ts';
import type { Bench } from '../bench.ts';
import { medianOf, overFloor } from '../method/estimates.ts';
import { median, medianInterval } from '../method/statistics.ts';
import { compile, helloProgram } from '../programs.ts';
import { Stopwatch } from './stopwatch.ts';

interface Kind {
	readonly name: string;
	readonly tenant: string;
	/** Absolute: the floor runs the very same. */
	readonly command: readonly [string, ...string[]];
	/** How far above its floor the front door may be, in ms; undefined where that is only to be known. */
	readonly budget?: number;
}

/** Half the width that the 95 % interval of the median difference has to reach, in ms. */
const NARROW_ENOUGH = 1;
const FEWEST_PAIRS = 60;
const PAIRS_A_LOOK = 10;
/** Pairs that do not count: a front door that matters has woken tenants before, and V8 has compiled what it does then. */
const WARM_UPS = 20;

/**
 * Cold start through the edge of an adopting tenant, above its bare floor (exec to first byte with an inherited listening socket,
 * same binary and program). Both are timed by one program, in pairs whose order alternates.
 */
export async function cold(bench: Bench): Promise<void> {
	const staticProgram = await compile('static', bench.folder);
	const visitorProgram = await compile('visitor', bench.folder);
	const hello = join(bench.folder, 'hello.mjs');
	await copyFile(helloProgram, hello);
	const kinds: readonly Kind[] = [
		{ name: 'Node hello server', tenant: 'hello', command: [process.execPath, hello], budget: 2.5 },
		{ name: 'static C server', tenant: 'static', command: [staticProgram], budget: 1.5 },
	];
	await inHouse(true, kinds, bench, visitorProgram, staticProgram);
	// A folder that the tenant's user may not enter is shown to it in a mount namespace of its own: what does that cost?
	const veiled: Kind = { name: 'static C server in a closed folder', tenant: 'static', command: [staticProgram] };
	await inHouse(false, [veiled], bench, visitorProgram, staticProgram);
}

async function inHouse(
	open: boolean,
	kinds: readonly Kind[],
	bench: Bench,
	visitorProgram: string,
	staticProgram: string,
): Promise<void> {
	const house = await House.start({
		open,
		tenants: {
			hello: {
				yaml: { id: 101, name: 'hello', hosts: ['hello.test'], command: ['node', 'hello.mjs'], port: 8080 },
				files: { 'hello.mjs': await readFile(helloProgram, 'utf8') },
			},
			static: {
				yaml: { id: 102, name: 'static', hosts: ['static.test'], command: ['./static'], port: 8080 },
				files: { static: { link: staticProgram } },
			},
		},
	});
	try {
		for (const kind of kinds) {
			const visitor = new Stopwatch(visitorProgram, house.port, `${kind.tenant}.test`, kind.command);
			try {
				await measure(bench, house, visitor, kind);
			} finally {
				await visitor.end();
			}
		}
		await house.stop();
	} finally {
		await house.discard();
	}
}

async function measure(bench: Bench, house: House, visitor: Stopwatch, kind: Kind): Promise<void> {
	const most = bench.quick ? 150 : 400;
	const edge: number[] = [];
	const floor: number[] = [];
	const differences: number[] = [];
	let first: number | undefined;
	for (let pair = -WARM_UPS; pair < most; pair++) {
		const [throughEdge, bare] = await measurePair(house, visitor, kind.tenant, pair % 2 === 0);
		first ??= throughEdge;
		if (pair < 0) continue;
		edge.push(throughEdge);
		floor.push(bare);
		differences.push(throughEdge - bare);
		if (pair % PAIRS_A_LOOK !== 0) continue;
		bench.progress(
			`${kind.name}: pair ${pair} of at most ${most}, ${median(differences).toFixed(2)} ms above the floor`,
		);
		if (differences.length >= FEWEST_PAIRS && medianInterval(differences).half <= NARROW_ENOUGH) break;
	}
	const { half } = medianInterval(differences);
	const figure = { bench: 'cold', group: kind.name, measure: 'cold start', unit: 'ms', better: 'less' } as const;
	bench.report({ ...figure, subject: 'floor', ...medianOf(floor) });
	bench.report({ ...figure, subject: 'innkeeper', ...medianOf(edge), ...overFloor(edge, floor) });
	bench.report({
		...figure,
		subject: 'innkeeper',
		measure: 'above its floor',
		...medianOf(differences),
		...(kind.budget === undefined ? {} : { budget: { atMost: kind.budget } }),
		note: `${differences.length} pairs${half > NARROW_ENOUGH ? ', interval still too wide' : ''}`,
	});
	bench.report({ ...figure, subject: 'innkeeper', measure: 'very first wake', value: first, note: 'does not count' });
}

/** Both times in ms: through the edge, bare. */
async function measurePair(
	house: House,
	visitor: Stopwatch,
	tenant: string,
	edgeFirst: boolean,
): Promise<[number, number]> {
	const before = edgeFirst ? undefined : await visitor.floor();
	const throughEdge = await visitor.edge();
	await house.control({ verb: 'stop', tenant });
	const bare = before ?? (await visitor.floor());
	return [throughEdge, bare];
}
