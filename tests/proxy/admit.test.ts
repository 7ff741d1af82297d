import { settings } from './fake-launcher.ts';
import { Front, polite, type RawConnection } from './front.ts';

let front: Front;
afterEach(() => front.close());

test('a tenant’s visitors beyond limits.connections get 503 with Retry-After, and are let in once there is room', async () => {
	front = await Front.open();
	const connections: RawConnection[] = [];
	await front.tenant((connection) => void connections.push(connection), { connections: 2 });
	const inside = [front.visitor(), front.visitor()];
	for (const visitor of inside) visitor.get();
	while (connections.length < 2) await new Promise((resolve) => setImmediate(resolve));
	const outside = front.visitor();
	outside.get();
	const answer = await outside.answer();
	expect(answer.status).toBe(503);
	expect(answer.head).toContain('\r\nRetry-After: 1\r\n');
	expect(await front.logs()).toMatchObject({ error: 'too-many-visitors' });
	for (const connection of connections) connection.answer();
	await Promise.all(inside.map((visitor) => visitor.answer()));
	outside.get();
	await connections[0]?.head();
	await connections[1]?.head();
	const asked = connections.find(({ text }) => text === '') as RawConnection;
	await Promise.race(connections.map((connection) => connection.head()));
	for (const connection of connections) if (connection !== asked) connection.answer();
	asked.answer();
	expect(await outside.answer()).toMatchObject({ status: 200 });
});

test.each([
	['a tenant’s queue', { queue: 2 }, {}],
	['the queue of all tenants', {}, { queue: 2 }],
])('visitors beyond %s get 503 while the others wait on', async (_, view, sizes) => {
	front = await Front.open({
		sizes: { head: 16_384, target: 8192, headers: 100, queue: 2000, connections: 5000, ...sizes },
	});
	front.launcher.onAcquire = () => {};
	await front.tenant(polite, view);
	const waiting = [front.visitor(), front.visitor()];
	for (const visitor of waiting) visitor.get();
	const acquire = await front.launcher.hears('acquire');
	let connections: Record<string, number> = {};
	for (let seq = 1; connections['101'] !== 2; seq++) {
		front.launcher.say({ type: 'count', seq });
		({ connections } = await front.launcher.hears('counted', seq));
	}
	const refused = front.visitor();
	refused.get();
	expect(await refused.answer()).toMatchObject({ status: 503 });
	expect(await front.logs()).toMatchObject({ error: 'queue-full' });
	front.launcher.grant(acquire, 1);
	for (const visitor of waiting) expect(await visitor.answer()).toMatchObject({ status: 200 });
});

test('connections beyond sizes.connections get 503 and are closed', async () => {
	front = await Front.open({ sizes: { head: 16_384, target: 8192, headers: 100, queue: 10, connections: 2 } });
	const inside = [front.visitor(), front.visitor()];
	for (const visitor of inside) {
		visitor.get('/.innkeeper/health');
		await visitor.answer();
	}
	const outside = front.visitor();
	outside.get('/.innkeeper/health');
	expect(await outside.all()).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 1\r\nConnection: close\r\n/);
	expect(await front.logs(3)).toMatchObject({ error: 'too-many-connections' });
	inside[0]?.socket.destroy();
	for (;;) {
		const again = front.visitor();
		again.send('GET /.innkeeper/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
		if ((await again.all()).startsWith('HTTP/1.1 200 ')) break;
	}
});

test.each([true, false])('where no file says how many, nobody is refused: a lease is held %s', async (held) => {
	const { timeouts } = settings;
	front = await Front.open({ timeouts: { ...timeouts, head: 60_000, idle: 60_000, connect: 60_000, answer: 60_000 } });
	const heads: RawConnection[] = [];
	let all = false;
	await front.tenant(
		async (connection) => {
			for (;;) {
				await connection.head();
				if (all) connection.answer();
				else heads.push(connection);
			}
		},
		{ connections: undefined, queue: undefined, startTimeout: 60_000 },
	);
	if (held) {
		all = true;
		const first = front.visitor();
		first.get();
		await first.answer();
		all = false;
	} else {
		front.launcher.onAcquire = () => {};
	}
	const visitors = Array.from({ length: 1100 }, () => front.visitor());
	for (const visitor of visitors) visitor.get();
	let inside = 0;
	for (let seq = 1; inside < visitors.length; seq++) {
		front.launcher.say({ type: 'count', seq });
		inside = (await front.launcher.hears('counted', seq)).connections['101'] ?? 0;
		expect(front.log.filter(({ error }) => error !== undefined)).toEqual([]);
	}
	all = true;
	for (const connection of heads) connection.answer();
	if (!held) front.launcher.grant(await front.launcher.hears('acquire'), 1);
	const statuses = new Set(
		(await Promise.all(visitors.map((visitor) => visitor.answer()))).map(({ status }) => status),
	);
	expect([...statuses]).toEqual([200]);
});
