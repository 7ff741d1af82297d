import { createServer } from 'node:net';
import type { EdgeMessage } from '../../launcher/protocol/edge.ts';
import { Front, polite, type RawConnection, type RawTenant, type RawVisitor } from './front.ts';

type Acquire = EdgeMessage & { type: 'acquire' };

let front: Front;
afterEach(() => front.close());

/** Lets the launcher be asked without an answer; the acquires come in order. */
function holdAcquires(): void {
	front.launcher.onAcquire = () => {};
}

test('1,000 simultaneous visitors of a sleeping tenant share one acquire and are all answered', async () => {
	const patience = 60_000;
	front = await Front.open({
		timeouts: { head: patience, idle: patience, body: patience, connect: patience, answer: patience },
	});
	holdAcquires();
	await front.tenant(polite, { startTimeout: patience });
	const visitors: RawVisitor[] = [];
	while (visitors.length < 1000) {
		// As many as a listening socket's queue has room for, whatever the machine does: who finds it full asks again only later.
		const next = Array.from({ length: 100 }, () => front.visitor());
		for (const visitor of next) visitor.get();
		visitors.push(...next);
		await counted(visitors.length);
	}
	const acquire = await front.launcher.hears('acquire');
	front.launcher.grant(acquire, 1);
	const answers = await Promise.all(visitors.map((visitor) => visitor.answer()));
	expect(answers.filter(({ status }) => status === 200)).toHaveLength(1000);
	expect(front.launcher.heardOf('acquire')).toHaveLength(1);
	expect(front.launcher.heardOf('resolve')).toHaveLength(1);
});

/** Waits until the edge counts so many visitors of tenant 101. */
async function counted(visitors: number): Promise<void> {
	for (let seq = 1; ; seq++) {
		front.launcher.say({ type: 'count', seq });
		const { connections } = await front.launcher.hears('counted', front.launcher.heardOf('counted').length + 1);
		if ((connections['101'] ?? 0) === visitors) return;
	}
}

test('a lease is given back after its linger, all connections closed before, and acquired anew by the next visitor', async () => {
	front = await Front.open();
	const tenant = await front.tenant(polite, { linger: 20 });
	const visitor = front.visitor();
	visitor.get();
	await visitor.answer();
	const release = await front.launcher.hears('release');
	expect(release).toMatchObject({ id: 101, instance: 1 });
	expect(release.idle).toBeGreaterThanOrEqual(19);
	await tenant.connections[0]?.end();
	front.launcher.onAcquire = (message) => front.launcher.grant(message, 2);
	visitor.get();
	expect(await visitor.answer()).toMatchObject({ status: 200 });
	expect(await front.launcher.hears('release', 2)).toMatchObject({ instance: 2 });
	expect(tenant.connections).toHaveLength(2);
});

test('a lease is held as long as one request uses it', async () => {
	front = await Front.open();
	let slow: RawConnection | undefined;
	await front.tenant(
		(connection) => {
			slow = connection;
		},
		{ linger: 5 },
	);
	const visitor = front.visitor();
	visitor.get();
	await counted(1);
	await new Promise((resolve) => setTimeout(resolve, 60));
	expect(front.launcher.heardOf('release')).toHaveLength(0);
	slow?.answer();
	await visitor.answer();
	await front.launcher.hears('release');
});

test('an instance that is granted again while a lease on it ends is held until its first visitor goes', async () => {
	front = await Front.open();
	const held: RawConnection[] = [];
	await front.tenant(async (connection) => {
		if ((await connection.head()).startsWith('GET /stays')) held.push(connection);
		else connection.answer();
	});
	const stays = front.visitor();
	stays.get('/stays');
	while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
	// As by a launcher that was killed while the instance drained: the next one does not know that.
	front.launcher.say({ type: 'revoke', id: 101, instance: 1 });
	const other = front.visitor();
	other.get();
	await other.answer();
	other.socket.destroy();
	front.launcher.say({ type: 'revoke', id: 101, instance: 1 });
	await counted(1);
	await counted(1);
	expect(front.launcher.heardOf('release')).toEqual([]);
	held[0]?.answer();
	expect(await stays.answer()).toMatchObject({ status: 200 });
	await front.launcher.hears('release');
	expect(front.launcher.heardOf('release')).toHaveLength(1);
});

