import type { Bench } from '../bench.ts';
import { generators, h2load, wrk } from '../load/generators.ts';
import { echoes } from '../load/websocket.ts';
import { type Cost, load } from '../load/wrk.ts';
import { canPin } from '../method/pin.ts';
import { type Outcome, takeTurns } from '../method/rounds.ts';
import { median } from '../method/statistics.ts';
import { proxies } from '../peers/proxies/proxies.ts';
import type { Peer } from '../peers/proxy.ts';
import { compile } from '../programs.ts';
import { crowds } from './crowds.ts';
import { latency } from './latency.ts';
import { about, absent, costFigures, cpuMeasure, ratioFigure } from './rows.ts';
import { openStreet, type Street } from './street.ts';
import { keepAlive, mainPeers, rivalries, unbuilt, type Workload, workloads } from './workloads.ts';

/**
 * What proxies cost, warm: CPU time a request of all their processes, requests a second, and latency at fixed rates. Peers take turns
 * on one CPU, and all else has another. Rejects where there is no load generator at all.
 */
export async function throughput(bench: Bench): Promise<void> {
	const missing = new Set<string>();
	for (const tool of generators) {
		if ((await tool.version()) !== undefined) continue;
		missing.add(tool.name);
		bench.report(absent(about('tools', tool.name, 'presence', '', 'neither'), `not installed: ${tool.install}`));
	}
	if (!canPin) bench.report(absent(about('tools', 'CPUs', 'presence', '', 'neither'), 'one CPU: all share it'));
	if (missing.size === generators.length) return;

	const kinds = proxies.filter(({ name }) => !bench.quick || [...mainPeers, 'direct'].includes(name));
	const street = await openStreet(bench, kinds);
	try {
		let capacities: ReadonlyMap<string, number> = new Map();
		if (!missing.has(wrk.name)) {
			const outcomes = await underFullLoad(bench, street);
			capacities = ratesOf(outcomes.get(keepAlive) ?? new Map());
			await crowds(bench, street);
		}
		if (!missing.has(h2load.name)) await latency(bench, street, capacities);
	} finally {
		await street.end();
	}
	for (const group of unbuilt)
		bench.report(absent(about(group, 'innkeeper', cpuMeasure, 'µs', 'less'), 'not built yet'));
}

type Outcomes = ReadonlyMap<string, Outcome<Cost>>;

/** Each workload in turn, its figures and ratios; the outcomes by group and peer. */
async function underFullLoad(bench: Bench, street: Street): Promise<ReadonlyMap<string, Outcomes>> {
	const wsload = await compile('wsload', bench.folder);
	const all = new Map<string, Outcomes>();
	for (const workload of workloads) {
		if (bench.quick && !workload.quick) continue;
		const outcomes = await measure(bench, street, workload, wsload);
		all.set(workload.group, outcomes);
		const rows = [...outcomes].map(([subject, outcome]) => ({ subject, outcome }));
		for (const figure of costFigures(workload.group, rows)) bench.report(figure);
		for (const { group, over, under, budget } of rivalries.filter(({ group }) => group === workload.group)) {
			const named = { group, subject: over, measure: `CPU over ${under}` };
			const none: Outcome<Cost> = { failed: 'not measured' };
			bench.report(ratioFigure(named, 'cpu', outcomes.get(over) ?? none, outcomes.get(under) ?? none, budget));
		}
	}
	return all;
}

async function measure(bench: Bench, street: Street, workload: Workload, wsload: string): Promise<Outcomes> {
	const { group, peers: names, load: wanted } = workload;
	const isWanted = (name: string): boolean => names === undefined || names.includes(name) || name === 'direct';
	const measured = street.peers.filter(({ name }) => isWanted(name));
	const turn = (peer: Peer) => ({
		name: peer.name,
		measure: (seconds: number) =>
			wanted === 'echoes' ? echoes(wsload, peer, 64, seconds) : load(peer, wanted, seconds),
	});
	const most = names === undefined ? 8 : 5;
	const rounds = bench.quick ? { count: 2, seconds: 1, warmUp: 1 } : { count: most, seconds: 2, warmUp: 1 };
	const outcomes = await takeTurns(measured.map(turn), rounds, (text) => bench.progress(`${group}: ${text}`));
	const all = new Map(measured.map(({ name }, i) => [name, outcomes[i] ?? { failed: 'not measured' }]));
	for (const [name, reason] of street.absent) if (isWanted(name)) all.set(name, { failed: reason });
	return all;
}

/** The median rate of every peer that was measured. */
function ratesOf(outcomes: Outcomes): Map<string, number> {
	const rates = new Map<string, number>();
	for (const [name, outcome] of outcomes)
		if ('samples' in outcome) rates.set(name, median(outcome.samples.map(({ rate }) => rate)));
	return rates;
}
