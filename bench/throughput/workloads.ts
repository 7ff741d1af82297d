import type { Budget } from '../figure.ts';
import type { Load } from '../load/wrk.ts';

/** One kind of traffic. The group's name stands in figures, and stays. */
export interface Workload {
	readonly group: string;
	readonly load: Load | 'echoes';
	/** Who is measured, beside the floor; undefined for all. */
	readonly peers?: readonly string[];
	/** In a quick run too. */
	readonly quick?: boolean;
}

/** A ratio of two peers' CPU time a request that somebody relies on. */
export interface Rivalry {
	readonly group: string;
	readonly over: string;
	readonly under: string;
	readonly budget: Budget;
}

/** Whom a quick run, and every workload but the first, is about. */
export const mainPeers: readonly string[] = ['innkeeper', 'nginx', 'HAProxy', 'http-proxy'];

export const keepAlive = '1 KiB GET, keep-alive, 64 connections';
const repeated = '1 KiB GET, keep-alive, 64 connections, one head repeated';
const newConnection = '1 KiB GET, a new connection a request';

const kibibyte = '/bytes/1024';

export const workloads: readonly Workload[] = [
	{ group: keepAlive, load: { connections: 64, requests: 'varied', path: kibibyte }, quick: true },
	{
		group: repeated,
		load: { connections: 64, requests: 'same', path: kibibyte },
		peers: ['innkeeper', 'nginx'],
		quick: true,
	},
	{
		group: newConnection,
		load: { connections: 64, requests: 'varied', path: kibibyte, close: true },
		peers: mainPeers,
		quick: true,
	},
	{
		group: '100 KiB GET, keep-alive, 64 connections',
		load: { connections: 64, requests: 'varied', path: '/bytes/102400' },
		peers: mainPeers,
	},
	{
		group: '1 MiB upload, keep-alive, 16 connections',
		load: { connections: 16, requests: 'upload', path: '/sink' },
		peers: mainPeers,
	},
	{ group: 'WebSocket echo of 64 bytes, 64 connections', load: 'echoes', peers: mainPeers },
];

export const rivalries: readonly Rivalry[] = [
	{ group: keepAlive, over: 'innkeeper', under: 'nginx', budget: { atMost: 1.35 } },
	{ group: keepAlive, over: 'http-proxy', under: 'innkeeper', budget: { atLeast: 4 } },
	{ group: newConnection, over: 'innkeeper', under: 'nginx', budget: { atMost: 1.8 } },
];

/** What there is no proxy code for yet: rows without a value, so that their place is kept. */
export const unbuilt: readonly string[] = ['TLS, 1 KiB GET', 'HTTP/2, 1 KiB GET'];