test('visitors who go away while they wait do not cancel the wake, and the lease that nobody needs goes back', async () => {
	front = await Front.open();
	holdAcquires();
	const tenant = await front.tenant(polite, { linger: 5 });
	const gone = front.visitor();
	gone.get();
	const acquire = await front.launcher.hears('acquire');
	gone.socket.resetAndDestroy();
	await counted(0);
	expect(await front.logs()).toMatchObject({ status: 499, error: 'visitor-gone' });
	front.launcher.grant(acquire, 1);
	await front.launcher.hears('release');
	expect(tenant.connections).toHaveLength(0);
});

describe('denied', () => {
	test.each([
		['failed', 503, '3'],
		['busy', 503, '3'],
		['timeout', 504, '3'],
		['unknown', 404, '3'],
	] as const)('%s is answered with %i and Retry-After', async (reason, status, retryAfter) => {
		front = await Front.open();
		await front.tenant(polite);
		front.launcher.onAcquire = ({ seq, id }) => front.launcher.say({ type: 'denied', seq, id, reason, retryAfter: 3 });
		const visitor = front.visitor();
		visitor.get();
		const answer = await visitor.answer();
		expect(answer.status).toBe(status);
		expect(answer.head).toContain(`\r\nRetry-After: ${retryAfter}\r\n`);
		front.launcher.onAcquire = (message) => front.launcher.grant(message, 1);
		visitor.get();
		expect(await visitor.answer()).toMatchObject({ status: 200 });
	});

	test('a visitor who has waited for start.timeout gets 504, and the others go on waiting', async () => {
		front = await Front.open();
		holdAcquires();
		await front.tenant(polite, { startTimeout: 40 });
		const visitor = front.visitor();
		visitor.get();
		const acquire = await front.launcher.hears('acquire');
		expect(await visitor.answer()).toMatchObject({ status: 504 });
		expect(await front.logs()).toMatchObject({ error: 'wake-timeout' });
		visitor.get();
		await counted(1);
		front.launcher.grant(acquire, 1);
		expect(await visitor.answer()).toMatchObject({ status: 200 });
		expect(front.launcher.heardOf('acquire')).toHaveLength(1);
	});
});

describe('revoke', () => {
	test('what runs is finished, then the lease goes back; new requests wait for the next instance', async () => {
		front = await Front.open();
		const connections: RawConnection[] = [];
		await front.tenant((connection) => void connections.push(connection));
		const first = front.visitor();
		first.get('/first');
		await counted(1);
		await (await taken(connections, 1)).head();
		holdAcquires();
		front.launcher.say({ type: 'revoke', id: 101, instance: 1 });
		const second = front.visitor();
		second.get('/second');
		const acquire = await front.launcher.hears('acquire', 2);
		expect(front.launcher.heardOf('release')).toHaveLength(0);
		connections[0]?.answer('one');
		expect(await first.answer()).toMatchObject({ body: 'one' });
		expect(await front.launcher.hears('release')).toMatchObject({ instance: 1 });
		await connections[0]?.end();
		front.launcher.grant(acquire, 2);
		const next = await taken(connections, 2);
		expect(await next.head()).toMatch(/^GET \/second /);
		next.answer('two');
		expect(await second.answer()).toMatchObject({ body: 'two' });
	});

	test('an unused lease goes back at once', async () => {
		front = await Front.open();
		const tenant = await front.tenant(polite);
		const visitor = front.visitor();
		visitor.get();
		await visitor.answer();
		front.launcher.say({ type: 'revoke', id: 101, instance: 1 });
		await front.launcher.hears('release');
		await tenant.connections[0]?.end();
	});
});

/** The nth connection, once the tenant has it. */
async function taken(connections: RawConnection[], nth: number): Promise<RawConnection> {
	while (connections.length < nth) await new Promise((resolve) => setImmediate(resolve));
	return connections[nth - 1] as RawConnection;
}

