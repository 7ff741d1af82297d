import { Front } from './front.ts';

let front: Front;
afterEach(() => front.close());

/** What the tenant gets of a visitor's bytes, but for the fields that the edge adds. */
async function passedOn(bytes: string, end: string): Promise<string> {
	front = await Front.open();
	let got = '';
	await front.tenant(async (connection) => {
		got = await connection.upTo(end);
		connection.answer();
	});
	const visitor = front.visitor();
	visitor.send(bytes);
	expect(await visitor.answer()).toMatchObject({ status: 200, body: 'hello' });
	return got.replace(/^(?:X-Forwarded-\w+|Forwarded|X-Request-Id|Via): .*\r\n/gm, '');
}

const HOST = 'Host: hello.test\r\n';
const CHUNKED = `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`;

test.each([
	['a port that decides nothing', 'GET / HTTP/1.1\r\nHost: hello.test:80\r\n\r\n', undefined],
	['an empty port', 'GET / HTTP/1.1\r\nHost: hello.test:\r\n\r\n', undefined],
	['a method of its own', `get-it / HTTP/1.1\r\n${HOST}\r\n`, undefined],
	['HTTP/1.9', `GET / HTTP/1.9\r\n${HOST}\r\n`, `GET / HTTP/1.1\r\n${HOST}\r\n`],
	['a target with raw bytes', `GET /\xc3\xa9 HTTP/1.1\r\n${HOST}\r\n`, `GET /%C3%A9 HTTP/1.1\r\n${HOST}\r\n`],
	[
		'an absolute target beside another Host',
		'GET http://hello.test/a HTTP/1.1\r\nHost: other.test\r\n\r\n',
		`GET /a HTTP/1.1\r\n${HOST}\r\n`,
	],
	[
		'extensions of chunks, and white space',
		`${CHUNKED}2;a="b;c"\r\nok\r\n3 \t\r\nay!\r\n0 ; last\r\n\r\n`,
		`${CHUNKED}2\r\nok\r\n3\r\nay!\r\n0\r\n\r\n`,
	],
])('%s: the tenant gets the plain request', async (_, bytes, expected = bytes) => {
	expect(await passedOn(bytes, expected.includes('chunked') ? '0\r\n\r\n' : '\r\n\r\n')).toBe(expected);
	expect(await front.logs()).not.toHaveProperty('error');
});

test.each(["hello.test'", 'hello,test', 'hello%2etest', 'hello..test'])(
	'Host %s is nobody’s, and the launcher is not asked',
	async (host) => {
		front = await Front.open();
		front.know(1, { hosts: [host.toLowerCase(), '*'] });
		const visitor = front.visitor();
		visitor.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
		expect((await visitor.answer()).status).toBe(404);
		expect(front.launcher.heardOf('resolve')).toEqual([]);
	},
);
