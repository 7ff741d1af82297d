import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ControlRequest } from '../../launcher/protocol/control.ts';
import type { EdgeMessage } from '../../launcher/protocol/edge.ts';
import { noise } from '../noise.ts';
import { House } from './house.ts';
import { hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

let house: House;
let before: string[];

beforeAll(async () => {
	house = await House.start({ tenants: { hello: hello(101, 'hello', { idle: { stop: '1h' } }) } });
	expect((await visit(house, 'hello.test')).status).toBe(200);
	before = theHouse();
});
afterAll(() => house.discard());

/** Keeper, launcher and edge workers, by pid. */
function theHouse(): string[] {
	return house
		.processes()
		.filter(({ command }) => !command.includes('server.mjs'))
		.map(({ pid }) => String(pid))
		.sort();
}

/** Sends it, waits until the other end closes or as long as a verb may take to be answered, and goes away. */
function shout(path: string, bytes: Buffer): Promise<void> {
	return new Promise((resolve) => {
		const socket = connect(path);
		const timer = setTimeout(() => socket.destroy(), 50);
		socket.on('error', () => {});
		socket.on('close', () => {
			clearTimeout(timer);
			resolve();
		});
		socket.resume();
		socket.write(bytes);
	});
}

const lease = { id: 101, instance: 1 };
const visitor = { address: '127.0.0.1', request: 'GET hello.test/' };
const operators: readonly ControlRequest[] = [
	{ verb: 'ps' },
	{ verb: 'status', tenant: 'hello' },
	{ verb: 'whois', pid: 1 },
	{ verb: 'wake', tenant: 'hello' },
	{ verb: 'restart', tenant: 'hello', rollback: true },
	{ verb: 'explain', tenant: '101' },
	{ verb: 'logs', tenant: 'hello', lines: 5, follow: true },
	{ verb: 'reload' },
];
const edges: readonly EdgeMessage[] = [
	{ type: 'hello', protocol: 1, worker: 1, pid: 1, leases: [lease] },
	{ type: 'leases', leases: [lease], more: true },
	{ type: 'resolve', seq: 1, key: 'host:hello.test' },
	{ type: 'acquire', seq: 2, id: 101, name: 'hello', visitor },
	{ type: 'release', id: 101, instance: 1, idle: 0 },
	{ type: 'refused', id: 101, instance: 1 },
	{ type: 'counted', seq: 1, connections: { 101: 1 } },
];

describe.each([
	['control.sock', operators],
	['edge.sock', edges],
])('nothing that is said on %s ends a process', (name, good) => {
	const path = (): string => join(house.folder, 'run', name);

	test('one word a connection', async () => {
		for (const bytes of noise(1, 300, good)) await shout(path(), bytes);
		expect(theHouse()).toEqual(before);
		expect((await visit(house, 'hello.test')).status).toBe(200);
	});

	test('many in a row, behind a good one', async () => {
		const first = Buffer.from(`${JSON.stringify(good[0])}\n`);
		for (let seed = 2; seed < 12; seed++) await shout(path(), Buffer.concat([first, ...noise(seed, 50, good)]));
		expect(theHouse()).toEqual(before);
		expect((await visit(house, 'hello.test')).status).toBe(200);
	});

	test('a line without an end', async () => {
		await shout(path(), Buffer.alloc(3 << 20, 0x20));
		expect(theHouse()).toEqual(before);
	});

	test('thousands who say nothing keep nobody out', async () => {
		const silent: Socket[] = [];
		try {
			for (let count = 0; count < 2000; count++) {
				silent.push(await connected(path()));
			}
			expect((await house.ps()).map(({ name: tenant }) => tenant)).toEqual(['hello']);
			expect((await visit(house, 'hello.test')).status).toBe(200);
		} finally {
			for (const socket of silent) socket.destroy();
		}
		expect(theHouse()).toEqual(before);
	});
});

/** As any program does it: where the queue is full for the moment (EAGAIN, connect(2)), it comes again. */
async function connected(path: string): Promise<Socket> {
	for (;;) {
		const socket = connect(path);
		try {
			await once(socket, 'connect');
			return socket;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
			await setImmediate();
		}
	}
}

test('an unknown tenant is an answer, and the nearest is named', async () => {
	for (const verb of ['status', 'wake', 'stop', 'restart', 'explain'] as const) {
		await expect(house.control({ verb, tenant: 'helo' })).rejects.toThrow(
			/^there is no tenant helo; did you mean hello\?; `innkeeper \w+` lists them$/,
		);
	}
	expect(theHouse()).toEqual(before);
});