describe('an instance that dies', () => {
	async function withRequest(request: string): Promise<{ visitor: RawVisitor; connections: RawConnection[] }> {
		front = await Front.open();
		const connections: RawConnection[] = [];
		await front.tenant((connection) => void connections.push(connection));
		const visitor = front.visitor();
		visitor.send(request);
		await (await taken(connections, 1)).head();
		front.launcher.onAcquire = (message) => front.launcher.grant(message, 2);
		return { visitor, connections };
	}

	test('fails the requests that it had accepted with 502, and the visitor may ask again at once', async () => {
		const { visitor, connections } = await withRequest(
			'POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 0\r\n\r\n',
		);
		connections[0]?.socket.resetAndDestroy();
		front.launcher.say({ type: 'gone', id: 101, instance: 1 });
		expect(await visitor.answer()).toMatchObject({ status: 502 });
		visitor.get();
		const next = await taken(connections, 2);
		await next.head();
		next.answer('next');
		expect(await visitor.answer()).toMatchObject({ status: 200, body: 'next' });
	});

	test('leaves what lies in the queue of its socket to the next instance, and nothing is sent twice', async () => {
		// As far as the edge can see, a connection that stays open behind `gone` was never accepted.
		const { visitor, connections } = await withRequest(
			'POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 0\r\n\r\n',
		);
		front.launcher.say({ type: 'gone', id: 101, instance: 1 });
		await front.launcher.hears('acquire', 2);
		connections[0]?.answer('served by the next');
		expect(await visitor.answer()).toMatchObject({ status: 200, body: 'served by the next' });
		expect(connections).toHaveLength(1);
		visitor.get();
		await connections[0]?.head();
		connections[0]?.answer('and again');
		expect(await visitor.answer()).toMatchObject({ body: 'and again' });
	});

	describe('and whose successor has a socket of its own', () => {
		/** Another instance, granted at the next acquire, that says what it was sent. */
		async function succeeded(): Promise<RawTenant> {
			const successor = await front.tenant(
				async (connection) => {
					await connection.head();
					connection.answer(await connection.upTo('end'));
				},
				{ hosts: ['moved.test'] },
			);
			const granted = {
				type: 'granted',
				id: 101,
				instance: 2,
				port: successor.port,
				wake: 'start',
				waited: 1,
			} as const;
			front.launcher.onAcquire = ({ seq }) => front.launcher.say({ ...granted, seq });
			return successor;
		}

		function post(fields: string, body: string): string {
			return `POST / HTTP/1.1\r\nHost: hello.test\r\n${fields}\r\n\r\n${body}`;
		}

		test.each([
			['a body', post('Content-Length: 9', 'begin end')],
			['chunks', post('Transfer-Encoding: chunked', '3;x\r\nend\r\n0\r\n\r\n')],
		])('leaves it what lay unread, with %s', async (_what, request) => {
			const { visitor } = await withRequest(request);
			const successor = await succeeded();
			front.launcher.say({ type: 'gone', id: 101, instance: 1 });
			expect(await visitor.answer()).toMatchObject({ status: 200 });
			expect(successor.connections).toHaveLength(1);
		});

		test('leaves it a body of which some is still to come', async () => {
			const { visitor, connections } = await withRequest(post('Content-Length: 9', 'begin'));
			await connections[0]?.upTo('begin');
			const successor = await succeeded();
			front.launcher.say({ type: 'gone', id: 101, instance: 1 });
			await front.launcher.hears('acquire', 2);
			await successor.connected(1);
			visitor.send(' end');
			expect(await visitor.answer()).toMatchObject({ status: 200, body: 'begin end' });
		});

		test('leaves it none that was too long to be kept', async () => {
			const { visitor, connections } = await withRequest(post('Content-Length: 20000', 'x'.repeat(20_000)));
			await connections[0]?.count(20_000);
			const successor = await succeeded();
			front.launcher.say({ type: 'gone', id: 101, instance: 1 });
			expect(await visitor.answer()).toMatchObject({ status: 502 });
			expect(successor.connections).toHaveLength(0);
		});
	});

	test.each([
		['GET', 200],
		['POST', 502],
	])(
		'leaves it to one that may be stopped before it is ready: a %s that it had accepted comes to %i',
		async (method, status) => {
			const { visitor, connections } = await withRequest(`${method} / HTTP/1.1\r\nHost: hello.test\r\n\r\n`);
			front.launcher.onAcquire = (message) => {
				connections[0]?.socket.resetAndDestroy();
				front.launcher.grant(message, 3);
			};
			front.launcher.say({ type: 'gone', id: 101, instance: 1 });
			if (method === 'GET') {
				const next = await taken(connections, 2);
				await next.head();
				next.answer();
			}
			expect(await visitor.answer()).toMatchObject({ status });
		},
	);

	test('does not take back an answer that it had sent whole before', async () => {
		const { visitor, connections } = await withRequest(
			'POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 0\r\n\r\n',
		);
		front.launcher.say({ type: 'gone', id: 101, instance: 1 });
		connections[0]?.answer('last words');
		connections[0]?.socket.end();
		expect(await visitor.answer()).toMatchObject({ status: 200, body: 'last words' });
	});

	test('closes the idle connections to it', async () => {
		const { visitor, connections } = await withRequest('GET / HTTP/1.1\r\nHost: hello.test\r\n\r\n');
		connections[0]?.answer();
		await visitor.answer();
		front.launcher.say({ type: 'gone', id: 101, instance: 1 });
		await connections[0]?.end();
		expect(front.launcher.heardOf('release')).toHaveLength(0);
	});
});

