import type { Refusal, RequestHead } from '../../../proxy/http1/head.ts';
import { HeadProgress } from '../../../proxy/http1/lines.ts';
import { parseRequestHead } from '../../../proxy/http1/request.ts';
import { limits, requestParser, verdict } from './feeding.ts';

const HOST = 'Host: a.example\r\n';

function accepted(text: string): RequestHead {
	const head = verdict(requestParser(), text);
	if (head === undefined || 'code' in head) throw new Error(`${JSON.stringify(text)}: ${JSON.stringify(head)}`);
	return head;
}

/** `STATUS code`, as in the tables below. */
function refusal(text: string, within = limits): string {
	const head = verdict(requestParser(within), text);
	if (head === undefined || !('code' in head)) throw new Error(`${JSON.stringify(text)}: ${JSON.stringify(head)}`);
	return `${head.status} ${head.code}`;
}

/** A GET with these field lines behind Host. */
function withFields(lines: string): string {
	return `GET / HTTP/1.1\r\n${HOST}${lines}\r\n`;
}

describe('a well-formed request head', () => {
	test('is read whole, whatever the reads it comes in', () => {
		const head = 'POST /a?b=c HTTP/1.1\r\nHost: A.example:8080\r\nX-Y:\t v w \t\r\nContent-Length: 12\r\n\r\n';
		expect(accepted(`${head}body`)).toEqual({
			method: 'POST',
			target: '/a?b=c',
			minor: 1,
			host: 'a.example',
			nobodys: false,
			fields: ['Host', 'A.example:8080', 'X-Y', 'v w', 'Content-Length', '12'],
			framing: { kind: 'length', length: 12 },
			keepAlive: true,
			upgrade: undefined,
			expectContinue: false,
			length: head.length,
		});
	});

	test('may have one empty line before it, which counts in its length', () => {
		const head = accepted(`\r\n${withFields('')}`);
		expect(head.length).toBe(2 + withFields('').length);
		expect(head.method).toBe('GET');
	});

	test('is not waited for beyond its empty line, nor answered before it', () => {
		const bytes = Buffer.from(`${withFields('')}GET /next`);
		expect(parseRequestHead(bytes, 0, withFields('').length - 1, limits)).toBeUndefined();
		expect(parseRequestHead(bytes, 0, bytes.length, limits)).toMatchObject({ target: '/' });
	});

	test.each<[string, Partial<RequestHead>]>([
		['Content-Length: 0\r\n', { framing: { kind: 'length', length: 0 } }],
		['Content-Length: 007\r\n', { framing: { kind: 'length', length: 7 } }],
		['Content-Length: 9007199254740991\r\n', { framing: { kind: 'length', length: 2 ** 53 - 1 } }],
		['Transfer-Encoding: chunked\r\n', { framing: { kind: 'chunked' } }],
		['transfer-encoding: Chunked\r\n', { framing: { kind: 'chunked' } }],
		['Connection: close\r\n', { keepAlive: false }],
		['Connection: Keep-Alive, CLOSE\r\n', { keepAlive: false }],
		['Connection: x\r\nConnection: close\r\n', { keepAlive: false }],
		['Connection: Upgrade\r\nUpgrade: websocket\r\n', { upgrade: 'websocket' }],
		['Connection: keep-alive, upgrade\r\nUpgrade: a\r\nUpgrade: b\r\n', { upgrade: 'a, b' }],
		['Upgrade: websocket\r\n', { upgrade: undefined }],
		['Content-Length: 3\r\nExpect: 100-Continue\r\n', { expectContinue: true }],
		['Expect: 100-continue\r\n', { expectContinue: false }],
		['Content-Length: 3\r\nExpect: 200-ok\r\n', { expectContinue: false }],
		['X: \xe9\xff\r\n', { fields: ['Host', 'a.example', 'X', '\xe9\xff'] }],
		['X:\r\n', { fields: ['Host', 'a.example', 'X', ''] }],
	])('with %j means what RFC 9112 says', (lines, expected) => {
		expect(accepted(withFields(lines))).toMatchObject(expected);
	});

	test.each([['h2c'], ['websocket, h2c'], ['HTTP/2.0'], ['TLS/1.0']])(
		'does not upgrade to %s, which would be HTTP past this parser',
		(protocol) => {
			expect(accepted(withFields(`Connection: Upgrade\r\nUpgrade: ${protocol}\r\n`)).upgrade).toBeUndefined();
		},
	);

	test('does not upgrade with a body, whose bytes the two sides could read differently', () => {
		const lines = 'Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n';
		expect(accepted(withFields(lines)).upgrade).toBeUndefined();
	});

	test.each([
		['a', 'a'],
		['A.B-c_d.example', 'a.b-c_d.example'],
		['a.example.', 'a.example'],
		['a.example.:80', 'a.example'],
		['127.0.0.1:65535', '127.0.0.1'],
		['[::1]', '[::1]'],
		['[2001:DB8::1]:8080', '[2001:db8::1]'],
		// An absent port, an empty one and the default one are the same (RFC 9110 §4.2.3).
		['a:80', 'a'],
		['a:', 'a'],
		['a.:', 'a'],
		['', ''],
	])('with Host %j is routed by %j', (value, host) => {
		expect(accepted(`GET / HTTP/1.1\r\nHost: ${value}\r\n\r\n`)).toMatchObject({ host, nobodys: false });
	});

	test.each(["a!$&'()*+,;=~", 'A,b', 'a%2Eb', '%c3%a9', '.a', 'a..b', '.', 'a%00:80'])(
		'with Host %j asks for a name that is nobody’s (RFC 3986 §3.2.2)',
		(value) => {
			const { host, nobodys } = accepted(`GET / HTTP/1.1\r\nHost: ${value}\r\n\r\n`);
			expect([host, nobodys]).toEqual([value.toLowerCase().replace(':80', ''), true]);
		},
	);

	test.each(['get', 'GETX', 'BASELINE-CONTROL', 'x', "!#$%&'*+-.^_`|~09aZ", 'PRI', 'M'.repeat(64)])(
		'may have the method %s, as any token',
		(method) => {
			expect(accepted(`${method} / HTTP/1.1\r\n${HOST}\r\n`).method).toBe(method);
		},
	);

	test.each([2, 5, 9])('of HTTP/1.%i is read as one of HTTP/1.1', (minor) => {
		expect(accepted(`GET / HTTP/1.${minor}\r\n${HOST}\r\n`)).toMatchObject({ minor: 1, keepAlive: true });
	});

	test.each([
		['/\xe9?\xff', '/%E9?%FF'],
		['/\xc3\xa9%c3', '/%C3%A9%c3'],
		['http://a.example/\x80', '/%80'],
	])('for %j has its bytes beyond ASCII percent-encoded', (target, expected) => {
		expect(accepted(`GET ${target} HTTP/1.1\r\n${HOST}\r\n`).target).toBe(expected);
	});

	test.each([
		['GET', 'http://a.example/x?y', '/x?y'],
		['GET', 'HTTPS://A.example', '/'],
		['GET', 'http://a.example?x', '/?x'],
		['OPTIONS', 'http://a.example', '*'],
		['OPTIONS', '*', '*'],
		['GET', '//b.example/x', '//b.example/x'],
	])('%s %s asks for %s', (method, target, expected) => {
		expect(accepted(`${method} ${target} HTTP/1.1\r\n${HOST}\r\n`)).toMatchObject({
			target: expected,
			host: 'a.example',
		});
	});

	test.each([
		['http://b.example/', 'b.example', 'b.example'],
		['http://B.example:8080/', 'b.example', 'B.example:8080'],
		['http://a.example:80/', 'a.example', 'a.example:80'],
		['https://[::1]/', '[::1]', '[::1]'],
	])('for %s goes where that says, whatever Host says (RFC 9112 §3.2.2)', (target, host, written) => {
		const head = accepted(`GET ${target} HTTP/1.1\r\nX: 1\r\n${HOST}Y: 2\r\n\r\n`);
		expect([head.host, head.fields]).toEqual([host, ['X', '1', 'Host', written, 'Y', '2']]);
	});

	test.each<[string, Partial<RequestHead>]>([
		['GET / HTTP/1.0\r\n\r\n', { host: '', fields: ['Host', ''], minor: 0, keepAlive: false }],
		['GET http://b.example:81/ HTTP/1.0\r\n\r\n', { host: 'b.example', fields: ['Host', 'b.example:81'] }],
		[`GET / HTTP/1.0\r\n${HOST}Connection: keep-alive\r\n\r\n`, { host: 'a.example', keepAlive: true }],
		[`GET / HTTP/1.0\r\n${HOST}Connection: keep-alive, close\r\n\r\n`, { keepAlive: false }],
		[`GET / HTTP/1.0\r\n${HOST}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`, { upgrade: undefined }],
		[`POST / HTTP/1.0\r\n${HOST}Expect: 100-continue\r\nContent-Length: 1\r\n\r\n`, { expectContinue: false }],
	])('%j of HTTP/1.0 asks for what HTTP/1.0 can', (text, expected) => {
		expect(accepted(text)).toMatchObject(expected);
	});
});

