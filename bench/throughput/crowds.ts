import type { Bench } from '../bench.ts';
import { type Cost, load } from '../load/wrk.ts';
import { type Outcome, takeTurns } from '../method/rounds.ts';
import { costFigures, ratioFigure } from './rows.ts';
import type { Street } from './street.ts';
import { mainPeers } from './workloads.ts';

const few = 50;
const many = 1000;
const most = 5000;
const groups: Readonly<Record<number, string>> = {
	[few]: '1 KiB GET, keep-alive, 50 connections',
	[many]: '1 KiB GET, keep-alive, 1000 connections',
	[most]: '1 KiB GET, keep-alive, 5000 connections',
};
const ratios = '1 KiB GET, keep-alive, 1000 over 50 connections';

/** What many connections cost over few, each peer compared with itself: the machine's own part in it is what all have in common. */
export async function crowds(bench: Bench, { peers, absent: away }: Street): Promise<void> {
	const names = bench.quick ? ['innkeeper', 'nginx'] : mainPeers;
	const counts = bench.quick ? [few, many] : [few, many, most];
	// Connecting is part of the load, so it must be long against that; the machine's moods last longer than one, so many rounds.
	const rounds = bench.quick ? { count: 1, seconds: 2, warmUp: 0 } : { count: 8, seconds: 4, warmUp: 1 };
	const measured = peers.filter(({ name }) => names.includes(name));
	const turns = measured.flatMap((peer) =>
		counts.map((connections) => ({
			name: `${peer.name}, ${connections} connections`,
			measure: (seconds: number) => load(peer, { connections, requests: 'varied', path: '/bytes/1024' }, seconds),
		})),
	);
	const outcomes = await takeTurns(turns, rounds, (text) => bench.progress(`connections: ${text}`));
	const outcomeOf = (name: string, connections: number): Outcome<Cost> => {
		const at = measured.findIndex((peer) => peer.name === name);
		return outcomes[at * counts.length + counts.indexOf(connections)] ?? { failed: away.get(name) ?? 'not measured' };
	};
	for (const connections of counts) {
		const rows = names.map((name) => ({ subject: name, outcome: outcomeOf(name, connections) }));
		for (const figure of costFigures(groups[connections] ?? '', rows)) bench.report(figure);
	}
	for (const name of names) {
		const isOurs = name === 'innkeeper';
		const [over, under] = [outcomeOf(name, many), outcomeOf(name, few)];
		const cpu = { group: ratios, subject: name, measure: 'CPU, 1000 over 50' };
		const rate = { group: ratios, subject: name, measure: 'rate, 1000 over 50' };
		bench.report(ratioFigure(cpu, 'cpu', over, under, isOurs ? { atMost: 1.15 } : undefined));
		bench.report(ratioFigure(rate, 'rate', over, under, isOurs ? { atLeast: 0.9 } : undefined));
	}
}
