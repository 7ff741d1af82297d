import { readFile, rm } from 'node:fs/promises';
import { seededRandom } from '../method/statistics.ts';
import { type Peer, visitedHost } from '../peers/proxy.ts';
import { generate } from './generator.ts';

const ADDRESSES = 1024;

/** The addresses of GETs that differ, a line each, below the path: h2load sends them in turn on every connection. */
export function variedAddresses(path: string): string {
	const random = seededRandom(3);
	const number = (): number => Math.floor(random() * 1e6);
	const line = (_: unknown, n: number): string =>
		`http://${visitedHost}${path}/item/${number()}/part-${n}?page=${number()}\n`;
	return Array.from({ length: ADDRESSES }, line).join('');
}

/** How h2load is to keep a rate. */
export interface Pace {
	readonly connections: number;
	/** Requests a second of each. */
	readonly each: number;
	/** Connections that begin in the same ms. */
	readonly together: number;
	/** In all. */
	readonly requests: number;
}

/** One request, as h2load logs it. */
export interface Sent {
	/** When it was sent, in µs of some clock. */
	readonly at: number;
	/** Until its answer was there, in µs. */
	readonly took: number;
}

export interface Paced {
	/** Of each request, from when it was to be sent until its answer was there, in ms, ascending. */
	readonly latencies: Float64Array;
	/** Requests sent a second. */
	readonly rate: number;
}

const CONNECTIONS = 100;
/** Requests that were to be sent so early (ms after the first) do not count: connections are being made. */
const SETTLING_MS = 250;

/**
 * h2load gives every connection a timer of its own (ev_timer, not below 10 ms: src/h2load.cc, rps_watcher). With -D all of them begin at
 * once, and their requests come in bursts as wide as there are connections; so connections begin one after the other here (-r with
 * --rate-period, in whole ms), evenly over the time between two requests of one. `rate` is a multiple of 1,000, 10,000 at most.
 */
export function paceOf(rate: number, seconds: number): Pace {
	if (rate % 1000 !== 0 || rate <= 0 || rate > CONNECTIONS * 100) throw new RangeError(`h2load cannot pace ${rate}/s`);
	return { connections: CONNECTIONS, each: rate / CONNECTIONS, together: rate / 1000, requests: rate * seconds };
}

/** Sends GETs of the file's addresses to the peer at the rate for these seconds. Rejects where any failed. */
export async function paced(peer: Peer, uris: string, rate: number, seconds: number): Promise<Paced> {
	const pace = paceOf(rate, seconds);
	const log = `${uris}.log`;
	await rm(log, { force: true });
	const words = ['h2load', '--h1', '-n', String(pace.requests), '-c', String(pace.connections), '-m1'];
	words.push('-r', String(pace.together), '--rate-period=1ms', `--rps=${pace.each}`, `--log-file=${log}`);
	words.push(`--connect-to=127.0.0.1:${peer.port}`, `--input-file=${uris}`);
	const { stdout } = await generate(peer, words, seconds);
	const [, succeeded = 0] = /(\d+) succeeded/.exec(stdout) ?? [];
	const [, answered = 0] = /(\d+) 2xx/.exec(stdout) ?? [];
	if (Number(succeeded) !== pace.requests || Number(answered) !== pace.requests)
		throw new Error(`${peer.name} failed requests: ${/^(requests|status).*$/m.exec(stdout)?.[0] ?? stdout}`);
	return fromIntended(readLog(await readFile(log, 'utf8')), pace);
}

/** The lines of --log-file: start in µs since 1970, status, µs until the answer. */
export function readLog(text: string): Sent[] {
	return text
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => {
			const [at, , took] = line.split('\t').map(Number);
			if (at === undefined || took === undefined || Number.isNaN(at + took)) throw new Error(`h2load's log: ${line}`);
			return { at, took };
		});
}

/** So late (µs) the generator's own timer may be, as libev waits in whole ms: no sign of a connection that was busy. */
const TIMER_US = 2000;

/**
 * Counts every request from when it was to be sent. A connection that still waits for an answer sends nothing; h2load then counts the
 * requests that are due, and sends them when the answer has come, back to back, but times each only from there: a stall of a second
 * would show in one request a connection, however many were due (coordinated omission). When each was due is known: a connection's
 * first request is sent at once, and the others follow at its own steady pace. The log does not tell connections apart, so the n-th
 * request sent is taken for the n-th that was due, as if one queue stood before all connections. Lateness counts from an answer that
 * took longer than the time between two requests of a connection until the queue is empty again: before such an answer no connection
 * can have been busy when a request was due, and what is late is the generator itself.
 */
export function fromIntended(sent: readonly Sent[], { connections, each }: Pick<Pace, 'connections' | 'each'>): Paced {
	const inOrder = [...sent].sort((a, b) => a.at - b.at);
	const [first] = inOrder;
	const last = inOrder.at(-1);
	if (first === undefined || last === undefined) throw new RangeError('nothing was sent');
	const due = new Float64Array(inOrder.length);
	// Connections begin within the time between two requests of one: the first so many of the log are their first ones.
	for (let n = 0; n < due.length; n++) {
		const began = inOrder[n % connections]?.at ?? first.at;
		due[n] = began + Math.floor(n / connections) * (1e6 / each);
	}
	due.sort();
	const interval = 1e6 / each;
	const latencies: number[] = [];
	let busyUntil = first.at;
	let queued = false;
	for (const [n, { at, took }] of inOrder.entries()) {
		const wanted = due[n] ?? at;
		const late = at - wanted;
		queued = late > TIMER_US && (queued || busyUntil >= wanted);
		if (took > interval - TIMER_US) busyUntil = Math.max(busyUntil, at + took);
		if (wanted - first.at >= SETTLING_MS * 1000) latencies.push((took + (queued ? late : 0)) / 1000);
	}
	const rate = ((inOrder.length - 1) * 1e6) / (last.at - first.at);
	return { latencies: Float64Array.from(latencies).sort(), rate };
}
