import type { Framing, RequestHead, ResponseHead } from '../../../proxy/http1/head.ts';
import { keptRequestFields, keptResponseFields } from '../../../proxy/http1/hop.ts';
import { type Receiver, writeRequestHead, writeResponseHead } from '../../../proxy/http1/write.ts';
import { requestParser, responseParser, verdict } from './feeding.ts';

function requestHead(text: string): RequestHead {
	const head = verdict(requestParser(), text);
	if (head === undefined || 'code' in head) throw new Error(JSON.stringify(head));
	return head;
}

function responseHead(text: string, method = 'GET', upgrade?: string): ResponseHead {
	const head = verdict(responseParser({ method, upgrade }), text);
	if (head === undefined || 'code' in head) throw new Error(JSON.stringify(head));
	return head;
}

function toTenant(lines: string, added = ''): string {
	const head = requestHead(`GET / HTTP/1.1\r\nHost: A\r\n${lines}\r\n`);
	return writeRequestHead(head, keptRequestFields(head), added);
}

const KEPT: Receiver = { minor: 1, keepAlive: true };

function toVisitor(text: string, framing?: Framing, receiver = KEPT, method = 'GET', upgrade?: string): string {
	const head = responseHead(text, method, upgrade);
	return writeResponseHead(head, keptResponseFields(head), '', framing ?? head.framing, receiver);
}

describe('the request head to a tenant', () => {
	test('has the fields in their order, names and values as sent, then those added', () => {
		expect(toTenant('x-A:  1\r\nCookie: a\r\nCookie: b\r\n', 'X-Forwarded-Proto: http\r\n')).toBe(
			'GET / HTTP/1.1\r\nHost: A\r\nx-A: 1\r\nCookie: a\r\nCookie: b\r\nX-Forwarded-Proto: http\r\n\r\n',
		);
	});

	test.each([
		['Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\n', ''],
		['Connection: close, X-Hop\r\nX-Hop: 1\r\nx-hop: 2\r\nX-End: 3\r\n', 'X-End: 3\r\n'],
		['Connection: X-A\r\nConnection: ,X-B ,\r\nX-A: 1\r\nX-B: 2\r\n', ''],
		['TE: gzip, Trailers\r\nConnection: TE\r\n', 'TE: trailers\r\nConnection: TE\r\n'],
		['TE: gzip\r\nConnection: TE\r\n', ''],
		['Proxy-Authorization: Basic x\r\nAuthorization: Basic y\r\n', 'Authorization: Basic y\r\n'],
		['Upgrade: websocket\r\n', ''],
		['Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n', ''],
		[
			'CONNECTION: keep-alive, Upgrade\r\nUPGRADE: websocket\r\nTE: trailers\r\n',
			'TE: trailers\r\nConnection: Upgrade, TE\r\nUpgrade: websocket\r\n',
		],
		['Content-Length: 007\r\n', 'Content-Length: 7\r\n'],
		['TRANSFER-ENCODING: Chunked\r\n', 'Transfer-Encoding: chunked\r\n'],
		// Connection takes away only what is its to take (RFC 9110 §7.6.1).
		[
			'Connection: X-Forwarded-For, Cookie, x-mine\r\nX-Forwarded-For: a\r\nCookie: b\r\nX-Mine: c\r\n',
			'X-Forwarded-For: a\r\nCookie: b\r\n',
		],
		['Trailer: X-Sum\r\nVia: 1.0 x\r\n', 'Trailer: X-Sum\r\nVia: 1.0 x\r\n'],
	])('turns %j into %j', (lines, expected) => {
		expect(toTenant(lines)).toBe(`GET / HTTP/1.1\r\nHost: A\r\n${expected}\r\n`);
	});

	test('from HTTP/1.0 is HTTP/1.1 with a Host and without Expect', () => {
		const head = requestHead('POST http://b/x HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n');
		expect(writeRequestHead(head, keptRequestFields(head), '')).toBe(
			'POST /x HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\n\r\n',
		);
	});

	test('is read by the same parser as the same request', () => {
		const written = toTenant('Content-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n');
		expect(requestHead(written)).toMatchObject({ framing: { kind: 'length', length: 3 }, expectContinue: true });
	});
});

describe('the response head to a visitor', () => {
	test.each([
		['Connection: close\r\nKeep-Alive: timeout=5\r\nContent-Length: 1\r\n', 'Content-Length: 1\r\n'],
		['Connection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 1\r\n', 'Content-Length: 1\r\n'],
		['Proxy-Authenticate: Basic\r\nTransfer-Encoding: chunked\r\n', 'Transfer-Encoding: chunked\r\n'],
		['Connection: Date, set-cookie\r\nDate: x\r\nSet-Cookie: a\r\n', 'Date: x\r\nSet-Cookie: a\r\n'],
		['Upgrade: h2c\r\nSet-Cookie: a\r\nset-cookie: b\r\n', 'Set-Cookie: a\r\nset-cookie: b\r\n'],
	])('turns %j into %j', (lines, expected) => {
		expect(toVisitor(`HTTP/1.1 200 OK\r\n${lines}\r\n`)).toBe(`HTTP/1.1 200 OK\r\n${expected}\r\n`);
	});

	test('tells the length of a body that is not sent', () => {
		expect(toVisitor('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', undefined, KEPT, 'HEAD')).toContain(
			'Content-Length: 9',
		);
		expect(toVisitor('HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n')).toContain('Content-Length: 9');
		expect(toVisitor('HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n')).not.toContain('Content-Length');
	});

	test('has the framing and the connection that this visitor gets', () => {
		const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
		expect(toVisitor(chunked, { kind: 'close' }, { minor: 0, keepAlive: false })).toBe(
			'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n',
		);
		const fixed = 'HTTP/1.0 200 \r\nContent-Length: 1\r\n\r\n';
		expect(toVisitor(fixed, undefined, { minor: 0, keepAlive: true })).toBe(
			'HTTP/1.1 200 \r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n',
		);
	});

	test('of an interim response says nothing of the connection, but where it changes it', () => {
		expect(toVisitor('HTTP/1.1 100 Continue\r\n\r\n', undefined, { minor: 1, keepAlive: false })).toBe(
			'HTTP/1.1 100 Continue\r\n\r\n',
		);
		const changed = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n';
		expect(toVisitor(changed, undefined, KEPT, 'GET', 'websocket')).toBe(
			'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
		);
	});
});
