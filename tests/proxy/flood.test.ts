import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { FakeLauncher } from './fake-launcher.ts';
import { type RawConnection, RawTenant, RawVisitor } from './front.ts';

/**
 * Whoever floods one end of a connection while the other end sleeps fills the kernel's buffers, and then waits: the edge keeps
 * no more of it than what one read can bring, and a buffer or two around it. The most that a read of 64 KiB can bring are 2,520 writes
 * (EXTENDED), at up to 313 bytes each.
 */
const MOST_KEPT = 1024 * 1024;

/** Writes that wait lie outside of V8's heap; the process as a whole is measured coarsely, but floods are large. */
const MOST_GROWN = 16 * 2 ** 20;

/** Connections that flood at the same time, and how much each sends unless it is stopped: far more than kernels buffer. */
const FLOODS = 2;
const FLOOD = 48 * 2 ** 20;

const PIECE = 64 * 1024;

/** A chunk with the least content that pays for its extension (http1/chunked.ts): what is left out makes a piece of each. */
const EXTENDED = `12;x\r\n${'x'.repeat(18)}\r\n`;

type Serve = (connection: RawConnection) => void | Promise<void>;

let launcher: FakeLauncher;
let tenant: RawTenant;
let edge: ChildProcess;
let port: number;
let serve: Serve;
let visitors: RawVisitor[] = [];

beforeAll(async () => {
	launcher = new FakeLauncher();
	await launcher.start();
	tenant = await RawTenant.open((connection) => serve(connection));
	launcher.tenants.set('host:hello.test', {
		id: 101,
		name: 'hello',
		address: '127.0.0.1',
		port: tenant.port,
		connections: 100,
		queue: 100,
		startTimeout: 60_000,
		linger: 60_000,
	});
	launcher.settings = {
		...launcher.settings,
		timeouts: { ...launcher.settings.timeouts, body: 60_000, answer: 60_000 },
	};
	edge = fork(join(import.meta.dirname, '../guard/measured-edge.ts'), [launcher.path], {
		execArgv: ['--no-warnings', '--max-semi-space-size=1'],
	});
	[{ port }] = (await once(edge, 'message')) as [{ port: number }];
});

afterEach(async () => {
	serve = ({ socket }) => void socket.destroy();
	for (const { socket } of [...visitors, ...tenant.connections]) socket.destroy();
	visitors = [];
	tenant.connections.length = 0;
	await nobody();
});

afterAll(async () => {
	edge.disconnect();
	await once(edge, 'exit');
	await tenant.close();
	await launcher.close();
});

test.each<{ what: string; piece: string; serve?: Serve }>([
	{ what: 'requests whose answers are 30 KB', piece: get('/'), serve: answering('x'.repeat(30_000)) },
	{ what: 'requests that the edge answers itself', piece: get('/.innkeeper/health') },
	{ what: 'requests for nobody', piece: get('/', 'nobody.test') },
	{ what: 'what is no request', piece: 'GET / HTTP/1.1\r\n\r\n' },
	{ what: 'requests behind one that is not answered', piece: get('/'), serve: () => {} },
	{ what: 'what is no request, behind one that is not answered', piece: `${get('/')}\0`, serve: () => {} },
])('a visitor who sends $what and reads nothing', async ({ piece, serve: tenantServes = () => {} }) => {
	serve = tenantServes;
	await expectBounded(() => {
		for (const { socket } of visitors) flood(socket, piece);
	});
});

