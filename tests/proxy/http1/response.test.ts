import type { ResponseHead } from '../../../proxy/http1/head.ts';
import type { Asked } from '../../../proxy/http1/response.ts';
import { responseParser, verdict } from './feeding.ts';

const GET: Asked = { method: 'GET', upgrade: undefined };
const HEAD: Asked = { method: 'HEAD', upgrade: undefined };
const WEBSOCKET: Asked = { method: 'GET', upgrade: 'websocket' };

function accepted(text: string, asked: Asked): ResponseHead {
	const head = verdict(responseParser(asked), text);
	if (head === undefined || 'code' in head) throw new Error(`${JSON.stringify(text)}: ${JSON.stringify(head)}`);
	return head;
}

describe('a well-formed response head', () => {
	test('is read whole, whatever the reads it comes in', () => {
		const head = 'HTTP/1.1 404 Not  here \xe9\r\nServer: x\r\nContent-Length: 4\r\n\r\n';
		expect(accepted(`${head}body`, GET)).toEqual({
			status: 404,
			reason: 'Not  here \xe9',
			minor: 1,
			fields: ['Server', 'x', 'Content-Length', '4'],
			framing: { kind: 'length', length: 4 },
			keepAlive: true,
			upgrade: undefined,
			length: head.length,
		});
	});

	test.each([
		['HTTP/1.1 200', ''],
		['HTTP/1.1 200 ', ''],
		['HTTP/1.1 200 OK', 'OK'],
	])('may begin with %j', (line, reason) => {
		expect(accepted(`${line}\r\n\r\n`, GET)).toMatchObject({ status: 200, reason });
	});

	test.each<[string, Asked, Partial<ResponseHead>]>([
		['HTTP/1.1 200 OK\r\n\r\n', GET, { framing: { kind: 'close' }, keepAlive: false }],
		['HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n', GET, { framing: { kind: 'length', length: 1 }, keepAlive: false }],
		['HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n', GET, { keepAlive: true }],
		['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n', GET, { keepAlive: false }],
		['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', GET, { framing: { kind: 'chunked' }, keepAlive: true }],
		['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', HEAD, { framing: { kind: 'none' }, keepAlive: true }],
		['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', HEAD, { framing: { kind: 'none' } }],
		['HTTP/1.1 200 OK\r\n\r\n', HEAD, { framing: { kind: 'none' }, keepAlive: true }],
		['HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', GET, { framing: { kind: 'none' } }],
		['HTTP/1.1 204 No Content\r\n\r\n', GET, { framing: { kind: 'none' }, keepAlive: true }],
		['HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', GET, { framing: { kind: 'none' } }],
		['HTTP/1.1 100 Continue\r\n\r\n', GET, { framing: { kind: 'none' } }],
		['HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n', GET, { framing: { kind: 'none' } }],
		[
			'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
			WEBSOCKET,
			{ framing: { kind: 'none' }, upgrade: 'websocket' },
		],
		[
			'HTTP/1.1 200 OK\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n',
			GET,
			{ upgrade: undefined },
		],
	])('%j means what RFC 9112 says', (text, asked, expected) => {
		expect(accepted(text, asked)).toMatchObject(expected);
	});
});

describe('a response head that two parsers could read differently is refused with 502', () => {
	test.each([
		['HTTP/1.1 200 OK\nX: 1\n\n', 'bare-lf'],
		['HTTP/1.1 200 OK\r\nX: 1\n\r\n', 'bare-lf'],
		['HTTP/1.1 200 O\rK\r\n', 'bare-cr'],
		['HTTP/1.1 200 O\0K\r\n', 'control-character'],
		['\r\nHTTP/1.1 200 OK\r\n', 'bad-start-line'],
		['HTTP/2.0 200 OK\r\n', 'bad-start-line'],
		['HTTP/1.2 200 OK\r\n', 'bad-start-line'],
		['http/1.1 200 OK\r\n', 'bad-start-line'],
		['ICY 200 OK\r\n', 'bad-start-line'],
		['<html>\r\n', 'bad-start-line'],
		['HTTP/1.1\r\n', 'bad-start-line'],
		['HTTP/1.1  200 OK\r\n', 'bad-status'],
		['HTTP/1.1 20 OK\r\n', 'bad-status'],
		['HTTP/1.1 2000 OK\r\n', 'bad-start-line'],
		['HTTP/1.1 +20 OK\r\n', 'bad-status'],
		['HTTP/1.1 099 OK\r\n', 'bad-status'],
		['HTTP/1.1 600 OK\r\n', 'bad-status'],
		['HTTP/1.1 200\tOK\r\n', 'bad-start-line'],
		['HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n', 'obs-fold'],
		['HTTP/1.1 200 OK\r\nX : 1\r\n\r\n', 'space-before-colon'],
		['HTTP/1.1 200 OK\r\n: 1\r\n\r\n', 'empty-name'],
		['HTTP/1.1 200 OK\r\nX\r\n\r\n', 'missing-colon'],
		['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n', 'duplicate-content-length'],
		['HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n', 'bad-content-length'],
		['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 'length-and-coding'],
		['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', 'unknown-coding'],
		['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n', 'bad-transfer-encoding'],
		['HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'coding-in-http-1.0'],
		['HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', 'body-not-allowed'],
		['HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n', 'body-not-allowed'],
		['HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n', 'interim-close'],
		['HTTP/1.0 103 Early Hints\r\n\r\n', 'interim-close'],
		['HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n', 'body-not-allowed'],
		['HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n', 'bad-upgrade'],
		['HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 5\r\n\r\n', 'bad-connection'],
	])('%j: %s', (text, code) => {
		expect(verdict(responseParser(GET), text)).toEqual({ status: 502, code });
	});

	test.each([
		['HTTP/1.1 101 Switching Protocols\r\n\r\n'],
		['HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'],
		['HTTP/1.0 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'],
	])('%j does not say what to change to', (text) => {
		expect(verdict(responseParser(WEBSOCKET), text)).toEqual({ status: 502, code: 'bad-upgrade' });
	});
});
