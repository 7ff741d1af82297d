import { execa } from 'execa';
import { freePort } from '../../tests/system/freeport.ts';
import type { Bench } from '../figure.ts';
import { compile } from '../programs.ts';
import { median, medianInterval } from '../statistics.ts';
import { startHttpProxy } from './httpproxy.ts';
import { startInnkeeper } from './innkeeper.ts';
import { startNginx } from './nginx.ts';
import type { Peer } from './peer.ts';
import { cpu, pin } from './pin.ts';
import { startServer } from './server.ts';
import { type Cost, type Load, load } from './wrk.ts';

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
		bench.report({ bench: 'throughput', name: program, value: undefined, unit: '', note: `not installed: ${from}` });
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
	const turns = peers.map((peer) => turn(peer, { connections: 64 }));
	const costs = await takeTurns(bench, 'keep-alive, 64 connections', turns);
	for (const [i, peer] of peers.entries()) reportCpu(bench, `${peer.name}, keep-alive, 64 connections`, costs[i] ?? []);
	const [own = [], httpProxys = [], nginxs] = costs;
	if (nginxs !== undefined) reportRatio(bench, 'innkeeper over nginx, keep-alive', own, nginxs, { atMost: 1.35 });
	reportRatio(bench, 'http-proxy over innkeeper, keep-alive', httpProxys, own, { atLeast: 4 });
}

async function connections(bench: Bench, innkeeper: Peer): Promise<void> {
	const turns = [turn(innkeeper, { connections: 50 }), turn(innkeeper, { connections: 1000 })];
	const [few = [], many = []] = await takeTurns(bench, '50 and 1000 connections', turns);
	reportCpu(bench, 'innkeeper, keep-alive, 50 connections', few);
	reportCpu(bench, 'innkeeper, keep-alive, 1000 connections', many);
	reportRatio(bench, 'CPU a request, 1000 over 50 connections', many, few, { atMost: 1.15 });
	const rates = many.map((cost, i) => cost.rate / (few[i]?.rate ?? Number.NaN));
	bench.report({
		bench: 'throughput',
		name: 'requests a second, 1000 over 50 connections',
		value: median(rates),
		within: medianInterval(rates).half,
		unit: '×',
		budget: { atLeast: 0.9 },
	});
}

async function newConnections(bench: Bench, innkeeper: Peer, nginx: Peer): Promise<void> {
	const turns = [innkeeper, nginx].map((peer) => turn(peer, { connections: 64, close: true }));
	const [own = [], theirs = []] = await takeTurns(bench, 'a new connection a request', turns);
	reportCpu(bench, 'innkeeper, a new connection a request', own);
	reportCpu(bench, 'nginx, a new connection a request', theirs);
	reportRatio(bench, 'innkeeper over nginx, a new connection a request', own, theirs, { atMost: 1.8 });
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

function reportCpu(bench: Bench, name: string, costs: readonly Cost[]): void {
	const values = costs.map((cost) => cost.cpu);
	const rate = Math.round(median(costs.map((cost) => cost.rate)));
	const figure = { bench: 'throughput', name, unit: 'µs CPU', note: `${rate} requests a second` };
	bench.report({ ...figure, value: median(values), within: medianInterval(values).half });
}

/** The median of the rounds' ratios of CPU a request. */
function reportRatio(
	bench: Bench,
	name: string,
	over: readonly Cost[],
	under: readonly Cost[],
	budget: { atMost?: number; atLeast?: number },
): void {
	const ratios = over.map((cost, i) => cost.cpu / (under[i]?.cpu ?? Number.NaN));
	bench.report({
		bench: 'throughput',
		name,
		value: median(ratios),
		within: medianInterval(ratios).half,
		unit: '×',
		budget,
	});
}

async function isThere(program: string): Promise<boolean> {
	const { code } = await execa(program, ['-v'], { reject: false, timeout: 10_000 });
	return code !== 'ENOENT';
}
