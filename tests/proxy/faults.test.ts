import { Front, polite, type RawTenant } from './front.ts';

let front: Front;
let tenant: RawTenant;
afterEach(() => front.close());

/** Sends bytes to an edge whose tenant would answer everything; the tenant must not hear of them. */
async function refused(request: string): Promise<string> {
	front = await Front.open();
	tenant = await front.tenant(polite);
	const answer = await front.ask(request);
	expect(tenant.connections).toHaveLength(0);
	expect(answer).toContain('\r\nConnection: close\r\n');
	return answer;
}

const GET = 'GET / HTTP/1.1\r\nHost: hello.test\r\n';

test.each([
	['a bare LF', 400, 'bare-lf', 'GET / HTTP/1.1\nHost: hello.test\n\n'],
	['two lengths', 400, 'duplicate-content-length', `${GET}Content-Length: 1\r\nContent-Length: 1\r\n\r\na`],
	['CL.TE', 400, 'length-and-coding', `${GET}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
	['no Host', 400, 'missing-host', 'GET / HTTP/1.1\r\n\r\n'],
	['an unknown coding', 501, 'unknown-coding', `${GET}Transfer-Encoding: gzip\r\n\r\n`],
	['a long target', 414, 'target-too-long', `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: hello.test\r\n\r\n`],
	['a large head', 431, 'head-too-large', `${GET}A: ${'a'.repeat(20_000)}\r\n\r\n`],
	['many fields', 431, 'too-many-headers', `${GET}${'A: b\r\n'.repeat(101)}\r\n`],
])('a head with %s gets %i, a closed connection, and a line in the log', async (_, status, code, request) => {
	expect(await refused(request)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
	expect(await front.logs()).toMatchObject({ status, error: code });
});

test('a fault behind a good request does not reach the tenant, and the good one is answered first', async () => {
	front = await Front.open();
	tenant = await front.tenant(polite);
	const answers = await front.ask(`${GET}\r\nGET / HTTP/1.1\r\nHost : hello.test\r\n\r\n${GET}\r\n`);
	expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
	expect(await front.logs(2)).toMatchObject({ error: 'space-before-colon' });
});

test('our own answers say nothing of us', async () => {
	front = await Front.open();
	for (const request of ['x\r\n\r\n', 'GET / HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n']) {
		const answer = await front.ask(request);
		expect(answer).not.toMatch(/innkeeper|node|server:|via:|\/work|\.ts|at /i);
		expect(answer.length).toBeLessThan(300);
	}
});

test('the answer to HEAD has no body', async () => {
	front = await Front.open();
	const answer = await front.ask('HEAD / HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n');
	expect(answer).toMatch(/^HTTP\/1\.1 404 [\s\S]*\r\nContent-Length: \d\d+\r\n[\s\S]*\r\n\r\n$/);
});

describe('a fault in a request body', () => {
	test.each([
		['bad-chunk-size', 'zz\r\n'],
		['chunk-too-large', 'fffffffff\r\n'],
		['chunk-extension', `5;${'a'.repeat(2000)}\r\n`],
		['bad-chunk-end', '5\r\nhelloX'],
		['bad-trailer', '0\r\nA : b\r\n\r\n'],
	])('%s: nothing behind it is sent, both connections close, the visitor gets 400', async (code, fault) => {
		front = await Front.open();
		tenant = await front.tenant(() => {});
		const visitor = front.visitor();
		visitor.send('POST / HTTP/1.1\r\nHost: hello.test\r\nTransfer-Encoding: chunked\r\n\r\n');
		while (tenant.connections.length === 0) await new Promise((resolve) => setImmediate(resolve));
		await tenant.connections[0]?.head();
		visitor.send(`3\r\nabc\r\n${fault}${GET}\r\n`);
		expect(await visitor.all()).toMatch(/^HTTP\/1\.1 400 [\s\S]*\r\nConnection: close\r\n/);
		await tenant.connections[0]?.end();
		// Digits of a size that never ends are no fault yet: a tenant cannot use them.
		expect(tenant.connections[0]?.text).toMatch(/^3\r\nabc\r\n(?:5\r\nhello|5|f+)?$/);
		expect(await front.logs()).toMatchObject({ status: 400, error: code });
	});

	test('a visitor who closes in the middle of a body closes the tenant’s connection', async () => {
		front = await Front.open();
		tenant = await front.tenant(() => {});
		const visitor = front.visitor();
		visitor.send('POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 10\r\n\r\nhalf');
		visitor.socket.end();
		expect(await front.logs()).toMatchObject({ error: 'visitor-gone' });
		await tenant.connections[0]?.end();
	});
});

describe('a tenant’s broken answer', () => {
	async function answered(bytes: string, end = false): Promise<string> {
		front = await Front.open();
		tenant = await front.tenant(async (connection) => {
			await connection.head();
			connection.send(bytes);
			if (end) connection.socket.end();
		});
		const visitor = front.visitor();
		visitor.send(`GET / HTTP/1.1\r\nHost: hello.test\r\nConnection: close\r\n\r\n`);
		return visitor.all();
	}

	test.each([
		['garbage', 'SSH-2.0-OpenSSH\r\n', 'answer-bad-start-line'],
		['a bare CR', 'HTTP/1.1 200 OK\rContent-Length: 0\r\r', 'answer-bare-cr'],
		[
			'a length and a coding',
			'HTTP/1.1 200 OK\nContent-Length: 0\nTransfer-Encoding: chunked\n\n',
			'answer-length-and-coding',
		],
		[
			'two lengths',
			'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
			'answer-duplicate-content-length',
		],
		['a head without an end', `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(20_000)}`, 'answer-head-too-large'],
	])('%s gives 502 and closes the connection to it', async (_, bytes, code) => {
		expect(await answered(bytes)).toMatch(/^HTTP\/1\.1 502 /);
		await tenant.connections[0]?.end();
		expect(await front.logs()).toMatchObject({ status: 502, error: code });
	});

	test.each([
		['no byte', ''],
		['half a head', 'HTTP/1.1 200 OK\r\nCont'],
	])('%s and the end gives 502', async (_, bytes) => {
		expect(await answered(bytes, true)).toMatch(/^HTTP\/1\.1 502 /);
		expect(await front.logs()).toMatchObject({ error: 'answer-cut' });
	});

	test.each([
		['half a body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', 'answer-cut'],
		['chunks without a last one', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'answer-cut'],
		[
			'a bad chunk',
			'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n',
			'answer-bad-chunk-size',
		],
	])('%s is shown by a connection that breaks off', async (_, bytes, code) => {
		const answer = await answered(bytes, true);
		expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*half(?:\r\n)?$/);
		expect(await front.logs()).toMatchObject({ status: 200, error: code });
	});

	test.each([
		['half a body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', false],
		['chunks without a last one', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', true],
		['a body whose end is a reset', 'HTTP/1.1 200 OK\r\n\r\nhalf', true],
	])('%s is shown to HTTP/1.0 by a reset where nothing else shows it', async (_, bytes, reset) => {
		front = await Front.open();
		const visitor = front.visitor();
		tenant = await front.tenant(async (connection) => {
			await connection.head();
			connection.send(bytes);
			await visitor.upTo('half');
			if (bytes.includes(':')) connection.socket.end();
			else connection.socket.resetAndDestroy();
		});
		visitor.send('GET / HTTP/1.0\r\nHost: hello.test\r\n\r\n');
		await visitor.end();
		expect([visitor.error, visitor.ended]).toEqual(reset ? ['ECONNRESET', false] : [undefined, true]);
		expect(await front.logs()).toMatchObject({ status: 200, error: 'answer-cut' });
	});

	test('bytes behind an answer are not taken for the next one', async () => {
		front = await Front.open();
		tenant = await front.tenant(async (connection) => {
			await connection.head();
			connection.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
		});
		const visitor = front.visitor();
		for (let i = 0; i < 2; i++) {
			visitor.get();
			expect(await visitor.answer()).toMatchObject({ body: 'ok' });
		}
		expect(tenant.connections).toHaveLength(2);
	});
});
