import { execa } from 'execa';
import { cpu, pinned } from '../method/pin.ts';
import { cpuOf, type Peer } from '../peers/proxy.ts';

export interface Load {
	readonly connections: number;
	readonly seconds: number;
	/** A new connection for each request. */
	readonly close: boolean;
}

/** What one load cost a peer. */
export interface Cost {
	/** CPU time of the peer's worker a request, in µs. */
	readonly cpu: number;
	/** Requests answered a second. */
	readonly rate: number;
}

/** Puts the load on the peer with wrk(1), one thread. Rejects where any request failed: figures of half a peer are worth nothing. */
export async function load(peer: Peer, { connections, seconds, close }: Load): Promise<Cost> {
	const words = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-H', 'Host: static.test'];
	if (close) words.push('-H', 'Connection: close');
	const [program, ...rest] = pinned(cpu.load, [...words, `http://127.0.0.1:${peer.port}/`]);
	const before = cpuOf(peer);
	const { stdout } = await execa(program, rest, { timeout: (seconds + 30) * 1000 });
	const used = cpuOf(peer) - before;
	const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0);
	if (/Socket errors|Non-2xx/.test(stdout) || requests === 0)
		throw new Error(`${peer.name} failed requests:\n${stdout}`);
	return { cpu: (used * 1000) / requests, rate: requests / seconds };
}
