import type { ResponseHead } from '../../../proxy/http1/head.ts';
import { type Asked, parseResponseHead } from '../../../proxy/http1/response.ts';
import { limits, responseParser, verdict } from './feeding.ts';

const GET: Asked = { method: 'GET', upgrade: undefined };
const HEAD: Asked = { method: 'HEAD', upgrade: undefined };
const WEBSOCKET: Asked = { method: 'GET', upgrade: 'raw, WebSocket' };

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

/** The same head as a strict server would have sent it: what an unusual one must be read as. */
function sameAs(unusual: string, strict: string, asked = GET): void {
	const { length, ...head } = accepted(unusual, asked);
	const { length: _, ...expected } = accepted(strict, asked);
	expect(head).toEqual(expected);
	expect(length).toBe(unusual.length);
}

describe('a response head of unusual shape that means one thing is read as that', () => {
	test.each([
		// Bare LF (RFC 9112 §2.2)
		['HTTP/1.1 200 OK\nX: 1\nContent-Length: 2\n\n', 'HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 2\r\n\r\n'],
		['HTTP/1.1 200 OK\r\nX: 1\n\r\n', 'HTTP/1.1 200 OK\r\nX: 1\r\n\r\n'],
		['HTTP/1.1 200 OK\n\n', 'HTTP/1.1 200 OK\r\n\r\n'],
		// The status line (§4)
		['HTTP/1.1  200   OK \r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n'],
		['HTTP/1.1\t200\tNot \t here\r\n\r\n', 'HTTP/1.1 200 Not \t here\r\n\r\n'],
		['\r\n\n\r\nHTTP/1.0 200\r\n\r\n', 'HTTP/1.0 200\r\n\r\n'],
		['HTTP/1.2 200 OK\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n'],
		// White space before a colon (§5.1)
		[
			'HTTP/1.1 200 OK\r\nX : 1\r\nContent-Length\t : 3\r\n\r\n',
			'HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 3\r\n\r\n',
		],
		// Folded lines (§5.2)
		['HTTP/1.1 200 OK\r\nX: a \r\n \t b\r\n\tc\r\nY: 1\r\n\r\n', 'HTTP/1.1 200 OK\r\nX: a b c\r\nY: 1\r\n\r\n'],
		['HTTP/1.1 200 OK\nX:\n b\n\n', 'HTTP/1.1 200 OK\r\nX: b\r\n\r\n'],
	])('%j', (unusual, strict) => {
		sameAs(unusual, strict);
	});

	test.each<[string, Partial<ResponseHead>]>([
		['HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n', { status: 600 }],
		['HTTP/1.1 999 Request denied\r\nContent-Length: 0\r\n\r\n', { status: 999, reason: 'Request denied' }],
		['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 01\r\n\r\n', { framing: { kind: 'length', length: 1 } }],
		['HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n', { framing: { kind: 'length', length: 5 } }],
		['HTTP/1.1 200 OK\r\nContent-Length:\t5 \t\r\n\r\n', { framing: { kind: 'length', length: 5 } }],
		[
			'HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 5\r\n\r\n',
			{ framing: { kind: 'length', length: 5 } },
		],
		[
			'HTTP/1.1 200 OK\r\nConnection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n',
			{ framing: { kind: 'chunked' }, keepAlive: true },
		],
	])('%j', (text, expected) => {
		expect(accepted(text, GET)).toMatchObject(expected);
	});

	test.each(['204 No Content', '100 Continue', '103 Early Hints', '304 Not Modified'])(
		'%s ends at its empty line whatever its fields say',
		(line) => {
			for (const fields of [
				'Content-Length: 5\r\n',
				'Transfer-Encoding: chunked\r\n',
				'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
				'Content-Length: 5\r\nContent-Length: 6\r\n',
				'Content-Length: +5\r\n',
				'Transfer-Encoding: gzip\r\n',
			]) {
				const { framing, keepAlive } = accepted(`HTTP/1.1 ${line}\r\n${fields}\r\n`, GET);
				const told = line.startsWith('304') && fields === 'Content-Length: 5\r\n' ? { told: 5 } : {};
				expect({ framing, keepAlive }).toEqual({ framing: { kind: 'none', ...told }, keepAlive: true });
			}
		},
	);

	test('may have as many fields as its size allows', () => {
		const cookies = Array.from({ length: 500 }, (_, i) => `Set-Cookie: ${i}=1\r\n`).join('');
		const text = Buffer.from(`HTTP/1.1 200 OK\r\n${cookies}\r\n`);
		expect(parseResponseHead(text, 0, text.length, limits, GET)).toMatchObject({ status: 200 });
	});
});

