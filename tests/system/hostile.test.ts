import { connect } from 'node:net';
import { House } from './house.ts';
import { answering, type Hello, hello } from './tenants/programs.ts';
import { exchange, visit } from './visitor.ts';

let house: House;
beforeAll(async () => {
	house = await House.start({
		config: { timeouts: { head: '500ms', answer: '700ms', body: '500ms', linger: '200ms' } },
		tenants: {
			counts: {
				yaml: { id: 101, name: 'counts', hosts: ['counts.test'], command: ['node', 'server.mjs'] },
				files: {
					// Tells every byte that ever reached it.
					'server.mjs': `
import { createServer } from 'node:net';
let all = '';
createServer((socket) => {
	socket.on('error', () => {});
	socket.on('data', (chunk) => {
		all += chunk.toString('latin1');
		if (!chunk.includes('GET /all')) return;
		socket.end('HTTP/1.1 200 OK\\r\\nContent-Length: ' + Buffer.byteLength(all, 'latin1') + '\\r\\n\\r\\n' + all, 'latin1');
	});
}).listen(process.env.PORT);
`,
				},
			},
			hello: hello(102, 'hello'),
			garbage: answering(103, 'garbage', 'not HTTP at all\r\n\r\n'),
			half: answering(104, 'half', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this'),
			two: answering(105, 'two', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
			never: {
				yaml: { id: 106, name: 'never', hosts: ['never.test'], command: ['node', 'server.mjs'] },
				files: {
					'server.mjs':
						"import { createServer } from 'node:net'; createServer((s) => s.on('error', () => {}).resume()).listen(process.env.PORT);",
				},
			},
			empty: answering(107, 'empty', ''),
		},
	});
});
afterAll(() => house.discard());

const malformed: Record<string, string> = {
	'CL.TE':
		'POST /smuggled HTTP/1.1\r\nHost: counts.test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
	'TE.CL':
		'POST /smuggled HTTP/1.1\r\nHost: counts.test\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n',
	'duplicated Content-Length':
		'POST /smuggled HTTP/1.1\r\nHost: counts.test\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na',
	'signed Content-Length': 'POST /smuggled HTTP/1.1\r\nHost: counts.test\r\nContent-Length: +1\r\n\r\na',
	'bare LF': 'GET /smuggled HTTP/1.1\nHost: counts.test\n\n',
	'obs-fold': 'GET /smuggled HTTP/1.1\r\nHost: counts.test\r\nA: b\r\n c\r\n\r\n',
	'space before colon': 'GET /smuggled HTTP/1.1\r\nHost : counts.test\r\n\r\n',
	NUL: 'GET /smuggled HTTP/1.1\r\nHost: counts.test\r\nA: b\0c\r\n\r\n',
	'no Host': 'GET /smuggled HTTP/1.1\r\n\r\n',
	'two Hosts': 'GET /smuggled HTTP/1.1\r\nHost: counts.test\r\nHost: counts.test\r\n\r\n',
	'chunked twice':
		'POST /smuggled HTTP/1.1\r\nHost: counts.test\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n',
};

test.each(Object.entries(malformed))('%s: 400, closed, and nothing of it reaches a tenant', async (_name, bytes) => {
	const answer = await exchange(house, bytes);
	expect(answer).toMatch(/^HTTP\/1\.1 400 /);
	expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
	expect((await visit(house, 'counts.test', '/all')).body).not.toContain('smuggled');
});

test('absolute-form with a different Host: the target wins, and nothing of it reaches the tenant of the Host', async () => {
	const bytes = 'GET http://other.test/smuggled HTTP/1.1\r\nHost: counts.test\r\nConnection: close\r\n\r\n';
	expect(await exchange(house, bytes)).toMatch(/^HTTP\/1\.1 404 /);
	expect((await visit(house, 'counts.test', '/all')).body).not.toContain('smuggled');
});

test('an unknown transfer coding is 501, a long target 414, a large head 431', async () => {
	expect(await exchange(house, 'POST / HTTP/1.1\r\nHost: counts.test\r\nTransfer-Encoding: gzip\r\n\r\n')).toMatch(
		/^HTTP\/1\.1 501 /,
	);
	expect(await exchange(house, `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: counts.test\r\n\r\n`)).toMatch(
		/^HTTP\/1\.1 414 /,
	);
	expect(await exchange(house, `GET / HTTP/1.1\r\nHost: counts.test\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`)).toMatch(
		/^HTTP\/1\.1 431 /,
	);
});

test('a slow head is 408', async () => {
	expect(await exchange(house, 'GET / HTTP/1.1\r\nHost: coun')).toMatch(/^HTTP\/1\.1 408 /);
});

test('after a fault in a body nothing more is sent to the tenant', async () => {
	const answer = await exchange(
		house,
		'POST /body HTTP/1.1\r\nHost: counts.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nFFFFFFFFFFFFFFFFF\r\nGET /smuggled HTTP/1.1\r\n\r\n',
	);
	expect(answer).toMatch(/^(HTTP\/1\.1 400 .*)?/);
	expect(answer).not.toContain('200 OK');
	expect((await visit(house, 'counts.test', '/all')).body).not.toContain('smuggled');
});

test.each(['garbage.test', 'two.test', 'empty.test'])('%s answers what is no answer: 502', async (host) => {
	expect((await visit(house, host)).status).toBe(502);
});

test('half an answer is never passed off as a whole one', async () => {
	await expect(visit(house, 'half.test')).rejects.toThrow();
});

test('a tenant that never answers is 504', async () => {
	expect((await visit(house, 'never.test')).status).toBe(504);
});

test('visitors that vanish leak neither connections nor leases', async () => {
	await visit(house, 'hello.test');
	await Promise.all(
		Array.from({ length: 100 }, async () => {
			const visitor = connect(house.port, '127.0.0.1');
			visitor.write('GET /slow HTTP/1.1\r\nHost: hello.test\r\n\r\n');
			await new Promise((resolve) => setTimeout(resolve, 50));
			visitor.destroy();
		}),
	);
	for (;;) {
		const row = await house.row('hello');
		if (row.leases === 0 && row.connections === 0) break;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	expect((JSON.parse((await visit(house, 'hello.test')).body) as Hello).id).toBe('102');
});
