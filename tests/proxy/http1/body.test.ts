import { bodyFramer } from '../../../proxy/http1/body.ts';
import { ChunkedBody } from '../../../proxy/http1/chunked.ts';
import type { BodyFramer } from '../../../proxy/http1/framer.ts';
import { limits, relay, relayed } from './feeding.ts';

function framer(kind: 'chunked' | 'close' | number): BodyFramer {
	const made = bodyFramer(typeof kind === 'number' ? { kind: 'length', length: kind } : { kind }, limits);
	if (made === undefined) throw new Error('no framer');
	return made;
}

describe('a body of known length', () => {
	test('ends at its last byte and leaves what lies behind to the next message', () => {
		expect(relayed(() => framer(5), 'helloGET /')).toEqual({
			sent: 'hello',
			done: true,
			fault: undefined,
			rest: 'GET /',
		});
	});

	test('is not done before it', () => {
		expect(relayed(() => framer(6), 'hello')).toMatchObject({ sent: 'hello', done: false });
	});

	test('is done from the start where the length is 0', () => {
		expect(framer(0).done).toBe(true);
	});

	test('has no framer where there is no body', () => {
		expect(bodyFramer({ kind: 'none' }, limits)).toBeUndefined();
	});
});

test('a body until the connection closes is never done', () => {
	expect(relayed(() => framer('close'), 'hello')).toMatchObject({ sent: 'hello', done: false });
});

