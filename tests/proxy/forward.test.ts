import { Front, polite, type RawConnection, stalled } from './front.ts';

let front: Front;
afterEach(() => front.close());

test('a visitor wakes the tenant once and is answered; the next ones go by the same lease and connection', async () => {
	front = await Front.open();
	const tenant = await front.tenant(polite);
	const visitor = front.visitor();
	visitor.get('/a');
	expect(await visitor.answer()).toMatchObject({ status: 200, body: 'hello' });
	visitor.get('/b');
	expect(await visitor.answer()).toMatchObject({ status: 200, body: 'hello' });
	expect(front.launcher.heardOf('acquire')).toMatchObject([
		{ id: 101, visitor: { address: '127.0.0.1', request: 'GET hello.test/a' } },
	]);
	expect(front.launcher.heardOf('resolve')).toHaveLength(1);
	expect(tenant.connections).toHaveLength(1);
	expect(await front.logs(2)).toMatchObject({ target: '/b', status: 200, bytes: 5, tenant: 'hello', wake: 'none' });
	expect(front.log[0]).toMatchObject({ target: '/a', wake: 'start' });
});

/** Opens a front with a tenant whose first connection is handed to the test. */
async function connected(): Promise<{ tenant: Promise<RawConnection> }> {
	front = await Front.open();
	let hand: (connection: RawConnection) => void;
	const tenant = new Promise<RawConnection>((resolve) => {
		hand = resolve;
	});
	await front.tenant((connection) => hand(connection));
	return { tenant };
}

