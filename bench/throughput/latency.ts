import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import type { Figure } from '../figure.ts';
import { type Paced, paced, variedAddresses } from '../load/h2load.ts';
import { medianOf, overFloor } from '../method/estimates.ts';
import { type Outcome, takeTurns } from '../method/rounds.ts';
import { shortfallNote } from '../method/saturation.ts';
import { median, quantile } from '../method/statistics.ts';
import { about, absent } from './rows.ts';
import type { Street } from './street.ts';
import { mainPeers } from './workloads.ts';

/** Requests a second that everybody here can carry. */
const EASY = 1000;
const easyGroup = 'latency of 1 KiB GETs, 1000 a second';
/** What h2load can pace with these connections (h2load.ts), and a step of it. */
const MOST = 10_000;
const STEP = 1000;
const halfGroup = 'latency of 1 KiB GETs, half of what the slowest but one can';

const measures = [
	['p50', 0.5],
	['p90', 0.9],
	['p99', 0.99],
	['p99.9', 0.999],
	['max', 1],
] as const;

/** Latency at fixed rates, from when each request was to be sent. `capacities`: requests a second of each peer under full load, where known. */
export async function latency(bench: Bench, street: Street, capacities: ReadonlyMap<string, number>): Promise<void> {
	await atRate(bench, street, easyGroup, EASY);
	if (bench.quick) return;
	const rate = halfOfSlowestButOne([...capacities.values()]);
	// At the same rate as before there is nothing to learn.
	if (rate > EASY) await atRate(bench, street, halfGroup, rate);
	else bench.report(absent(about(halfGroup, 'innkeeper', 'p50', 'ms', 'less'), `no more than ${EASY} a second`));
}

/** In whole steps; 0 where fewer than two are known, or the second slowest is slower than two steps. */
export function halfOfSlowestButOne(capacities: readonly number[]): number {
	const slowestButOne = [...capacities].sort((a, b) => a - b)[1] ?? 0;
	return Math.min(MOST, Math.floor(slowestButOne / 2 / STEP) * STEP);
}

async function atRate(bench: Bench, { peers, absent: away }: Street, group: string, rate: number): Promise<void> {
	const addresses = join(bench.folder, 'addresses');
	await writeFile(addresses, variedAddresses('/bytes/1024'));
	const measured = bench.quick ? peers.filter(({ name }) => [...mainPeers, 'direct'].includes(name)) : peers;
	const turns = measured.map((peer) => ({
		name: peer.name,
		measure: (seconds: number) => paced(peer, addresses, rate, seconds),
	}));
	const rounds = bench.quick ? { count: 1, seconds: 1, warmUp: 0 } : { count: 3, seconds: 3, warmUp: 1 };
	const outcomes = await takeTurns(turns, rounds, (text) => bench.progress(`${group}: ${text}`));
	const rows = measured.map(({ name }, i) => ({ subject: name, outcome: outcomes[i] ?? { failed: 'not measured' } }));
	for (const [subject, reason] of away) rows.push({ subject, outcome: { failed: reason } });
	for (const figure of latencyFigures(group, rate, rows)) bench.report(figure);
}

/** The percentiles of each round, their medians over the rounds, and both over the floor's (`direct`). */
export function latencyFigures(
	group: string,
	rate: number,
	rows: readonly { readonly subject: string; readonly outcome: Outcome<Paced> }[],
): Figure[] {
	const floor = rows.find(({ subject }) => subject === 'direct')?.outcome;
	return rows.flatMap(({ subject, outcome }) => {
		if ('failed' in outcome) return [absent(about(group, subject, 'p50', 'ms', 'less'), outcome.failed)];
		const sent = median(outcome.samples.map((sample) => sample.rate));
		const count = outcome.samples.reduce((sum, { latencies }) => sum + latencies.length, 0);
		const note = shortfallNote(rate, sent) ?? `${rate} a second, ${count} requests`;
		return measures.map(([measure, part]) => {
			const of = ({ latencies }: Paced): number => quantile(latencies, part);
			const samples = outcome.samples.map(of);
			return {
				...about(group, subject, measure, 'ms', 'less'),
				...medianOf(samples),
				...(subject === 'direct' || floor === undefined || 'failed' in floor
					? {}
					: overFloor(samples, floor.samples.map(of))),
				...(measure === 'p50' ? { note } : {}),
			};
		});
	});
}