test.each<{ what: string; head: string; ask?: string; behind: string; piece: string }>([
	{ what: '1xx answers', head: '', behind: '', piece: 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' },
	{ what: '100 Continue to an upload', head: '', behind: '', ask: post(9), piece: 'HTTP/1.1 100 Continue\r\n\r\n' },
	{ what: 'a long body', head: `Content-Length: ${2 ** 40}`, behind: '', piece: 'x'.repeat(1000) },
	{ what: 'a body until it closes', head: 'Connection: close', behind: '', piece: 'x'.repeat(1000) },
	{ what: 'chunks of a byte', head: 'Transfer-Encoding: chunked', behind: '', piece: '1\r\nx\r\n' },
	{
		what: 'chunks of a byte, for HTTP/1.0',
		ask: get10(),
		head: 'Transfer-Encoding: chunked',
		behind: '',
		piece: '1\r\nx\r\n',
	},
	{ what: 'chunks with extensions', head: 'Transfer-Encoding: chunked', behind: '', piece: EXTENDED },
	{ what: 'trailers', head: 'Transfer-Encoding: chunked', behind: '1\r\nx\r\n0\r\n', piece: 'A: b\r\n' },
	{ what: 'what belongs to no answer', head: 'Content-Length: 1', behind: 'x', piece: 'y'.repeat(1000) },
	{ what: 'events', head: 'Content-Type: text/event-stream', behind: '', piece: 'data: x\n\n' },
])('a tenant that sends $what to a visitor who reads nothing', async ({ head, behind, piece, ask }) => {
	serve = async (connection) => {
		await connection.head();
		if (head !== '') connection.send(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${behind}`);
		flood(connection.socket, piece);
	};
	await expectBounded(() => {
		for (const visitor of visitors) visitor.send(ask ?? get('/'));
	});
});

test.each([
	{ what: 'an upload', head: post(2 ** 40), piece: 'x'.repeat(1000) },
	{ what: 'chunks of a byte', head: chunkedPost(), piece: '1\r\nx\r\n' },
	{ what: 'chunks with extensions', head: chunkedPost(), piece: EXTENDED },
	{ what: 'trailers', head: `${chunkedPost()}1\r\nx\r\n0\r\n`, piece: 'A: b\r\n' },
])('a visitor who sends $what to a tenant that reads nothing', async ({ head, piece }) => {
	serve = ({ socket }) => void socket.pause();
	await expectBounded(() => {
		for (const visitor of visitors) {
			visitor.send(head);
			flood(visitor.socket, piece);
		}
	});
});

test.each(['visitor', 'tenant'])('a tunnel whose %s floods while the other end reads nothing', async (who) => {
	serve = async (connection) => {
		await connection.head();
		connection.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n');
		connection.socket.pause();
		if (who === 'tenant') flood(connection.socket, 'x'.repeat(1000));
	};
	await expectBounded(() => {
		for (const visitor of visitors) {
			visitor.send('GET / HTTP/1.1\r\nHost: hello.test\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n');
			if (who === 'visitor') flood(visitor.socket, 'x'.repeat(1000));
		}
	});
});

/** `begin` starts a flood on each of the visitors' connections, which read nothing. */
async function expectBounded(begin: () => void): Promise<void> {
	for (let i = 0; i < FLOODS; i++) {
		const visitor = new RawVisitor(port);
		visitors.push(visitor);
		visitor.send(get('/.innkeeper/health'));
		await visitor.answer();
		visitor.socket.pause();
	}
	await atRest();
	const before = await kept();
	begin();
	await atRest();
	const after = await kept();
	expect((after.objects - before.objects) / FLOODS).toBeLessThan(MOST_KEPT);
	expect((after.process - before.process) / FLOODS).toBeLessThan(MOST_GROWN);
}

/** Sends the text over and over until nobody takes any more of it. */
function flood(socket: Socket, text: string): void {
	const piece = Buffer.from(text.repeat(Math.ceil(PIECE / text.length)), 'latin1');
	let sent = 0;
	const on = () => {
		while (sent < FLOOD && socket.writable) {
			sent += piece.length;
			if (!socket.write(piece)) return;
		}
	};
	socket.on('drain', on);
	on();
}

/** Waits until the edge's process does nothing: whatever could pass has passed. */
async function atRest(): Promise<void> {
	for (let looks = 0, last = -1; looks < 5; ) {
		await new Promise((resolve) => setTimeout(resolve, 40));
		const stat = readFileSync(`/proc/${edge.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
		const ticks = Number(stat[11]) + Number(stat[12]);
		looks = ticks === last ? looks + 1 : 0;
		last = ticks;
	}
}

/** Bytes of the edge's process: what its objects have, once all garbage is gone, and what the kernel has given it. */
interface Kept {
	readonly objects: number;
	readonly process: number;
}

async function kept(): Promise<Kept> {
	edge.send('collect');
	await once(edge, 'message');
	edge.send('heap');
	const [{ heapUsed, arrayBuffers, rss }] = (await once(edge, 'message')) as [Record<string, number>];
	return { objects: Number(heapUsed) + Number(arrayBuffers), process: Number(rss) };
}

/** Waits until the edge has no visit under way. */
async function nobody(): Promise<void> {
	for (;;) {
		const nth = launcher.heardOf('counted').length + 1;
		launcher.say({ type: 'count', seq: nth });
		if (Object.keys((await launcher.hears('counted', nth)).connections).length === 0) return;
	}
}

function answering(body: string): Serve {
	return async (connection) => {
		for (;;) {
			await connection.head();
			connection.answer(body);
		}
	};
}

function get(path: string, host = 'hello.test'): string {
	return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

function get10(): string {
	return 'GET / HTTP/1.0\r\nHost: hello.test\r\n\r\n';
}

function post(length: number): string {
	return `POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: ${length}\r\n\r\n`;
}

function chunkedPost(): string {
	return 'POST / HTTP/1.1\r\nHost: hello.test\r\nTransfer-Encoding: chunked\r\n\r\n';
}