describe('bodies', () => {
	test('a request body of a fixed length arrives whole, however it is cut', async () => {
		const { tenant } = await connected();
		const visitor = front.visitor();
		visitor.send('POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 10\r\n\r\n01');
		const connection = await tenant;
		expect(await connection.head()).toMatch(/^POST \/ HTTP\/1\.1\r\n[\s\S]*Content-Length: 10\r\n/);
		expect(await connection.count(2)).toBe('01');
		visitor.send('234');
		expect(await connection.count(3)).toBe('234');
		visitor.send('56789');
		expect(await connection.count(5)).toBe('56789');
		connection.answer();
		expect(await visitor.answer()).toMatchObject({ status: 200 });
	});

	test('a chunked request body arrives with its trailers', async () => {
		const { tenant } = await connected();
		const visitor = front.visitor();
		visitor.send('POST / HTTP/1.1\r\nHost: hello.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel');
		const connection = await tenant;
		expect(await connection.head()).toMatch(/\r\nTransfer-Encoding: chunked\r\n/);
		visitor.send('lo\r\n0\r\nX-Sum: 5\r\nHost: evil\r\n\r\n');
		expect(await connection.upTo('\r\n\r\n')).toBe('5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n');
		connection.answer();
		await visitor.answer();
	});

	test('a chunked answer is relayed piece by piece with its trailers', async () => {
		const { tenant } = await connected();
		const visitor = front.visitor();
		visitor.get();
		const connection = await tenant;
		await connection.head();
		connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
		expect(await visitor.upTo('\r\n\r\n')).toMatch(/\r\nTransfer-Encoding: chunked\r\n/);
		connection.send('3\r\none\r\n');
		expect(await visitor.count(8)).toBe('3\r\none\r\n');
		connection.send('3\r\ntwo\r\n0\r\nX-Sum: 6\r\n\r\n');
		expect(await visitor.upTo('\r\n\r\n')).toBe('3\r\ntwo\r\n0\r\nX-Sum: 6\r\n\r\n');
	});

	test('an answer that ends with its connection is given chunks, and the visitor keeps its own connection', async () => {
		const { tenant } = await connected();
		const visitor = front.visitor();
		visitor.get();
		const connection = await tenant;
		await connection.head();
		connection.send('HTTP/1.1 200 OK\r\n\r\n');
		expect(await visitor.upTo('\r\n\r\n')).toMatch(/\r\nTransfer-Encoding: chunked\r\n/);
		connection.send('until the end');
		expect(await visitor.upTo('end\r\n')).toBe('d\r\nuntil the end\r\n');
		connection.socket.end();
		expect(await visitor.count(5)).toBe('0\r\n\r\n');
		visitor.get('/.innkeeper/health');
		expect(await visitor.answer()).toMatchObject({ status: 200 });
	});

	test('large bodies pass both ways whole, while both sides read late', async () => {
		const size = 8 << 20;
		const { tenant } = await connected();
		const visitor = front.visitor();
		visitor.send(`PUT / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: ${size}\r\n\r\n`);
		const block = 'x'.repeat(1 << 20);
		for (let sent = 0; sent < size; sent += block.length) visitor.send(block);
		const connection = await tenant;
		await connection.head();
		connection.socket.pause();
		await stalled(visitor);
		connection.socket.resume();
		expect(await connection.count(size)).toBe('x'.repeat(size));
		connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
		visitor.socket.pause();
		for (let sent = 0; sent < size; sent += block.length) connection.send(block);
		await stalled(connection);
		visitor.socket.resume();
		const { status, body } = await visitor.answer();
		expect([status, body.length, body === 'x'.repeat(size)]).toEqual([200, size, true]);
	});

	test('HEAD, 204 and 304 end with their heads and leave the connections usable', async () => {
		front = await Front.open();
		const tenant = await front.tenant(async (connection) => {
			await connection.head();
			connection.send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
			await connection.head();
			connection.send('HTTP/1.1 204 No Content\r\n\r\n');
			await connection.head();
			connection.send('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: "a"\r\n\r\n');
			await connection.head();
			connection.answer();
		});
		const visitor = front.visitor();
		visitor.send('HEAD / HTTP/1.1\r\nHost: hello.test\r\n\r\n');
		expect(await visitor.upTo('\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Content-Length: 5\r\n/);
		visitor.get();
		expect(await visitor.upTo('\r\n\r\n')).toMatch(/^HTTP\/1\.1 204 (?![\s\S]*content-length)/i);
		visitor.get();
		expect(await visitor.upTo('\r\n\r\n')).toMatch(/^HTTP\/1\.1 304 [\s\S]*ETag: "a"/);
		visitor.get();
		expect(await visitor.answer()).toMatchObject({ status: 200, body: 'hello' });
		expect(tenant.connections).toHaveLength(1);
	});
});

describe('HTTP/1.0 visitors', () => {
	test('get a chunked answer without its chunks, and the end of the connection as its end', async () => {
		const { tenant } = await connected();
		const visitor = front.visitor();
		visitor.send('GET / HTTP/1.0\r\nHost: hello.test\r\nConnection: keep-alive\r\n\r\n');
		const connection = await tenant;
		expect(await connection.head()).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
		connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n');
		const answer = await visitor.all();
		expect(answer).toMatch(/\r\nConnection: close\r\n/);
		expect(answer).not.toMatch(/transfer-encoding/i);
		expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe('hello world');
	});

	test('keep their connection when they ask for it and the length is known', async () => {
		front = await Front.open();
		await front.tenant(polite);
		const visitor = front.visitor();
		for (let i = 0; i < 2; i++) {
			visitor.send('GET / HTTP/1.0\r\nHost: hello.test\r\nConnection: keep-alive\r\n\r\n');
			expect((await visitor.answer()).head).toMatch(/\r\nConnection: keep-alive\r\n/);
		}
		expect(await front.ask('GET / HTTP/1.0\r\nHost: hello.test\r\n\r\n')).toMatch(/\r\nConnection: close\r\n/);
	});

	test('get no interim answers', async () => {
		const { tenant } = await connected();
		const visitor = front.visitor();
		visitor.send('GET / HTTP/1.0\r\nHost: hello.test\r\n\r\n');
		const connection = await tenant;
		await connection.head();
		connection.send('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
		connection.answer();
		expect(await visitor.all()).toMatch(/^HTTP\/1\.1 200 /);
	});
});

describe('interim answers', () => {
	test('are relayed, and 100 (Continue) comes from the tenant before the body is asked for', async () => {
		const { tenant } = await connected();
		const visitor = front.visitor();
		visitor.send('POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n');
		const connection = await tenant;
		expect(await connection.head()).toMatch(/\r\nExpect: 100-continue\r\n/);
		expect(visitor.text).toBe('');
		connection.send('HTTP/1.1 100 Continue\r\n\r\n');
		expect(await visitor.upTo('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
		visitor.send('body');
		expect(await connection.count(4)).toBe('body');
		connection.send('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
		expect(await visitor.upTo('\r\n\r\n')).toBe('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
		connection.answer();
		expect(await visitor.answer()).toMatchObject({ status: 200 });
	});

	test('a final answer instead of 100 closes the connection, since the body is still owed', async () => {
		const { tenant } = await connected();
		const visitor = front.visitor();
		visitor.send('POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n');
		const connection = await tenant;
		await connection.head();
		connection.send('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n');
		expect(await visitor.all()).toMatch(/^HTTP\/1\.1 417 [\s\S]*\r\nConnection: close\r\n/);
		await connection.end();
	});
});

describe('pipelining and ends', () => {
	test('requests sent ahead are answered in their order', async () => {
		front = await Front.open();
		await front.tenant(async (connection) => {
			for (;;) {
				const [, path = ''] = (await connection.head()).split(' ');
				connection.answer(path);
			}
		});
		const visitor = front.visitor();
		const paths = Array.from({ length: 200 }, (_, i) => `/${i}`);
		visitor.send(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: hello.test\r\n\r\n`).join(''));
		for (const path of paths) expect((await visitor.answer()).body).toBe(path);
	});

	test('what is sent ahead beyond a bound waits in the kernel', async () => {
		const { tenant } = await connected();
		const visitor = front.visitor();
		visitor.get();
		const connection = await tenant;
		await connection.head();
		const block = 'G'.repeat(64 << 10);
		for (let i = 0; i < 1024; i++) visitor.send(block);
		await stalled(visitor);
		expect(visitor.socket.writableLength).toBeGreaterThan(32 << 20);
		connection.answer();
		await visitor.answer();
		expect(await visitor.all()).toMatch(/^HTTP\/1\.1 414 /);
	});

	test('an early answer is delivered while the body is still coming, and the connection closes', async () => {
		const { tenant } = await connected();
		const visitor = front.visitor();
		visitor.send('POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 1000000\r\n\r\nbegin');
		const connection = await tenant;
		await connection.head();
		connection.send('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno\n');
		visitor.send('more');
		expect(await visitor.all()).toMatch(/^HTTP\/1\.1 413 [\s\S]*\r\nConnection: close\r\n[\s\S]*no\n$/);
		expect(await front.logs()).toMatchObject({ status: 413 });
	});

	test('a visitor who closes its half behind the request is answered', async () => {
		const { tenant } = await connected();
		const visitor = front.visitor();
		visitor.get();
		visitor.socket.end();
		const connection = await tenant;
		await connection.head();
		connection.answer();
		expect(await visitor.all()).toMatch(/^HTTP\/1\.1 200 [\s\S]*hello$/);
	});

	test('a tenant that closes behind its answer, or says so, is not asked on that connection again', async () => {
		front = await Front.open();
		const tenant = await front.tenant(async (connection) => {
			await connection.head();
			connection.answer('once', 'Connection: close\r\n');
		});
		const visitor = front.visitor();
		for (let i = 0; i < 3; i++) {
			visitor.get();
			expect(await visitor.answer()).toMatchObject({ status: 200, body: 'once' });
		}
		expect(tenant.connections).toHaveLength(3);
		for (const connection of tenant.connections) await connection.end();
	});

	test('server-sent events pass unbuffered, the first byte at once', async () => {
		const { tenant } = await connected();
		const visitor = front.visitor();
		visitor.get();
		const connection = await tenant;
		await connection.head();
		connection.send('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n');
		await visitor.upTo('\r\n\r\n');
		for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
			connection.send(event);
			expect(await visitor.upTo('\n\n\r\n')).toBe(`9\r\n${event}\r\n`);
		}
		visitor.socket.destroy();
		await connection.end();
		expect(await front.logs()).toMatchObject({ status: 200, error: 'visitor-gone' });
	});
});
