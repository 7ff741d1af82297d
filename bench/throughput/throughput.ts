import { execa } from 'execa';
import { freePort } from '../../tests/system/freeport.ts';
import type { Bench } from '../bench.ts';
import type { About, Budget } from '../figure.ts';
import { type Cost, type Load, load } from '../load/wrk.ts';
import { medianOf, pairedRatios } from '../method/estimates.ts';
import { cpu, pin } from '../method/pin.ts';
import { startServer } from '../method/server.ts';
import { median } from '../method/statistics.ts';
import { startHttpProxy } from '../peers/proxies/httpproxy.ts';
import { startInnkeeper } from '../peers/proxies/innkeeper.ts';
import { startNginx } from '../peers/proxies/nginx.ts';
import type { Peer } from '../peers/proxy.ts';
import { compile } from '../programs.ts';

/** What is needed from the system, and how Debian gives it. */
const tools = [
	{ program: 'wrk', from: 'apt-get install wrk' },
	{ program: 'nginx', from: 'apt-get install nginx-light' },
] as const;

/**
 * Warm GETs of 1 KiB through one worker, whose CPU time a request counts: against nginx and http-proxy, 50 against 1000
 * connections, and with a new connection for each request. Peers take turns on one CPU; wrk and upstreams have another.
 */
export async function throughput(bench: Bench): Promise<void> {
	const missing: string[] = [];
	for (const { program, from } of tools) {
		if (await isThere(program)) continue;
		missing.push(program);
		const figure = { bench: 'throughput', group: 'tools', subject: program, measure: 'presence', unit: '' } as const;
		bench.report({ ...figure, better: 'neither', value: undefined, note: `not installed: ${from}` });
	}
	if (missing.includes('wrk')) return;

	const staticProgram = await compile('static', bench.folder);
	const upstreamPort = await freePort();
	const running: { end(): Promise<void> }[] = [];
	try {
		const upstream = await startServer([staticProgram], upstreamPort, { PORT: String(upstreamPort) });
		running.push(upstream);
		await pin([upstream.pid], cpu.load);
		const start = async (starting: Promise<Peer>): Promise<Peer> => {
			const peer = await starting;
			running.push(peer);
			await pin([peer.worker], cpu.proxy);
			return peer;
		};
		const innkeeper = await start(startInnkeeper(bench.folder, staticProgram));
		const httpProxy = await start(startHttpProxy(upstreamPort));
		const nginx = missing.includes('nginx') ? undefined : await start(startNginx(bench.folder, upstreamPort));

		await keepAlive(bench, innkeeper, httpProxy, nginx);
		await connections(bench, innkeeper);
		if (nginx !== undefined) await newConnections(bench, innkeeper, nginx);
	} finally {
		for (const server of running.reverse()) await server.end();
	}
}

async function keepAlive(bench: Bench, innkeeper: Peer, httpProxy: Peer, nginx: Peer | undefined): Promise<void> {
	const peers = nginx === undefined ? [innkeeper, httpProxy] : [innkeeper, httpProxy, nginx];
	const group = '1 KiB GET, keep-alive, 64 connections';
	const costs = await takeTurns(
		bench,
		group,
		peers.map((peer) => turn(peer, { connections: 64 })),
	);
	for (const [i, peer] of peers.entries()) reportCpu(bench, group, peer.name, costs[i] ?? []);
	const [own = [], httpProxys = [], nginxs] = costs;
	if (nginxs !== undefined) reportRatio(bench, group, 'innkeeper', 'CPU over nginx', own, nginxs, { atMost: 1.35 });
	reportRatio(bench, group, 'http-proxy', 'CPU over innkeeper', httpProxys, own, { atLeast: 4 });
}

async function connections(bench: Bench, innkeeper: Peer): Promise<void> {
	const turns = [turn(innkeeper, { connections: 50 }), turn(innkeeper, { connections: 1000 })];
	const group = '1 KiB GET, keep-alive, 1000 over 50 connections';
	const [few = [], many = []] = await takeTurns(bench, group, turns);
	reportCpu(bench, group, 'innkeeper, 50', few);
	reportCpu(bench, group, 'innkeeper, 1000', many);
	reportRatio(bench, group, 'innkeeper', 'CPU, 1000 over 50', many, few, { atMost: 1.15 });
	bench.report({
		...about(group, 'innkeeper', 'rate, 1000 over 50', '×', 'more'),
		...medianOf(
			pairedRatios(
				many.map(({ rate }) => rate),
				few.map(({ rate }) => rate),
			),
		),
		budget: { atLeast: 0.9 },
	});
}

async function newConnections(bench: Bench, innkeeper: Peer, nginx: Peer): Promise<void> {
	const turns = [innkeeper, nginx].map((peer) => turn(peer, { connections: 64, close: true }));
	const group = '1 KiB GET, a new connection a request';
	const [own = [], theirs = []] = await takeTurns(bench, group, turns);
	reportCpu(bench, group, 'innkeeper', own);
	reportCpu(bench, group, 'nginx', theirs);
	reportRatio(bench, group, 'innkeeper', 'CPU over nginx', own, theirs, { atMost: 1.8 });
}

interface Turn {
	readonly peer: Peer;
	readonly load: Omit<Load, 'seconds'>;
}

function turn(peer: Peer, { connections, close = false }: { connections: number; close?: boolean }): Turn {
	return { peer, load: { connections, close } };
}

/** The costs of each turn, a round after the other, so that what disturbs the machine disturbs all alike. */
async function takeTurns(bench: Bench, what: string, turns: readonly Turn[]): Promise<Cost[][]> {
	const rounds = bench.quick ? 3 : 9;
	const seconds = bench.quick ? 2 : 4;
	const costs: Cost[][] = turns.map(() => []);
	for (let round = 0; round <= rounds; round++) {
		for (const [i, { peer, load: wanted }] of turns.entries()) {
			bench.progress(`${what}: round ${round} of ${rounds}, ${peer.name}, ${wanted.connections} connections`);
			const cost = await load(peer, { ...wanted, seconds });
			// The first round warms caches and compilers, and counts for nobody.
			if (round > 0) costs[i]?.push(cost);
		}
	}
	return costs;
}

function reportCpu(bench: Bench, group: string, subject: string, costs: readonly Cost[]): void {
	const rate = Math.round(median(costs.map((cost) => cost.rate)));
	bench.report({
		...about(group, subject, 'CPU a request', 'µs', 'less'),
		...medianOf(costs.map(({ cpu }) => cpu)),
		note: `${rate} requests a second`,
	});
}

/** The median of the rounds' ratios of CPU a request. */
function reportRatio(
	bench: Bench,
	group: string,
	subject: string,
	measure: string,
	over: readonly Cost[],
	under: readonly Cost[],
	budget: Budget,
): void {
	const ratios = pairedRatios(
		over.map(({ cpu }) => cpu),
		under.map(({ cpu }) => cpu),
	);
	bench.report({
		...about(group, subject, measure, '×', budget.atMost === undefined ? 'more' : 'less'),
		...medianOf(ratios),
		budget,
	});
}

function about(group: string, subject: string, measure: string, unit: string, better: About['better']): About {
	return { bench: 'throughput', group, subject, measure, unit, better };
}

async function isThere(program: string): Promise<boolean> {
	const { code } = await execa(program, ['-v'], { reject: false, timeout: 10_000 });
	return code !== 'ENOENT';
}