describe('a request head that two parsers could read differently is refused at once', () => {
	test.each([
		// Line ends
		['GET / HTTP/1.1\nHost: a.example\n\n', '400 bare-lf'],
		[`GET / HTTP/1.1\r\n${HOST}X: 1\nY: 2\r\n\r\n`, '400 bare-lf'],
		[`GET / HTTP/1.1\r\n${HOST}\n`, '400 bare-lf'],
		['\nGET / HTTP/1.1\r\n', '400 bare-lf'],
		[`GET / HTTP/1.1\r\n${HOST}X: a\rb\r\n\r\n`, '400 bare-cr'],
		[`GET / HTTP/1.1\r\n${HOST}X: a\r\rb\r\n\r\n`, '400 bare-cr'],
		['GET / HTTP/1.1\r\r\nHost: a\r\n\r\n', '400 bare-cr'],
		['\rGET / HTTP/1.1\r\n', '400 bare-cr'],
		['\r\n\r\nGET / HTTP/1.1\r\n', '400 empty-lines'],
		// Request line
		['GET /\r\n', '400 bad-start-line'],
		['GET\r\n', '400 bad-method'],
		[' GET / HTTP/1.1\r\n', '400 bad-method'],
		['GET  / HTTP/1.1\r\n', '400 bad-target'],
		['GET /  HTTP/1.1\r\n', '400 bad-start-line'],
		['GET\t/ HTTP/1.1\r\n', '400 bad-method'],
		['GET /\tHTTP/1.1\r\n', '400 bad-target'],
		['GET / HTTP/1.1 \r\n', '400 bad-start-line'],
		['GET / x HTTP/1.1\r\n', '400 bad-start-line'],
		['GET / HTTP/1.1 HTTP/1.1\r\n', '400 bad-start-line'],
		['G@T / HTTP/1.1\r\n', '400 bad-method'],
		['GET: / HTTP/1.1\r\n', '400 bad-method'],
		[`${'M'.repeat(65)} / HTTP/1.1\r\n`, '501 unknown-method'],
		// Who folds the case ends the answer elsewhere than who does not.
		[`head / HTTP/1.1\r\n${HOST}\r\n`, '501 unknown-method'],
		[`Connect / HTTP/1.1\r\n${HOST}\r\n`, '501 unknown-method'],
		['GET / http/1.1\r\n', '400 bad-start-line'],
		['GET / HTTP/1\r\n', '400 bad-start-line'],
		['GET / HTTP/11.1\r\n', '400 bad-start-line'],
		['GET / HTTP/1.01\r\n', '400 bad-start-line'],
		['GET / HTTP/1,1\r\n', '400 bad-start-line'],
		['GET / HTTPS/1.1\r\n', '400 bad-start-line'],
		['GET / HTTP/0.9\r\n', '505 unsupported-version'],
		['PRI * HTTP/2.0\r\n', '505 unsupported-version'],
		['GET /a#b HTTP/1.1\r\n', '400 bad-target'],
		['GET /\x01 HTTP/1.1\r\n', '400 control-character'],
		['GET /\x7f HTTP/1.1\r\n', '400 control-character'],
		['\x16\x03\x01\x02\x00', '400 control-character'],
		// Target and Host
		[`GET * HTTP/1.1\r\n${HOST}\r\n`, '400 bad-target'],
		[`GET a.example HTTP/1.1\r\n${HOST}\r\n`, '400 bad-target'],
		[`GET x/y HTTP/1.1\r\n${HOST}\r\n`, '400 bad-target'],
		[`GET http:///x HTTP/1.1\r\n${HOST}\r\n`, '400 bad-target'],
		[`GET ftp://a.example/ HTTP/1.1\r\n${HOST}\r\n`, '400 bad-target'],
		[`CONNECT a.example:443 HTTP/1.1\r\n${HOST}\r\n`, '501 connect-not-supported'],
		[`CONNECT / HTTP/1.1\r\n${HOST}\r\n`, '501 connect-not-supported'],
		[`GET http://u@a.example/ HTTP/1.1\r\n${HOST}\r\n`, '400 bad-host'],
		[`GET http://\xe9@a.example/ HTTP/1.1\r\n${HOST}\r\n`, '400 bad-host'],
		['GET http://b.example/ HTTP/1.1\r\nHost: a b\r\n\r\n', '400 bad-host'],
		[`GET http://b.example/ HTTP/1.1\r\n${HOST}${HOST}\r\n`, '400 duplicate-host'],
		[`GET http://\xe9.example:x/ HTTP/1.1\r\n${HOST}\r\n`, '400 bad-host'],
		['GET http://u@a.example/ HTTP/1.1\r\nHost: u@a.example\r\n\r\n', '400 bad-host'],
		['GET http://b.example/ HTTP/1.1\r\n\r\n', '400 missing-host'],
		['GET / HTTP/1.1\r\n\r\n', '400 missing-host'],
		['GET / HTTP/1.1\r\nX: 1\r\n\r\n', '400 missing-host'],
		[`GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, '400 duplicate-host'],
		[`GET / HTTP/1.1\r\n${HOST}hOST: b.example\r\n\r\n`, '400 duplicate-host'],
		[`GET / HTTP/1.0\r\n${HOST}${HOST}\r\n`, '400 duplicate-host'],
		...['a b', 'a/b', 'a@b', 'a:x', 'a:+80', 'a:65536', 'a:000080', 'a:80:80', 'a%2', 'a%zz', 'é']
			.concat([':80', '[]', '[::1', '::1', '[::1]x', '[::1].', '[g::]', 'a\\b', 'a?b', '[1]'])
			.map((value) => [`GET / HTTP/1.1\r\nHost: ${value}\r\n\r\n`, '400 bad-host']),
		// Field lines
		[`GET / HTTP/1.1\r\n${HOST}X: 1\r\n folded\r\n\r\n`, '400 obs-fold'],
		[`GET / HTTP/1.1\r\n${HOST}X: 1\r\n\tfolded\r\n\r\n`, '400 obs-fold'],
		[`GET / HTTP/1.1\r\n ${HOST}\r\n`, '400 obs-fold'],
		[`GET / HTTP/1.1\r\n${HOST} \r\n\r\n`, '400 obs-fold'],
		['GET / HTTP/1.1\r\nHost : a.example\r\n\r\n', '400 space-before-colon'],
		[withFields('Content-Length\t: 5\r\n'), '400 space-before-colon'],
		[withFields('Transfer-Encoding : chunked\r\n'), '400 space-before-colon'],
		[withFields(': x\r\n'), '400 empty-name'],
		[withFields('X\r\n'), '400 missing-colon'],
		[withFields('GET / HTTP/1.1\r\n'), '400 space-before-colon'],
		[withFields('X[]: 1\r\n'), '400 bad-name'],
		[withFields('X\xe9: 1\r\n'), '400 bad-name'],
		[withFields('"X": 1\r\n'), '400 bad-name'],
		[withFields('X: a\0b\r\n'), '400 control-character'],
		[withFields('X\0: a\r\n'), '400 control-character'],
		[withFields('X: a\x0bb\r\n'), '400 control-character'],
		[withFields('X: a\x7f\r\n'), '400 control-character'],
		[withFields('\x0bTransfer-Encoding: chunked\r\n'), '400 control-character'],
		// The message's length: CL.CL
		[withFields('Content-Length: 5\r\nContent-Length: 5\r\n'), '400 duplicate-content-length'],
		[withFields('Content-Length: 5\r\ncontent-length: 6\r\n'), '400 duplicate-content-length'],
		...['', '+5', '-5', '5,5', '5, 6', '5 5', '0x5', '5a', '5.0', '1e1', '5;', '"5"', '9007199254740992']
			.concat(['18446744073709551617', '99999999999999999999', '\xb2', '5\t5', '00000000000000005'])
			.map((value) => [withFields(`Content-Length: ${value}\r\n`), '400 bad-content-length']),
		[withFields('Content-Length: 5\t\r\n'), '400 tab-beside-framing'],
		[withFields('Content-Length:\t5\r\n'), '400 tab-beside-framing'],
		[withFields('Transfer-Encoding: chunked \t\r\n'), '400 tab-beside-framing'],
		// CL.TE and TE.CL
		[withFields('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n'), '400 length-and-coding'],
		[withFields('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n'), '400 length-and-coding'],
		[withFields('Transfer-Encoding: identity\r\nContent-Length: 0\r\n'), '400 length-and-coding'],
		// TE.TE
		[withFields('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'), '400 bad-transfer-encoding'],
		[withFields('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n'), '400 bad-transfer-encoding'],
		[withFields('Transfer-Encoding: chunked, chunked\r\n'), '400 bad-transfer-encoding'],
		[withFields('Transfer-Encoding: chunked, identity\r\n'), '400 bad-transfer-encoding'],
		[withFields('Transfer-Encoding: \r\n'), '400 bad-transfer-encoding'],
		[withFields('Transfer-Encoding: ,chunked\r\n'), '400 bad-transfer-encoding'],
		[withFields('Transfer-Encoding: chunked,\r\n'), '400 bad-transfer-encoding'],
		[withFields('Transfer-Encoding: "chunked"\r\n'), '400 bad-transfer-encoding'],
		[withFields('Transfer-Encoding: chunked;q=1\r\n'), '400 bad-transfer-encoding'],
		[withFields('Transfer-Encoding: chunked foo\r\n'), '400 bad-transfer-encoding'],
		[withFields('Transfer-Encoding: \xa0chunked\r\n'), '400 bad-transfer-encoding'],
		[withFields('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n'), '501 unknown-coding'],
		[withFields('Transfer-Encoding: gzip, chunked\r\n'), '501 unknown-coding'],
		[withFields('Transfer-Encoding: xchunked\r\n'), '501 unknown-coding'],
		[withFields('Transfer-Encoding: identity\r\n'), '501 unknown-coding'],
		[withFields('Transfer-Encoding:\x0bchunked\r\n'), '400 control-character'],
		[withFields('Transfer-Encoding:\r\n chunked\r\n'), '400 obs-fold'],
		[`POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`, '400 coding-in-http-1.0'],
		// Connection that takes the framing away
		[withFields('Connection: Content-Length\r\nContent-Length: 4\r\n'), '400 bad-connection'],
		[withFields('Connection: close, transfer-encoding\r\n'), '400 bad-connection'],
		[withFields('Connection: Host\r\n'), '400 bad-connection'],
	])('%j: %s', (text, expected) => {
		expect(refusal(text as string)).toBe(expected);
	});
});

describe('the size of a request head', () => {
	const small = { head: 120, target: 10, headers: 3 };

	test('may reach each limit and not pass it', () => {
		const parse = requestParser(small);
		expect(verdict(parse, `GET ${'/'.repeat(10)} HTTP/1.1\r\n${HOST}\r\n`)).toMatchObject({ minor: 1 });
		expect(refusal(`GET ${'/'.repeat(11)} HTTP/1.1\r\n`, small)).toBe('414 target-too-long');
		expect(verdict(parse, `GET / HTTP/1.1\r\n${HOST}A: 1\r\nB: 2\r\n\r\n`)).toMatchObject({ minor: 1 });
		expect(refusal(`GET / HTTP/1.1\r\n${HOST}A: 1\r\nB: 2\r\nC: 3\r\n\r\n`, small)).toBe('431 too-many-headers');
		const full = `GET / HTTP/1.1\r\n${HOST}X: `;
		expect(verdict(parse, `${full}${'x'.repeat(116 - full.length)}\r\n\r\n`)).toMatchObject({ length: 120 });
		expect(refusal(`${full}${'x'.repeat(117 - full.length)}\r\n\r\n`, small)).toBe('431 head-too-large');
	});

	test('is judged before the head is whole', () => {
		expect(refusal(`GET ${'/'.repeat(9000)}`)).toBe('414 target-too-long');
		expect(refusal(`GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(120)}`, small)).toBe('431 head-too-large');
	});

	test('costs each byte one look, however slowly it comes', () => {
		const size = 1 << 20;
		const bytes = Buffer.from(`GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(size)}\r\n\r\n`);
		const progress = new HeadProgress();
		let head: RequestHead | Refusal | undefined;
		// A parser that began again at each byte would look at 5·10¹¹ of them here.
		for (let end = 1; end <= bytes.length; end++) {
			head = parseRequestHead(bytes, 0, end, { ...limits, head: 2 * size }, progress);
		}
		expect(head).toMatchObject({ length: bytes.length });
	});

	test('costs each byte of a list a look or two, whatever stands between its words', () => {
		// A regular expression that goes back behind each blank would look at 5·10¹¹ of them here.
		const bytes = Buffer.from(withFields(`Connection: a${' '.repeat(1 << 20)}b\r\n`));
		expect(parseRequestHead(bytes, 0, bytes.length, { ...limits, head: 2 << 20 })).toMatchObject({ keepAlive: true });
	});

	test('leaves nothing of one head in the next, whether the progress is given or not', () => {
		const first = Buffer.from(withFields('A: 1\r\nB: 2\r\nContent-Length: 3\r\n'));
		const second = Buffer.from(withFields(''));
		const progress = new HeadProgress();
		parseRequestHead(first, 0, first.length, limits, progress);
		progress.reset();
		const clean = { fields: ['Host', 'a.example'], framing: { kind: 'none' } };
		expect(parseRequestHead(second, 0, second.length, limits, progress)).toMatchObject(clean);
		parseRequestHead(first, 0, first.length - 1, limits);
		expect(parseRequestHead(second, 0, second.length, limits)).toMatchObject(clean);
	});
});
