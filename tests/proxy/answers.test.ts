import { Front, type RawVisitor } from './front.ts';

let front: Front;
afterEach(() => front.close());

/** What the visitor gets of a tenant's bytes, whole; the tenant ends its connection behind them. */
async function answered(bytes: string, request = 'GET / HTTP/1.1\r\n'): Promise<string> {
	front = await Front.open();
	await front.tenant(async (connection) => {
		await connection.head();
		connection.send(bytes);
		connection.socket.end();
	});
	return front.ask(`${request}Host: hello.test\r\nConnection: close\r\n\r\n`);
}

const OK = 'HTTP/1.1 200 OK\r\n';
const HEAD = 'Date: now\r\nContent-Length: 2\r\n';
/** What a strict server would have made of them. */
const PLAIN = `${OK}Date: now\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok`;
const CHUNKS = `${OK}Date: now\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n`;

describe('what CGIs and small servers send is read where it means one thing, and goes on as everybody writes it', () => {
	test.each([
		['bare LF', 'HTTP/1.1 200 OK\nDate: now\nContent-Length: 2\n\nok', PLAIN],
		['bare LF and CR LF', 'HTTP/1.1 200 OK\r\nDate: now\nContent-Length: 2\r\n\nok', PLAIN],
		['doubled spaces', `HTTP/1.1  200  OK\r\n${HEAD}\r\nok`, PLAIN],
		['no reason', `HTTP/1.1 200\r\n${HEAD}\r\nok`, PLAIN.replace('OK', '')],
		['an empty line in front', `\r\n${OK}${HEAD}\r\nok`, PLAIN],
		['an HTTP/1.2 of its own', `HTTP/1.2 200 OK\r\n${HEAD}\r\nok`, PLAIN],
		['status 999', `HTTP/1.1 999 No\r\n${HEAD}\r\nok`, PLAIN.replace('200 OK', '999 No')],
		['equal lengths', `${OK}${HEAD}Content-Length: 2\r\n\r\nok`, PLAIN],
		['a list of equal lengths', `${OK}Date: now\r\nContent-Length: 2, 2\r\n\r\nok`, PLAIN],
		['tabs beside a length', `${OK}Date: now\r\nContent-Length:\t2\t\r\n\r\nok`, PLAIN],
		['white space before colons', `${OK}Date : now\r\nContent-Length\t: 2\r\n\r\nok`, PLAIN],
		['a folded line', `${OK}Date:\r\n  now\r\nContent-Length: 2\r\n\r\nok`, PLAIN],
		['a length beside Connection', `${OK}${HEAD}Connection: content-length\r\n\r\nok`, PLAIN],
		['Connection that names Date', `${OK}Connection: date, x-mine\r\nX-Mine: 1\r\n${HEAD}\r\nok`, PLAIN],
		[
			'chunk extensions',
			`${OK}Date: now\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\no\r\n1   \r\nk\r\n0;c\r\n\r\n`,
			CHUNKS.replace('2\r\nok', '1\r\no\r\n1\r\nk'),
		],
	])('%s', async (_, bytes, expected) => {
		expect(await answered(bytes)).toBe(expected);
		expect(await front.logs()).not.toHaveProperty('error');
	});

	test.each([
		['204 with a length', 'HTTP/1.1 204 No Content\r\nDate: now\r\nContent-Length: 2\r\n\r\n'],
		['204 with a coding', 'HTTP/1.1 204 No Content\r\nDate: now\r\nTransfer-Encoding: chunked\r\n\r\n'],
		['204 with two lengths', 'HTTP/1.1 204 No Content\nDate: now\nContent-Length: 1\nContent-Length: 2\n\n'],
	])('%s ends at its empty line', async (_, bytes) => {
		expect(await answered(bytes)).toBe('HTTP/1.1 204 No Content\r\nDate: now\r\nConnection: close\r\n\r\n');
		expect(await front.logs()).not.toHaveProperty('error');
	});

	test('a stray empty line behind an interim answer with a length', async () => {
		const interim = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n';
		expect(await answered(`${interim}Content-Length: 5\r\n\r\n\r\n${OK}${HEAD}\r\nok`)).toBe(`${interim}\r\n${PLAIN}`);
	});

	test('120 cookies', async () => {
		const cookies = Array.from({ length: 120 }, (_, i) => `Set-Cookie: cookie-${i}=${'x'.repeat(20)}\r\n`).join('');
		expect(await answered(`${OK}${cookies}${HEAD}\r\nok`)).toBe(PLAIN.replace('Date', `${cookies}Date`));
	});

	test('chunk extensions on the way to HTTP/1.0', async () => {
		const bytes = `${OK}Date: now\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\no\r\n1 \r\nk\r\n0\r\n\r\n`;
		expect(await answered(bytes, 'GET / HTTP/1.0\r\n')).toBe(`${OK}Date: now\r\nConnection: close\r\n\r\nok`);
	});

	test('a length in the answer to HEAD, and none where there are two', async () => {
		const head = `${OK}Date: now\r\nConnection: close\r\n\r\n`;
		expect(await answered(`${OK}Date: now\r\nContent-Length: 5\r\n\r\n`, 'HEAD / HTTP/1.1\r\n')).toBe(
			head.replace('Connection', 'Content-Length: 5\r\nConnection'),
		);
		await front.close();
		const two = `${OK}Date: now\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n`;
		expect(await answered(two, 'HEAD / HTTP/1.1\r\n')).toBe(head);
	});
});

test('the next answer on the connection is read anew behind an unusual one', async () => {
	front = await Front.open();
	const tenant = await front.tenant(async (connection) => {
		for (;;) {
			const head = await connection.head();
			if (head.includes('/204')) connection.send('HTTP/1.1 204 No Content\nContent-Length: 5\n\n');
			else connection.send('HTTP/1.1  200 OK\nContent-Length : 5\n\nhello');
		}
	});
	const visitor: RawVisitor = front.visitor();
	for (const path of ['/204', '/', '/', '/204', '/']) {
		visitor.get(path);
		const { status, body } = await visitor.answer();
		expect([status, body]).toEqual(path === '/204' ? [204, ''] : [200, 'hello']);
	}
	expect(tenant.connections).toHaveLength(1);
});

test('101 to a protocol that was not asked for is a broken answer', async () => {
	front = await Front.open();
	await front.tenant(async (connection) => {
		await connection.head();
		connection.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n');
	});
	const visitor = front.visitor();
	visitor.get('/', 'Connection: Upgrade\r\nUpgrade: one, two\r\n');
	expect((await visitor.answer()).status).toBe(502);
	expect(await front.logs()).toMatchObject({ error: 'answer-bad-upgrade' });
});
