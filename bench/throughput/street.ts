import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../tests/system/freeport.ts';
import type { Bench } from '../bench.ts';
import { cpu, pinned } from '../method/pin.ts';
import { startServer } from '../method/server.ts';
import type { Peer, PeerKind, Place } from '../peers/proxy.ts';
import { compile } from '../programs.ts';
import { differenceOf } from './answers.ts';

/** All peers that can be measured, side by side, and why the others cannot. */
export interface Street {
	readonly peers: readonly Peer[];
	readonly absent: ReadonlyMap<string, string>;
	end(): Promise<void>;
}

/** Starts the upstream and all peers before it, and asks each for its answers. Rejects only where the upstream does not start. */
export async function openStreet(bench: Bench, kinds: readonly PeerKind[]): Promise<Street> {
	const program = await compile('upstream', bench.folder);
	const port = await freePort();
	const upstream = await startServer(pinned(cpu.load, [program]), port, { PORT: String(port) });
	const place = { program, upstream: { port, pid: upstream.pid } };
	const peers: Peer[] = [];
	const absent = new Map<string, string>();
	for (const kind of kinds) {
		bench.progress(`${kind.name} is started`);
		const started = await start(kind, { ...place, folder: join(bench.folder, `peer-${kinds.indexOf(kind)}`) });
		if (typeof started === 'string') absent.set(kind.name, started);
		else peers.push(started);
	}
	const end = async (): Promise<void> => {
		// One that does not end well must not keep the others alive.
		const ends = await Promise.allSettled([...peers.toReversed(), upstream].map((server) => server.end()));
		const failed = ends.find((ended) => ended.status === 'rejected');
		if (failed !== undefined) throw failed.reason;
	};
	return { peers, absent, end };
}

/** The peer once it has given the right answers, or why there is none. */
async function start(kind: PeerKind, place: Place): Promise<Peer | string> {
	const { tool } = kind;
	if (tool !== undefined && (await tool.version()) === undefined) return `not installed: ${tool.install}`;
	try {
		await mkdir(place.folder, { recursive: true });
		const peer = await kind.start(place);
		const difference = await differenceOf(peer.port, peer.processes.length > 0);
		if (difference === undefined) return peer;
		await peer.end();
		return `gave other answers: ${difference}`;
	} catch (error) {
		return `did not start: ${error instanceof Error ? error.message : error}`;
	}
}
