import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EdgeRequests, Edges } from '../../launcher/edges.ts';
import {
	EDGE_PROTOCOL,
	type EdgeMessage,
	type EdgeSettings,
	type LauncherToEdgeMessage,
} from '../../launcher/protocol/edge.ts';
import { readLines, writeLine } from '../../launcher/protocol/lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'innkeeper-edges-'));
afterAll(() => rmSync(folder, { recursive: true }));

class Worker {
	readonly socket: Socket;
	readonly #heard: LauncherToEdgeMessage[] = [];
	#wake = (): void => {};

	constructor(path: string) {
		this.socket = connect(path);
		readLines(this.socket, (message) => {
			this.#heard.push(message as LauncherToEdgeMessage);
			this.#wake();
		});
	}

	say(message: EdgeMessage): void {
		writeLine(this.socket, message);
	}

	async next(): Promise<LauncherToEdgeMessage> {
		for (;;) {
			const message = this.#heard.shift();
			if (message !== undefined) return message;
			await new Promise<void>((resolve) => (this.#wake = resolve));
		}
	}
}

function house(requests: Partial<EdgeRequests>): { edges: Edges; path: string; close: () => void } {
	const path = join(folder, `${Math.random()}.sock`);
	const all: EdgeRequests = {
		isWorker: () => true,
		hello: () => {},
		left: () => {},
		resolve: () => null,
		state: () => null,
		acquire: (_worker, _id, _visitor, answer) => answer({ granted: false, reason: 'unknown', retryAfter: 0 }),
		port: () => 8080,
		release: () => {},
		refused: () => {},
		silent: () => {},
		...requests,
	};
	const edges = new Edges(
		all,
		() => ({ debugHeaders: true }) as EdgeSettings,
		() => {},
	);
	edges.listen({ path });
	return { edges, path, close: () => edges.close() };
}

test('a worker is welcomed with the settings and its leases are told', async () => {
	const told: unknown[] = [];
	const { path, close } = house({ hello: (worker, leases) => told.push([worker, leases]) });
	const worker = new Worker(path);
	worker.say({ type: 'hello', protocol: EDGE_PROTOCOL, worker: 3, pid: 33, leases: [{ id: 101, instance: 7 }] });
	expect(await worker.next()).toMatchObject({ type: 'welcome', settings: { debugHeaders: true } });
	expect(told).toEqual([[3, [{ id: 101, instance: 7 }]]]);
	worker.socket.destroy();
	close();
});

test('another version is sent away', async () => {
	const { path, close } = house({});
	const worker = new Worker(path);
	worker.say({ type: 'hello', protocol: 99, worker: 3, pid: 1, leases: [] });
	await once(worker.socket, 'close');
	close();
});

test('before its hello a worker gets no answer', async () => {
	const asked: string[] = [];
	const { path, close } = house({
		resolve: (key) => {
			asked.push(key);
			return null;
		},
	});
	const worker = new Worker(path);
	worker.say({ type: 'resolve', seq: 1, key: 'host:a' });
	worker.say({ type: 'hello', protocol: EDGE_PROTOCOL, worker: 1, pid: 1, leases: [] });
	worker.say({ type: 'resolve', seq: 2, key: 'host:b' });
	expect(await worker.next()).toMatchObject({ type: 'welcome' });
	expect(await worker.next()).toEqual({ type: 'resolved', seq: 2, tenant: null });
	expect(asked).toEqual(['host:b']);
	worker.socket.destroy();
	close();
});

test('acquire is answered by granted or denied', async () => {
	const { path, close } = house({
		acquire: (_worker, { id }, _visitor, answer) =>
			answer(
				id === 101
					? { granted: true, instance: 4, wake: 'start', waited: 12 }
					: { granted: false, reason: 'failed', retryAfter: 3 },
			),
	});
	const worker = new Worker(path);
	worker.say({ type: 'hello', protocol: EDGE_PROTOCOL, worker: 1, pid: 1, leases: [] });
	await worker.next();
	const visitor = { address: '127.0.0.1', request: 'GET a/' };
	worker.say({ type: 'acquire', seq: 1, id: 101, name: 't101', visitor });
	expect(await worker.next()).toEqual({
		type: 'granted',
		seq: 1,
		id: 101,
		instance: 4,
		port: 8080,
		wake: 'start',
		waited: 12,
	});
	worker.say({ type: 'acquire', seq: 2, id: 102, name: 't102', visitor });
	expect(await worker.next()).toEqual({ type: 'denied', seq: 2, id: 102, reason: 'failed', retryAfter: 3 });
	worker.socket.destroy();
	close();
});

test('the end of its connection is the end of a worker', async () => {
	const left: number[] = [];
	const gone = new Promise<void>((resolve) => {
		const { path, close } = house({
			left: (worker) => {
				left.push(worker);
				close();
				resolve();
			},
		});
		const worker = new Worker(path);
		worker.say({ type: 'hello', protocol: EDGE_PROTOCOL, worker: 5, pid: 55, leases: [] });
		void worker.next().then(() => worker.socket.destroy());
	});
	await gone;
	expect(left).toEqual([5]);
});

test('counts of all workers are added up', async () => {
	const { edges, path, close } = house({});
	const workers = [1, 2].map((number) => {
		const worker = new Worker(path);
		worker.say({ type: 'hello', protocol: EDGE_PROTOCOL, worker: number, pid: number, leases: [] });
		return worker;
	});
	for (const worker of workers) await worker.next();
	const counting = edges.count();
	for (const [index, worker] of workers.entries()) {
		const question = (await worker.next()) as { type: 'count'; seq: number };
		worker.say({ type: 'counted', seq: question.seq, connections: index === 0 ? { 101: 2 } : { 101: 3, 102: 1 } });
	}
	expect(await counting).toEqual(
		new Map([
			[101, 5],
			[102, 1],
		]),
	);
	for (const worker of workers) worker.socket.destroy();
	close();
});
