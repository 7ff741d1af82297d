import { formatSocketAddress, parseBlock, parseSocketAddress } from '../../config/addresses.ts';

test.each([
	['127.0.0.1:8080', '127.0.0.1', 8080],
	['[::1]:80', '::1', 80],
	['[0:0:0:0:0:0:0:1]:65535', '::1', 65_535],
	['[2001:DB8::A]:1', '2001:db8::a', 1],
])('%s is an address and a port', (text, address, port) => {
	expect(parseSocketAddress(text)).toEqual({ address, port });
});

test.each([
	'localhost:80',
	'127.0.0.1',
	'127.0.0.1:0',
	'127.0.0.1:65536',
	'127.0.0.1:80x',
	'::1:80',
	'[127.0.0.1]:80',
	'[fe80::1%eth0]:80',
	'127.1:80',
	':80',
	'*:80',
	'',
])('%j is no address and port', (text) => {
	expect(parseSocketAddress(text)).toBeUndefined();
});

test('a formatted address is read again as the same', () => {
	for (const text of ['10.0.0.1:25', '[::1]:8080', '[2001:db8::1]:443']) {
		const address = parseSocketAddress(text);
		expect(address && formatSocketAddress(address)).toBe(text);
	}
});

test.each([
	['10.0.0.0/8', '10.0.0.0/8'],
	['192.0.2.1', '192.0.2.1/32'],
	['::1', '::1/128'],
	['2001:DB8::/32', '2001:db8::/32'],
])('%s is the block %s', (text, block) => {
	expect(parseBlock(text)).toBe(block);
});

test.each(['10.0.0.0/33', '::/129', '10.0.0.0/', 'all', '10/8', ''])('%j is no block', (text) => {
	expect(parseBlock(text)).toBeUndefined();
});
