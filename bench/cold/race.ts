import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../tests/system/freeport.ts';
import type { Bench } from '../bench.ts';
import { missingNote, type Tool } from '../peers/tool.ts';
import { checkAnswer } from '../peers/wakers/answer.ts';
import type { Waker, WakerKind } from '../peers/wakers/waker.ts';
import type { ColdServer } from './server.ts';
import { Stopwatch } from './stopwatch.ts';
import { type Limits, type Outcome, type Turn, takeTurns } from './turns.ts';

/** What was found out about one waker, measured or not. */
export interface Result {
	readonly name: string;
	readonly outcome: Outcome;
	readonly note?: string;
	/** Of its very first wake, in ms. */
	readonly first?: number;
}

/** The name of the floor among the outcomes. */
export const floorName = 'floor';

const FIRST_REST_WITHIN_MS = 15_000;

/**
 * Measures the cold starts of one server behind each of the wakers, and its bare floor, in turns. Who is missing, does not start or
 * does not give the answer is a result that says so. Rejects only where the floor itself cannot be measured.
 */
export async function race(
	bench: Bench,
	server: ColdServer,
	kinds: readonly WakerKind[],
	visitorProgram: string,
	limits: Limits,
): Promise<{ readonly floor: Outcome; readonly results: readonly Result[] }> {
	const port = await freePort();
	const stopwatch = new Stopwatch(visitorProgram, server.command(port));
	const results = new Map<string, Omit<Result, 'outcome'>>();
	const unable = new Map<string, string>();
	const running: { readonly kind: WakerKind; readonly waker: Waker }[] = [];
	try {
		for (const kind of kinds.filter((one) => one.serves(server))) {
			bench.progress(`${server.name}: ${kind.name} is started`);
			try {
				const waker = await start(kind, server, bench.folder);
				running.push({ kind, waker });
				const first = await greet(waker, stopwatch);
				results.set(kind.name, { name: kind.name, first, ...(waker.note === undefined ? {} : { note: waker.note }) });
			} catch (error) {
				unable.set(kind.name, error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
			}
		}
		const able = running.filter(({ kind }) => !unable.has(kind.name));
		const turns: Turn[] = able.map(({ kind, waker }) => ({
			name: kind.name,
			measure: () => wake(waker, stopwatch),
		}));
		const floor: Turn = {
			name: floorName,
			measure: () => (server.inherits ? stopwatch.inherited() : stopwatch.bound(port)),
		};
		const outcomes = await takeTurns([floor, ...turns], limits, (round) =>
			bench.progress(`${server.name}: round ${round} of at most ${limits.most}, ${turns.length + 1} in turns`),
		);
		const outcomeOf = (name: string): Outcome => outcomes.get(name) ?? { samples: [], failed: unable.get(name) ?? '' };
		const bare = outcomeOf(floorName);
		if (bare.failed !== undefined) throw new Error(`${server.name}, bare: ${bare.failed}`);
		return {
			floor: bare,
			results: kinds
				.filter((one) => one.serves(server))
				.map(({ name }) => ({ ...results.get(name), name, outcome: outcomeOf(name) })),
		};
	} finally {
		for (const { waker } of running.reverse()) await waker.end();
		await stopwatch.end();
	}
}

/** Undefined where the server still runs of the visit before. */
async function wake(waker: Waker, stopwatch: Stopwatch): Promise<number | undefined> {
	if (!waker.isAsleep()) return undefined;
	const took = await stopwatch.visit(waker.port, waker.host);
	await waker.rest();
	return took;
}

/** Its very first wake, in ms; and its answer is checked, before anything that counts is measured. */
async function greet(waker: Waker, stopwatch: Stopwatch): Promise<number> {
	const first = await stopwatch.visit(waker.port, waker.host);
	await waker.rest();
	await checkAnswer(waker.port, waker.host);
	await waker.rest();
	// Who goes to rest at once is at rest now, and who never does is found out here.
	const until = performance.now() + FIRST_REST_WITHIN_MS;
	while (!waker.isAsleep()) {
		if (performance.now() > until) throw new Error(`it is not at rest ${FIRST_REST_WITHIN_MS} ms behind a visit`);
		await delay(50);
	}
	return first;
}

async function start(kind: WakerKind, server: ColdServer, folder: string): Promise<Waker> {
	const missing = await missingOf(kind.tools);
	if (missing !== undefined) throw new Error(missing);
	const own = join(folder, 'wakers', server.slug);
	await mkdir(own, { recursive: true });
	return kind.start(server, own);
}

/** What to say of tools that are not installed; undefined where all are. */
export async function missingOf(tools: readonly Tool[]): Promise<string | undefined> {
	const versions = await Promise.all(tools.map((tool) => tool.version()));
	const missing = tools.filter((_, n) => versions[n] === undefined);
	return missing.length === 0 ? undefined : missing.map(missingNote).join('; ');
}
