import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LeaseClient, type LeaseListener } from '../../launcher/leaseclient.ts';
import {
	EDGE_PROTOCOL,
	type EdgeMessage,
	type LauncherToEdgeMessage,
	type TenantView,
} from '../../launcher/protocol/edge.ts';
import { readLines, writeLine } from '../../launcher/protocol/lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'innkeeper-leaseclient-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A launcher that only listens, and says what the test says. */
class Launcher {
	readonly path: string = join(folder, `${Math.random()}.sock`);
	readonly heard: EdgeMessage[] = [];
	socket: Socket | undefined;
	#server: Server | undefined;
	#told: () => void = () => {};

	async start(): Promise<void> {
		const server = createServer((socket) => {
			this.socket = socket;
			socket.on('error', () => socket.destroy());
			readLines(socket, (line) => {
				this.heard.push(line as EdgeMessage);
				this.#told();
			});
		});
		this.#server = server;
		await new Promise<void>((resolve) => server.listen(this.path, resolve));
	}

	async die(): Promise<void> {
		this.socket?.destroy();
		await new Promise((resolve) => this.#server?.close(resolve));
	}

	say(message: LauncherToEdgeMessage): void {
		if (this.socket !== undefined) writeLine(this.socket, message);
	}

	/** Waits for so many messages and takes them. */
	async take(count: number): Promise<EdgeMessage[]> {
		while (this.heard.length < count) await new Promise<void>((resolve) => (this.#told = resolve));
		return this.heard.splice(0, count);
	}
}

/** A client whose listener writes down what it is told. */
function client(launcher: Launcher): { client: LeaseClient; told: unknown[][]; next: () => Promise<unknown[]> } {
	const told: unknown[][] = [];
	let wake = (): void => {};
	const note =
		(name: string) =>
		(...values: unknown[]): void => {
			told.push([name, ...values]);
			wake();
		};
	const listener = new Proxy({} as LeaseListener, {
		get: (_, name: string) => (name === 'counted' ? () => ({ 101: 3 }) : note(name)),
	});
	const leases = new LeaseClient({
		worker: 2,
		pid: 77,
		connect: () => connect(launcher.path),
		after: (ms, then) => setTimeout(then, ms).unref(),
		listener,
	});
	const next = async (): Promise<unknown[]> => {
		while (told.length === 0) await new Promise<void>((resolve) => (wake = resolve));
		return told.shift() as unknown[];
	};
	return { client: leases, told, next };
}

let launcher: Launcher;
let leases: LeaseClient;
afterEach(async () => {
	leases.close();
	await launcher.die();
});

async function open(): Promise<ReturnType<typeof client>> {
	launcher = new Launcher();
	await launcher.start();
	const opened = client(launcher);
	leases = opened.client;
	expect(await launcher.take(1)).toEqual([{ type: 'hello', protocol: EDGE_PROTOCOL, worker: 2, pid: 77, leases: [] }]);
	return opened;
}

const view = { id: 101, name: 'hello' } as TenantView;

test('questions are answered to those who asked, in whatever order', async () => {
	await open();
	const answers: unknown[] = [];
	const both = new Promise<void>((resolve) => {
		const then =
			(name: string) =>
			(tenant: TenantView | null): void => {
				answers.push([name, tenant?.id]);
				if (answers.length === 2) resolve();
			};
		leases.resolve('host:a', then('a'));
		leases.resolve('host:b', then('b'));
	});
	const [a, b] = (await launcher.take(2)) as (EdgeMessage & { type: 'resolve' })[];
	launcher.say({ type: 'resolved', seq: b?.seq ?? 0, tenant: null });
	launcher.say({ type: 'resolved', seq: a?.seq ?? 0, tenant: view });
	await both;
	expect(answers).toEqual([
		['b', undefined],
		['a', 101],
	]);
});

test('an acquire that is under way is joined', async () => {
	const { next } = await open();
	const visitor = { address: '127.0.0.1', request: 'GET a/' };
	leases.acquire(101, 't101', visitor);
	leases.acquire(101, 't101', visitor);
	leases.acquire(102, 't102', visitor);
	const [first, second] = (await launcher.take(2)) as (EdgeMessage & { type: 'acquire' })[];
	expect([first?.id, second?.id]).toEqual([101, 102]);
	launcher.say({ type: 'granted', seq: first?.seq ?? 0, id: 101, instance: 7, port: 80, wake: 'start', waited: 12 });
	launcher.say({ type: 'denied', seq: second?.seq ?? 0, id: 102, reason: 'failed', retryAfter: 60 });
	expect(await next()).toEqual(['granted', 101, 7, 80, 'start', 12]);
	expect(await next()).toEqual(['denied', 102, 'failed', 60]);
	leases.acquire(102, 't102', visitor);
	expect(await launcher.take(1)).toMatchObject([{ type: 'acquire', id: 102 }]);
});

test('an acquire for the next tenant of an id takes the place of the one before, whose answer is nobody’s', async () => {
	const { next } = await open();
	const visitor = { address: '127.0.0.1', request: 'GET a/' };
	leases.acquire(101, 'alice', visitor);
	leases.acquire(101, 'bob', visitor);
	const [alice, bob] = (await launcher.take(2)) as (EdgeMessage & { type: 'acquire' })[];
	expect([alice?.name, bob?.name]).toEqual(['alice', 'bob']);
	launcher.say({ type: 'granted', seq: alice?.seq ?? 0, id: 101, instance: 7, port: 80, wake: 'start', waited: 12 });
	expect(await launcher.take(1)).toEqual([{ type: 'release', id: 101, instance: 7, idle: 0 }]);
	launcher.say({ type: 'denied', seq: alice?.seq ?? 0, id: 101, reason: 'unknown', retryAfter: 1 });
	launcher.say({ type: 'granted', seq: bob?.seq ?? 0, id: 101, instance: 8, port: 80, wake: 'start', waited: 12 });
	expect(await next()).toEqual(['granted', 101, 8, 80, 'start', 12]);
});

test('what the launcher pushes reaches the listener, and counts are answered', async () => {
	const { next } = await open();
	launcher.say({ type: 'revoke', id: 101, instance: 1 });
	launcher.say({ type: 'forget', keys: ['host:a'] });
	launcher.say({ type: 'drain', deadline: 5 });
	launcher.say({ type: 'count', seq: 9 });
	expect([await next(), await next(), await next()]).toEqual([
		['revoked', 101, 1],
		['forgotten', ['host:a']],
		['drained', 5],
	]);
	expect(await launcher.take(1)).toEqual([{ type: 'counted', seq: 9, connections: { 101: 3 } }]);
});

test('a new launcher hears of the leases that are held, and is asked again what the old one did not answer', async () => {
	const { next } = await open();
	const visitor = { address: '127.0.0.1', request: 'GET a/' };
	for (const id of [101, 102, 103]) leases.acquire(id, `t${id}`, visitor);
	const asked = (await launcher.take(3)) as (EdgeMessage & { type: 'acquire' })[];
	for (const { id, seq } of asked.slice(0, 2)) {
		launcher.say({ type: 'granted', seq, id, instance: id + 1000, port: 80, wake: 'none', waited: 0 });
		await next();
	}
	leases.release(101, 1101, 5);
	leases.resolve('host:a', () => {});
	await launcher.take(2);
	await launcher.die();
	await launcher.start();
	expect(await launcher.take(3)).toMatchObject([
		{ type: 'hello', leases: [{ id: 102, instance: 1102 }] },
		{ type: 'resolve', key: 'host:a' },
		{ type: 'acquire', id: 103, visitor },
	]);
});

test('a lease whose instance is gone is not repeated, and not released either', async () => {
	const { next } = await open();
	leases.acquire(101, 't101', { address: '', request: '' });
	const [acquire] = (await launcher.take(1)) as (EdgeMessage & { type: 'acquire' })[];
	launcher.say({ type: 'granted', seq: acquire?.seq ?? 0, id: 101, instance: 1, port: 80, wake: 'none', waited: 0 });
	launcher.say({ type: 'gone', id: 101, instance: 1 });
	await next();
	expect(await next()).toEqual(['gone', 101, 1]);
	leases.release(101, 1, 0);
	leases.refused(101, 1);
	expect(await launcher.take(1)).toEqual([{ type: 'refused', id: 101, instance: 1 }]);
	await launcher.die();
	await launcher.start();
	expect(await launcher.take(1)).toMatchObject([{ type: 'hello', leases: [] }]);
});

test('a launcher of another protocol is told apart', async () => {
	const { next } = await open();
	launcher.say({ type: 'welcome', protocol: 99, settings: {} as never });
	expect(await next()).toEqual(['strange', 99]);
});
