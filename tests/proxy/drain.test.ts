import { once } from 'node:events';
import { connect } from 'node:net';
import { Front, polite, type RawConnection } from './front.ts';

let front: Front;
afterEach(() => front.close());

test('a house that closes turns away who comes until its sockets are closed, finishes what runs, gives leases back, and is done', async () => {
	front = await Front.open();
	let busy: RawConnection | undefined;
	await front.tenant(async (connection) => {
		await connection.head();
		if (busy === undefined) busy = connection;
		else connection.answer();
	});
	const running = front.visitor();
	running.get('/slow');
	while (busy === undefined) await new Promise((resolve) => setImmediate(resolve));
	const idle = front.visitor();
	idle.get();
	await idle.answer();
	front.launcher.say({ type: 'drain', deadline: 10_000 });
	expect(await idle.all()).toBe('');
	const late = front.visitor();
	late.get();
	expect(await late.all()).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 1\r\nConnection: close\r\n/);
	late.socket.end();
	front.edge.close('edge/http/test');
	await turns();
	const tooLate = connect(front.port, '127.0.0.1');
	expect(((await once(tooLate, 'error')) as [NodeJS.ErrnoException])[0].code).toBe('ECONNREFUSED');
	busy.answer('the last one');
	expect(await running.all()).toMatch(/\r\nConnection: close\r\n[\s\S]*the last one$/);
	await front.finished;
	expect(await front.launcher.hears('release')).toMatchObject({ id: 101, instance: 1 });
});

/** Listening sockets are closed a few turns of the loop later, for the sake of those who came before. */
async function turns(): Promise<void> {
	for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
}

test('who came before a listening socket is closed is accepted, for to close it would reset him', async () => {
	front = await Front.open();
	const first = front.visitor();
	first.get('/.innkeeper/health');
	await first.answer();
	const queued = Array.from({ length: 5 }, () => {
		const visitor = front.visitor();
		visitor.get('/.innkeeper/health');
		return visitor;
	});
	// The kernel has connected them, and the edge has not looked yet.
	await new Promise<void>((resolve) => process.nextTick(resolve));
	front.edge.close('edge/http/test');
	for (const visitor of queued) expect(await visitor.answer()).toMatchObject({ status: 200 });
});

test('who has a connection and has not asked anything yet is told so, too', async () => {
	front = await Front.open();
	const fresh = front.visitor();
	const other = front.visitor();
	other.get('/.innkeeper/health');
	await other.answer();
	front.launcher.say({ type: 'drain', deadline: 10_000 });
	expect(await fresh.all()).toMatch(/^HTTP\/1\.1 503 /);
	fresh.socket.end();
});

test('a worker that retires accepts nobody, for others do, and is done', async () => {
	front = await Front.open();
	await front.tenant(polite);
	const idle = front.visitor();
	idle.get();
	await idle.answer();
	front.edge.drain(10_000);
	await turns();
	const late = connect(front.port, '127.0.0.1');
	expect(((await once(late, 'error')) as [NodeJS.ErrnoException])[0].code).toBe('ECONNREFUSED');
	expect(await idle.all()).toBe('');
	await front.finished;
});

test('what is not finished by the deadline is cut', async () => {
	front = await Front.open();
	const tenant = await front.tenant(() => {});
	const visitor = front.visitor();
	visitor.get();
	while (tenant.connections.length === 0) await new Promise((resolve) => setImmediate(resolve));
	front.launcher.say({ type: 'drain', deadline: 40 });
	await front.finished;
	expect(await visitor.all()).toMatch(/^HTTP\/1\.1 503 /);
	await tenant.connections[0]?.end();
	expect(front.log).toMatchObject([{ status: 503, error: 'drained' }]);
});

test('a drain of nothing is done at once', async () => {
	front = await Front.open();
	await front.tenant(polite);
	front.edge.drain(60_000);
	await front.finished;
});
