import { join } from 'node:path';
import type { Limit } from '../method/saturation.ts';
import { type Peer, visitedHost } from '../peers/proxy.ts';
import { generate } from './generator.ts';

export interface Load {
	readonly connections: number;
	/** GETs of a path, all the same; of varied paths below it; or uploads of 1 MiB to it. */
	readonly requests: 'same' | 'varied' | 'upload';
	readonly path: string;
	/** A new connection for each request. */
	readonly close?: boolean;
}

/** What one load cost a peer. */
export interface Cost {
	/** CPU time of all the peer's processes a request, in µs. */
	readonly cpu: number;
	/** Requests answered a second. */
	readonly rate: number;
	/** What kept it from being more. */
	readonly limit: Limit;
}

const script = join(import.meta.dirname, 'requests.lua');

/** Puts the load on the peer with wrk(1), one thread. Rejects where any request failed: figures of half a peer are worth nothing. */
export async function load(peer: Peer, { connections, requests, path, close }: Load, seconds: number): Promise<Cost> {
	const words = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-H', `Host: ${visitedHost}`];
	if (close) words.push('-H', 'Connection: close');
	if (requests !== 'same') words.push('-s', script);
	words.push(`http://127.0.0.1:${peer.port}${path}`);
	if (requests !== 'same') words.push('--', requests, path);
	const { stdout, used, limit } = await generate(peer, words, seconds);
	const { count, rate } = readReport(peer.name, stdout);
	return { cpu: (used * 1000) / count, rate, limit };
}

/** What wrk counted. Throws where a request failed, or none was answered. */
export function readReport(name: string, report: string): { readonly count: number; readonly rate: number } {
	const count = Number(/(\d+) requests in/.exec(report)?.[1] ?? 0);
	const rate = Number(/Requests\/sec: +([\d.]+)/.exec(report)?.[1] ?? 0);
	const trouble = /^ *(Socket errors|Non-2xx).*$/m.exec(report)?.[0].trim();
	if (trouble !== undefined) throw new Error(`${name} failed requests: ${trouble}`);
	if (count === 0) throw new Error(`${name} answered nothing`);
	return { count, rate };
}
