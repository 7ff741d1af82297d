import { Front } from './front.ts';

let front: Front;
beforeEach(async () => {
	front = await Front.open();
});
afterEach(() => front.close());

test('whoever closes its half still gets the answer, but does not hold a tenant that says no more', async () => {
	const tenant = await front.tenant(async (connection) => {
		const head = await connection.head();
		if (head.includes('/answers')) connection.answer('late but whole', 'Connection: close\r\n');
		else connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n');
	});
	const patient = front.visitor();
	patient.get('/answers');
	patient.socket.end();
	expect((await patient.answer()).body).toBe('late but whole');
	const vanished = front.visitor();
	vanished.get('/never');
	await vanished.upTo('first');
	vanished.socket.end();
	// Five seconds by the edge's own clock; the tenant's connection ends with the visitor.
	await vanished.end();
	await tenant.connections[1]?.end();
	expect(await front.logs(2)).toMatchObject({ error: 'visitor-gone' });
});

test('a pooled connection that the tenant closed for being idle is replaced without the visitor noticing', async () => {
	let served = 0;
	await front.tenant(async (connection) => {
		await connection.head();
		connection.answer(`answer ${++served}`);
		// The next request meets a connection that dies of it: closed by the tenant as the request was on its way.
		await connection.head();
		connection.socket.resetAndDestroy();
	});
	const visitor = front.visitor();
	visitor.get();
	expect((await visitor.answer()).body).toBe('answer 1');
	visitor.get();
	expect((await visitor.answer()).body).toBe('answer 2');
});

test('a request that its instance died of is not given to the next instance: 502', async () => {
	const tenant = await front.tenant(async (connection) => {
		await connection.head();
		connection.answer('fine');
		await connection.head();
		connection.socket.resetAndDestroy();
		front.launcher.say({ type: 'gone', id: 101, instance: 1 });
	});
	const visitor = front.visitor();
	visitor.get();
	expect((await visitor.answer()).body).toBe('fine');
	visitor.get('/deadly');
	expect((await visitor.answer()).status).toBe(502);
	expect(tenant.connections).toHaveLength(1);
});

test('a tunnel whose one half is closed ends when the other falls silent', async () => {
	const tenant = await front.tenant(async (connection) => {
		await connection.head();
		connection.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n');
	});
	const visitor = front.visitor();
	visitor.get('/', 'Connection: Upgrade\r\nUpgrade: raw\r\n');
	await visitor.upTo('\r\n\r\n');
	visitor.socket.end();
	await visitor.end();
	await tenant.connections[0]?.end();
});
