import { type Peer, visitedHost } from '../peers/proxy.ts';
import { generate } from './generator.ts';
import type { Cost } from './wrk.ts';

/** Puts WebSocket echoes on the peer with programs/wsload.c, and gives their cost a message. Rejects where one was lost or changed. */
export async function echoes(program: string, peer: Peer, connections: number, seconds: number): Promise<Cost> {
	const words = [program, '127.0.0.1', String(peer.port), visitedHost, '/ws', String(connections), String(seconds)];
	const { stdout, used, limit } = await generate(peer, words, seconds);
	const [, count = '0', took = '0', failed = ''] = /echoes (\d+) seconds ([\d.]+) failed (\d+)/.exec(stdout) ?? [];
	if (failed !== '0' || count === '0') throw new Error(`${peer.name} lost messages: ${stdout}`);
	return { cpu: (used * 1000) / Number(count), rate: Number(count) / Number(took), limit };
}