describe('a chunked body', () => {
	const chunked = () => framer('chunked');

	test.each([
		['0\r\n\r\n', '0\r\n\r\n'],
		['5\r\nhello\r\n0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n'],
		['a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n', 'a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n'],
		['2\r\n\r\n\r\n000\r\n\r\n', '2\r\n\r\n\r\n0\r\n\r\n'],
		// Extensions and white space behind a size (RFC 9112 §7.1.1)
		['5;a=b\r\nhello\r\n0;c\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n'],
		['5 \t\r\nhello\r\n0 \r\n\r\n', '5\r\nhello\r\n0\r\n\r\n'],
		['5 ; a = ";\t\xe9" ; b\r\nhello\r\n00;\r\nX: 1\r\n\r\n', '5\r\nhello\r\n0\r\nX: 1\r\n\r\n'],
		['1;\r\na\r\n1;;\r\nb\r\n1\r\nc\r\n0\r\n\r\n', '1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n'],
	])('%j is relayed as %j', (text, sent) => {
		expect(relayed(chunked, `${text}GET /`)).toEqual({ sent, done: true, fault: undefined, rest: 'GET /' });
	});

	test('keeps its numbers where the zeros before them come in another read', () => {
		const withoutZeros = (sent: string) => sent.replace(/^0+(?=[1-9a-f])/gm, '');
		expect(relayed(chunked, '0005\r\nhello\r\n0010\r\n0123456789abcdef\r\n0\r\n\r\n', withoutZeros)).toMatchObject({
			done: true,
			fault: undefined,
		});
		expect(relay(chunked(), [Buffer.from('00'), Buffer.from('05\r\nhello\r\n0\r\n\r\n')]).sent).toBe(
			'05\r\nhello\r\n0\r\n\r\n',
		);
	});

	test('says where its content lies', () => {
		let content = '';
		const text = Buffer.from('5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n');
		new ChunkedBody(limits).take(text, 0, text.length, (from, to) => {
			content += text.toString('latin1', from, to);
		});
		expect(content).toBe('hello!');
	});

	test.each([
		['', 'bad-chunk-size', '\r\n'],
		['', 'bad-chunk-size', 'g\r\n'],
		['', 'bad-chunk-size', ' 5\r\nhello'],
		['', 'bad-chunk-size', '+5\r\nhello'],
		['', 'bad-chunk-size', '-5\r\nhello'],
		['', 'bad-chunk-size', '\n'],
		['5', 'bad-chunk-size', '\nhello'],
		['5', 'bad-chunk-size', 'x\r\n'],
		['5', 'bad-chunk-size', '5\r\n', ' '],
		['5', 'bad-chunk-size', 'a=b\r\n', ' \t'],
		['5', 'chunk-extension', '\nhello', ' '],
		['', 'bad-chunk-size', 'x5\r\n', '0'],
		['5', 'chunk-extension', '\nhello', ';'],
		['5', 'chunk-extension', '\0\r\nhello', ';a='],
		['5', 'chunk-extension', 'x', `;${'x'.repeat(1023)}`],
		['7fffffff', 'chunk-too-large', '0\r\n'],
		['8000000', 'chunk-too-large', '0\r\n'],
		['10000000', 'chunk-too-large', '0\r\n'],
		['', 'chunk-too-large', '0\r\n', '00000000'],
		['5\r', 'bad-chunk-end', '\r\nhello'],
		['5\r', 'bad-chunk-end', 'hello'],
		['', 'bad-chunk-end', 'x', '0\r'],
		['5\r\nhello', 'bad-chunk-end', '\n0\r\n\r\n'],
		['5\r\nhello', 'bad-chunk-end', 'X\r\n0\r\n\r\n'],
		['5\r\nhello\r', 'bad-chunk-end', 'X0\r\n\r\n'],
		['5\r\nhello\r\n', 'bad-chunk-size', '\r\n0\r\n\r\n'],
	])('%j: %s at %j, and nothing from there on is sent', (sent, fault, behind, held = '') => {
		expect(relayed(chunked, sent + held + behind)).toEqual({ sent, done: false, fault, rest: behind });
	});

	test('may have extensions for as long as its content outweighs them', () => {
		const chunks = (size: number, extension: string) =>
			Array.from({ length: 4000 }, () => Buffer.from(`${size.toString(16)};${extension}\r\n${'x'.repeat(size)}\r\n`));
		const signed = relay(chunked(), chunks(200, 's'.repeat(180)));
		expect({ ...signed, sent: signed.sent.length }).toEqual({
			sent: 4000 * 206,
			done: false,
			fault: undefined,
			rest: '',
		});
		expect(relay(chunked(), chunks(1, ''))).toMatchObject({ fault: 'chunk-extension' });
		expect(relay(chunked(), chunks(200, 's'.repeat(250)))).toMatchObject({ fault: 'chunk-extension' });
	});

	test('a line whose extension was left out must end like any other', () => {
		expect(relayed(chunked, '5;a\rX')).toEqual({ sent: '5\r', done: false, fault: 'bad-chunk-end', rest: 'X' });
	});

	test('sends on trailers in one shape and drops those that must not come so late', () => {
		const kept = 'Grpc-Status:0\r\nX-Sum:  \t\xe9 b \r\n';
		const dropped = 'Host: b\r\nauthorization: x\r\nX_y: 1\r\nIf-Match: *\r\n';
		expect(relayed(chunked, `1\r\nx\r\n0\r\n${dropped}${kept}\r\nGET /`)).toEqual({
			sent: '1\r\nx\r\n0\r\nGrpc-Status: 0\r\nX-Sum: \xe9 b\r\n\r\n',
			done: true,
			fault: undefined,
			rest: 'GET /',
		});
	});

	test.each([
		['X : 1\r\n\r\n', 'bad-trailer'],
		['X: 1\r\ncontent-length: 5\r\n\r\n', 'bad-trailer'],
		['Transfer-Encoding: chunked\r\n\r\n', 'bad-trailer'],
		['Connection: close\r\n\r\n', 'bad-trailer'],
		['uPGRADE: websocket\r\n\r\n', 'bad-trailer'],
		[' X: 1\r\n\r\n', 'bad-trailer'],
		['X: 1\r\n folded\r\n\r\n', 'bad-trailer'],
		['X: 1\n\r\n', 'bad-trailer'],
		['\n', 'bad-trailer'],
		['\rX', 'bad-trailer'],
		['X: a\0\r\n', 'bad-trailer'],
		['GET / HTTP/1.1\r\n', 'bad-trailer'],
		['X: 1\r\n'.repeat(101), 'trailer-too-large'],
	])('with the trailers %j is at fault (%s) and is not ended', (trailers, fault) => {
		const { sent, done, fault: found } = relayed(chunked, `1\r\nx\r\n0\r\n${trailers}`);
		expect({ sent, done, fault: found }).toEqual({ sent: '1\r\nx\r\n', done: false, fault });
	});

	test('does not gather trailers without end', () => {
		const endless = Buffer.from(`0\r\nX: ${'x'.repeat(limits.head)}`);
		expect(relay(chunked(), [endless])).toMatchObject({ fault: 'trailer-too-large', sent: '' });
		expect(
			relay(
				chunked(),
				Array.from(endless, (byte) => Buffer.of(byte)),
			),
		).toMatchObject({ fault: 'trailer-too-large' });
	});

	test('is relayed from the bytes that were read, without a copy', () => {
		const data = Buffer.alloc(1 << 20, 'x');
		const read = Buffer.concat([Buffer.from('100000\r\n'), data, Buffer.from('\r\n')]);
		const body = chunked();
		expect(body.take(read, 0, read.length)).toBe(read.length);
		expect(body.relay).toBe(read.length);
	});
});