describe('a response head that two parsers could read differently is refused with 502', () => {
	test.each([
		['HTTP/1.1 200 O\rK\r\n', 'bare-cr'],
		['HTTP/1.1 200 OK\r\nX: 1\r\r\n\r\n', 'bare-cr'],
		['HTTP/1.1 200 OK\nX: 1\rY: 2\n\n', 'bare-cr'],
		['HTTP/1.1 200 O\0K\r\n', 'control-character'],
		['HTTP/1.1 200 OK\nX: \0\n', 'control-character'],
		['HTTP/2.0 200 OK\r\n', 'bad-start-line'],
		['http/1.1 200 OK\r\n', 'bad-start-line'],
		['ICY 200 OK\r\n', 'bad-start-line'],
		['<html>\r\n', 'bad-start-line'],
		['<html>\n', 'bad-start-line'],
		['\r\nX: 1\r\n', 'bad-start-line'],
		[' HTTP/1.1 200 OK\r\n', 'bad-start-line'],
		['HTTP/1.1\r\n', 'bad-start-line'],
		['HTTP/1.1200 OK\r\n', 'bad-start-line'],
		['HTTP/1.1 20 OK\r\n', 'bad-status'],
		['HTTP/1.1 2000 OK\r\n', 'bad-status'],
		['HTTP/1.1 200OK\r\n', 'bad-status'],
		['HTTP/1.1 +20 OK\r\n', 'bad-status'],
		['HTTP/1.1 099 OK\r\n', 'bad-status'],
		['HTTP/1.1 200 OK\r\n X: 1\r\n', 'obs-fold'],
		['HTTP/1.1 200 OK\r\nX: 1\r\n \r\n', 'obs-fold'],
		['HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 0\r\n', 'obs-fold'],
		['HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n', 'obs-fold'],
		['HTTP/1.1 200 OK\r\nConnection : x,\n\tclose\r\n', 'obs-fold'],
		// llhttp reads it until the connection closes.
		['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\t\r\n\r\n', 'tab-beside-framing'],
		['HTTP/1.1 200 OK\nTransfer-Encoding :\tchunked\n\n', 'tab-beside-framing'],
		['HTTP/1.1 200 OK\r\n: 1\r\n', 'empty-name'],
		['HTTP/1.1 200 OK\r\nX\r\n', 'missing-colon'],
		['HTTP/1.1 200 OK\r\nX y: 1\r\n', 'bad-name'],
		['HTTP/1.1 200 OK\r\nX\xa0: 1\r\n', 'bad-name'],
		['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 'duplicate-content-length'],
		['HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n', 'duplicate-content-length'],
		['HTTP/1.1 200 OK\r\nContent-Length: 1,\r\n\r\n', 'duplicate-content-length'],
		['HTTP/1.1 200 OK\r\nContent-Length: ,\r\n\r\n', 'bad-content-length'],
		['HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n', 'bad-content-length'],
		['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 'length-and-coding'],
		['HTTP/1.1 200 OK\nContent-Length : 1\nTransfer-Encoding : chunked\n\n', 'length-and-coding'],
		['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', 'unknown-coding'],
		['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n', 'bad-transfer-encoding'],
		['HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'coding-in-http-1.0'],
		['HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n', 'interim-close'],
		['HTTP/1.0 103 Early Hints\r\n\r\n', 'interim-close'],
		['HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n', 'bad-upgrade'],
	])('%j: %s', (text, code) => {
		expect(verdict(responseParser(GET), text)).toEqual({ status: 502, code });
	});

	test('whatever shape it has, where it is too large', () => {
		for (const text of [
			`HTTP/1.1 200 OK\nX: ${'x'.repeat(limits.head)}`,
			'\r\n'.repeat(limits.head / 2),
			`HTTP/1.1 200 OK\nX: 1\n${' x\n'.repeat(limits.head)}`,
		]) {
			const bytes = Buffer.from(text);
			expect(parseResponseHead(bytes, 0, bytes.length, limits, GET)).toMatchObject({ code: 'head-too-large' });
			expect(parseResponseHead(bytes, 0, limits.head - 1, limits, GET)).toBeUndefined();
		}
	});

	test.each([
		['HTTP/1.1 101 Switching Protocols\r\n\r\n'],
		['HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'],
		['HTTP/1.0 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'],
		['HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'],
		['HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket, chat\r\n\r\n'],
		['HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade:\r\n\r\n'],
	])('%j does not change to what was asked for', (text) => {
		expect(verdict(responseParser(WEBSOCKET), text)).toEqual({ status: 502, code: 'bad-upgrade' });
	});
});
