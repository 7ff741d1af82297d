import { routingHost } from '../../proxy/http1/target.ts';
import { normaliseHost } from '../../tenants/hosts.ts';

test.each([
	['a.example', 'a.example'],
	['A.EXAMPLE.', 'a.example'],
	['*.A.example', '*.a.example'],
	['*', '*'],
	['bücher.example', 'xn--bcher-kva.example'],
	['BÜCHER.example', 'xn--bcher-kva.example'],
	['*.bücher.example', '*.xn--bcher-kva.example'],
	['localhost', 'localhost'],
	['my_host.example', 'my_host.example'],
	['127.0.0.1', '127.0.0.1'],
	['1.2', '1.2'],
	['[0:0::1]', '[::1]'],
])('%s is routed as %s', (written, normal) => {
	expect(normaliseHost(written)).toBe(normal);
});

test.each([
	'',
	'.',
	'a..b',
	'.a',
	'a b',
	'a:80',
	'http://a',
	'a/b',
	'*a.example',
	'a.*.example',
	'*.',
	'**',
	'*.*.a',
	'[::1',
	'[::1]:80',
	'[127.0.0.1]',
	`${'a'.repeat(64)}.example`,
	Array(70).fill('abc').join('.'),
	'a\u0000b',
	'ex\u2024ample.x y',
])('%j is no host', (written) => {
	expect(normaliseHost(written)).toBeUndefined();
});

test('an exact host is what the edge makes of a visitor’s Host header', () => {
	for (const host of ['A.example', 'a.example.', 'localhost', '127.0.0.1', 'My_Host']) {
		expect(routingHost(`${host}:8080`)).toBe(normaliseHost(host));
	}
});
