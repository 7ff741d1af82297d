import {
	NOTHING_SAID,
	originalClient,
	originLines,
	plainAddress,
	readForwarded,
	readXForwarded,
	trustedAddresses,
} from '../../proxy/forwarded.ts';

const trusted = trustedAddresses(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);

test('an IPv4 address in an IPv6 one is told as IPv4', () => {
	expect(plainAddress('::ffff:127.0.0.1')).toBe('127.0.0.1');
	expect(plainAddress('::1')).toBe('::1');
});

test('blocks and single addresses of both families are trusted, others are not', () => {
	expect(['10.255.0.1', '192.0.2.1', '2001:db8:1::1'].every(trusted)).toBe(true);
	expect(['11.0.0.1', '192.0.2.2', '2001:db9::1', ''].some(trusted)).toBe(false);
	expect(trustedAddresses([])('127.0.0.1')).toBe(false);
});

test('the visitor is the last address that no trusted proxy has, and what is no address is not believed', () => {
	const client = (forwardedFor: string) =>
		originalClient(readXForwarded(forwardedFor, '', '').hops, '10.0.0.1', trusted);
	expect(client('6.6.6.6, 1.2.3.4, 10.0.0.2')).toBe('1.2.3.4');
	expect(client('10.0.0.3')).toBe('10.0.0.1');
	expect(client('1.2.3.4, "evil"')).toBe('10.0.0.1');
	expect(client('')).toBe('10.0.0.1');
});

describe('what the tenant is told is the same in both families', () => {
	const lines = (...said: Parameters<typeof originLines>) =>
		originLines(...said)
			.trimEnd()
			.split('\r\n');

	test('where nothing was said, of us alone, quoted where RFC 7239 asks for it', () => {
		expect(lines(NOTHING_SAID, '1.2.3.4', 'a.test')).toEqual([
			'X-Forwarded-For: 1.2.3.4',
			'X-Forwarded-Proto: http',
			'X-Forwarded-Host: a.test',
			'Forwarded: for=1.2.3.4;proto=http;host=a.test',
		]);
		expect(lines(NOTHING_SAID, '2001:db8::1', 'a.test:80')[3]).toBe(
			'Forwarded: for="[2001:db8::1]";proto=http;host="a.test:80"',
		);
		expect(lines(NOTHING_SAID, '1.2.3.4', '')[3]).toBe('Forwarded: for=1.2.3.4;proto=http');
	});

	test.each([
		['X-Forwarded-*', readXForwarded('1.2.3.4:5678, [2001:DB9::1], evil', 'ftp,HTTPS', 'x, b.test:80')],
		[
			'Forwarded',
			readForwarded(
				[
					'For="1.2.3.4:5678"',
					'for="[2001:DB9::1]";by=x,for=_evil; PROTO=HTTPS ;host="b\\.test:80", for=10.0.0.9;proto=http',
				],
				trusted,
			),
		],
	])('what %s said, and our word behind it', (_, said) => {
		const more = said.hops.length === 4 ? ['10.0.0.9, ', 'for=10.0.0.9, '] : ['', ''];
		expect(lines(said, '10.0.0.1', 'a.test')).toEqual([
			`X-Forwarded-For: 1.2.3.4, 2001:DB9::1, unknown, ${more[0]}10.0.0.1`,
			'X-Forwarded-Proto: https',
			'X-Forwarded-Host: b.test:80',
			`Forwarded: for=1.2.3.4;proto=https;host="b.test:80", for="[2001:DB9::1]", for=unknown, ${more[1]}for=10.0.0.1`,
		]);
	});
});

describe('Forwarded', () => {
	test('is the visitor’s own word left of the outermost trusted proxy’s', () => {
		const said = readForwarded(
			['for=6.6.6.6;proto=https;host=evil.test, for=1.2.3.4;host=a.test, for=10.0.0.2;proto=http'],
			trusted,
		);
		expect(said).toEqual({ hops: ['6.6.6.6', '1.2.3.4', '10.0.0.2'], proto: 'http', host: 'a.test' });
		expect(originalClient(said.hops, '10.0.0.1', trusted)).toBe('1.2.3.4');
	});

	test('of a proxy that does not say for whom hides the visitor, and does not let it speak', () => {
		const said = readForwarded(['for=6.6.6.6;proto=https, proto=http'], trusted);
		expect(said).toEqual({ hops: ['6.6.6.6', 'unknown'], proto: 'http', host: undefined });
		expect(originalClient(said.hops, '10.0.0.1', trusted)).toBe('10.0.0.1');
	});

	test.each([
		['a quote that is not closed', 'for="1.2.3.4, for=10.0.0.2'],
		['a parameter twice', 'for=1.2.3.4;for=5.6.7.8'],
		['no value', 'for=;proto=https'],
		['an unquoted colon', 'for=1.2.3.4:80'],
		['a quote in the middle', 'for=1.2"3.4"'],
		['words alone', 'for 1.2.3.4'],
		['blanks around the equals sign', 'for = 1.2.3.4'],
		['a control character', 'for="1.2.3.4\\\x7f"'],
	])('with %s is nobody’s word, and no line before it is', (_, line) => {
		expect(readForwarded(['for=6.6.6.6;proto=https', line], trusted)).toEqual(NOTHING_SAID);
		expect(readForwarded([line, 'for=1.2.3.4;proto=https'], trusted)).toEqual({
			hops: ['1.2.3.4'],
			proto: 'https',
			host: undefined,
		});
	});

	test('may have empty elements and parameters, as lists may', () => {
		expect(readForwarded([' , ;for=1.2.3.4; ,, ', ''], trusted).hops).toEqual(['1.2.3.4']);
	});

	test('costs each byte a look or two', () => {
		for (const line of [
			'for="'.repeat(50_000),
			'\t'.repeat(300_000),
			`for="${'\\a'.repeat(150_000)}`,
			'a'.repeat(300_000),
		]) {
			// What goes back at each byte would look at 4·10¹⁰ of them, and does not end in time.
			expect(readForwarded([line], trusted).hops).toEqual([]);
		}
	});
});

test.each(['gopher', 'https evil', 'http"', ''])('a proto %j is not passed on', (proto) => {
	expect(readXForwarded('', proto, '').proto).toBeUndefined();
});

test.each(['a b', 'a"b', 'a,', 'a;proto=https', "a'b", ''])('a host %j is not passed on', (host) => {
	expect(readXForwarded('', '', host).host).toBeUndefined();
});
