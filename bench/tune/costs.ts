import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { House, type TenantFiles } from '../../tests/system/house.ts';
import type { Bench } from '../bench.ts';
import { look } from '../load/visitor.ts';
import { pssOfAll } from '../method/pss.ts';
import { median } from '../method/statistics.ts';
import { compile, helloProgram } from '../programs.ts';
import type { Ladder } from './ladder.ts';

/** A kind of tenant whose wakes and memory are measured. */
export type Kind = 'static C' | 'Node hello' | 'Python http.server';

/** Tenants of each kind that are awake together, so that Pss tells what one more takes of memory that they share. */
const EACH = 4;
const WARM_UPS = 5;

/** A kind that was measured, or why it could not be. */
export type Measured = { readonly ladder: Ladder } | { readonly tenant: Kind; readonly missing: string };

/**
 * What tenants of these kinds cost here and now, through a real Innkeeper: the added time of `wakes` cold starts, one at a time, and
 * the memory (Pss) of a ready one. Rungs between ready and stopped are not built yet; each joins by a row in `rungs`.
 */
export async function measureCosts(bench: Bench, kinds: readonly Kind[], wakes: number): Promise<Measured[]> {
	const missing = new Map(kinds.map((kind) => [kind, whatIsMissing(kind)]));
	const there = kinds.filter((kind) => missing.get(kind) === undefined);
	const house = await House.start({ config: { debugHeaders: true }, tenants: await tenantsOf(there, bench.folder) });
	try {
		const ladders = new Map<Kind, Ladder>();
		for (const kind of there) {
			bench.progress(`what a ${kind} tenant costs`);
			ladders.set(kind, await measure(house, kind, wakes));
		}
		await house.stop();
		return kinds.map((kind) => {
			const ladder = ladders.get(kind);
			return ladder === undefined ? { tenant: kind, missing: missing.get(kind) ?? '' } : { ladder };
		});
	} finally {
		await house.discard();
	}
}

async function measure(house: House, kind: Kind, wakes: number): Promise<Ladder> {
	const cold: number[] = [];
	for (let wake = -WARM_UPS; wake < wakes; wake++) {
		await house.control({ verb: 'stop', tenant: nameOf(kind, wake) });
		const ms = await looked(house, kind, wake, 'start');
		if (wake >= 0) cold.push(ms);
	}
	for (let n = 0; n < EACH; n++) await house.control({ verb: 'wake', tenant: nameOf(kind, n) });
	const warm: number[] = [];
	for (let visit = 0; visit < wakes; visit++) warm.push(await looked(house, kind, visit, 'none'));
	const rows = await Promise.all(Array.from({ length: EACH }, (_, n) => house.row(nameOf(kind, n))));
	const memory = pssOfAll(rows.flatMap(({ pids }) => pids)) / EACH;
	const usual = median(warm);
	const [first = 0, ...others] = cold.map((ms) => Math.max(0, ms - usual));
	return { tenant: kind, memory, rungs: { stopped: { memoryShare: 0, wakes: [first, ...others] } } };
}

/** How long the answer took, in ms. Rejects where the tenant was not found as expected. */
async function looked(house: House, kind: Kind, n: number, expected: 'start' | 'none'): Promise<number> {
	const { outcome, wake, ms } = await look(house.port, `${nameOf(kind, n)}.test`);
	if (outcome !== '200' || wake !== expected)
		throw new Error(`${kind}: ${outcome}, wake ${wake} where ${expected} was due\n${house.output}`);
	return ms;
}

function nameOf(kind: Kind, n: number): string {
	const [word = ''] = kind.split(' ');
	return `${word.toLowerCase()}-${Math.abs(n) % EACH}`;
}

async function tenantsOf(kinds: readonly Kind[], folder: string): Promise<Record<string, TenantFiles>> {
	const programs: Record<Kind, { command: readonly string[]; files: TenantFiles['files'] }> = {
		'static C': { command: ['./static'], files: { static: { link: await compile('static', folder) } } },
		'Node hello': { command: ['node', 'hello.mjs'], files: { 'hello.mjs': await readFile(helloProgram, 'utf8') } },
		'Python http.server': {
			command: ['python3', '-m', 'http.server', '8080'],
			files: { 'index.html': 'hello\n' },
		},
	};
	const tenants = kinds.flatMap((kind, place) =>
		Array.from({ length: EACH }, (_, n) => {
			const name = nameOf(kind, n);
			const { command, files } = programs[kind];
			const id = 100 + place * EACH + n;
			// Nothing but our own word puts it to sleep.
			const yaml = { id, name, hosts: [`${name}.test`], command, port: 8080, idle: { stop: 'off' } };
			return [name, { yaml, ...(files === undefined ? {} : { files }) }] as const;
		}),
	);
	return Object.fromEntries(tenants);
}

/** Where tenants find their commands: a Python elsewhere in the caller's PATH is of no use to them. */
const PATH = ['/usr/local/bin', '/usr/bin', '/bin'];

function whatIsMissing(kind: Kind): string | undefined {
	if (kind !== 'Python http.server' || PATH.some((folder) => existsSync(`${folder}/python3`))) return undefined;
	return `no python3 in ${PATH.join(':')}: apt-get install python3-minimal`;
}