describe('connections to an instance', () => {
	/** A tenant that answers the first request of a connection and dies of the second. */
	async function mortal(): Promise<RawTenant> {
		front = await Front.open();
		return front.tenant(async (connection) => {
			await connection.head();
			connection.answer('first');
			await connection.head();
			connection.socket.resetAndDestroy();
		});
	}

	test('a GET on a pooled connection that turns out to be dead is sent again on a fresh one', async () => {
		const tenant = await mortal();
		const visitor = front.visitor();
		for (let i = 0; i < 3; i++) {
			visitor.get();
			expect(await visitor.answer()).toMatchObject({ status: 200, body: 'first' });
		}
		expect(tenant.connections).toHaveLength(3);
	});

	test('a POST whose connection dies is not sent again', async () => {
		const tenant = await mortal();
		const visitor = front.visitor();
		visitor.get();
		await visitor.answer();
		visitor.send('POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 0\r\n\r\n');
		expect(await visitor.answer()).toMatchObject({ status: 502 });
		expect(tenant.connections).toHaveLength(1);
		expect(await front.logs(2)).toMatchObject({ error: 'answer-cut' });
	});

	test('a POST does not go out on a connection that was idle for over a second', async () => {
		front = await Front.open();
		const tenant = await front.tenant(polite);
		const visitor = front.visitor();
		visitor.get();
		await visitor.answer();
		await new Promise((resolve) => setTimeout(resolve, 1100));
		visitor.send('POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 0\r\n\r\n');
		expect(await visitor.answer()).toMatchObject({ status: 200 });
		expect(tenant.connections).toHaveLength(2);
	});

	test('a leased instance that refuses connections is told to the launcher and tried again', async () => {
		front = await Front.open();
		const late = await front.tenant(polite);
		const { port } = late;
		await late.close();
		const visitor = front.visitor();
		visitor.get();
		expect(await front.launcher.hears('refused')).toMatchObject({ id: 101, instance: 1 });
		const server = createServer((socket) => socket.resume().end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
		await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
		expect(await visitor.answer()).toMatchObject({ status: 200, body: 'ok' });
		await new Promise((resolve) => server.close(resolve));
	});

	test('one that goes on refusing gives 502', async () => {
		front = await Front.open();
		await (await front.tenant(polite)).close();
		const visitor = front.visitor();
		visitor.get();
		expect(await visitor.answer()).toMatchObject({ status: 502 });
		expect(await front.logs()).toMatchObject({ error: 'connect-refused' });
	});
});

describe('a launcher that dies', () => {
	test('is not noticed by warm requests, and the next one hears of the leases', async () => {
		front = await Front.open();
		await front.tenant(polite);
		const visitor = front.visitor();
		visitor.get();
		await visitor.answer();
		await front.launcher.die();
		for (let i = 0; i < 10; i++) {
			visitor.get();
			expect(await visitor.answer()).toMatchObject({ status: 200 });
		}
		await front.launcher.start();
		expect(await front.launcher.hears('hello', 2)).toMatchObject({ worker: 1, leases: [{ id: 101, instance: 1 }] });
		visitor.get();
		expect(await visitor.answer()).toMatchObject({ status: 200 });
	});

	test('leaves those who wait to the next one: for a host, and for a wake', async () => {
		front = await Front.open();
		holdAcquires();
		await front.tenant(polite);
		const waiting = front.visitor();
		waiting.get();
		await front.launcher.hears('acquire');
		await front.launcher.die();
		const asking = front.visitor();
		asking.send('GET / HTTP/1.1\r\nHost: other.test\r\n\r\n');
		front.know((await front.tenant(polite)).port, { id: 102, name: 'other', hosts: ['other.test'] });
		front.launcher.onAcquire = (message: Acquire) => front.launcher.grant(message, 1);
		await front.launcher.start();
		expect(await waiting.answer()).toMatchObject({ status: 200 });
		expect(await asking.answer()).toMatchObject({ status: 200 });
	});
});

describe('a connection made ahead, while the instance starts', () => {
	/** A visitor whose tenant is being started, with the connection that was made ahead. */
	async function started(): Promise<{ tenant: RawTenant; visitor: RawVisitor; acquire: Acquire }> {
		front = await Front.open();
		holdAcquires();
		const tenant = await front.tenant(polite);
		const visitor = front.visitor();
		visitor.get();
		const acquire = await front.launcher.hears('acquire');
		front.launcher.say({ type: 'starting', id: 101, port: tenant.port });
		await tenant.connected(1);
		return { tenant, visitor, acquire };
	}

	test('carries nothing before the lease is there, and then the first request', async () => {
		const { tenant, visitor, acquire } = await started();
		await counted(1);
		expect(tenant.connections[0]?.text).toBe('');
		front.launcher.grant(acquire, 1);
		expect(await visitor.answer()).toMatchObject({ status: 200 });
		expect(tenant.connections).toHaveLength(1);
	});

	test('is closed where the start fails', async () => {
		const { tenant, visitor, acquire } = await started();
		front.launcher.say({ type: 'denied', seq: acquire.seq, id: 101, reason: 'failed', retryAfter: 1 });
		expect(await visitor.answer()).toMatchObject({ status: 503 });
		await tenant.connections[0]?.end();
	});

	test('is closed where the visitor has gone: a program that serves one at a time would wait for it', async () => {
		const { tenant, visitor, acquire } = await started();
		visitor.socket.resetAndDestroy();
		await counted(0);
		front.launcher.grant(acquire, 1);
		await tenant.connections[0]?.end();
	});

	test('is replaced where another instance is started, and not used where that answers on another port', async () => {
		const { tenant, visitor, acquire } = await started();
		front.launcher.say({ type: 'starting', id: 101, port: tenant.port });
		await tenant.connected(2);
		await tenant.connections[0]?.end();
		const moved = await front.tenant(polite, { hosts: ['moved.test'] });
		front.launcher.say({
			type: 'granted',
			seq: acquire.seq,
			id: 101,
			instance: 2,
			port: moved.port,
			wake: 'start',
			waited: 1,
		});
		expect(await visitor.answer()).toMatchObject({ status: 200 });
		await tenant.connections[1]?.end();
		expect(moved.connections).toHaveLength(1);
	});

	test('is not missed where it was refused or lost', async () => {
		const { tenant, visitor, acquire } = await started();
		tenant.connections[0]?.socket.resetAndDestroy();
		await counted(1);
		front.launcher.grant(acquire, 1);
		expect(await visitor.answer()).toMatchObject({ status: 200 });
	});

	test('is not made where nobody waits', async () => {
		front = await Front.open();
		const tenant = await front.tenant(polite, { linger: 5 });
		const visitor = front.visitor();
		visitor.get();
		await visitor.answer();
		await front.launcher.hears('release');
		front.launcher.say({ type: 'starting', id: 101, port: tenant.port });
		await counted(0);
		expect(tenant.connections).toHaveLength(1);
	});
});
