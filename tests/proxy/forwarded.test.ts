import { forwardedElement, originalClient, plainAddress, trustedAddresses } from '../../proxy/forwarded.ts';

test('an IPv4 address in an IPv6 one is told as IPv4', () => {
	expect(plainAddress('::ffff:127.0.0.1')).toBe('127.0.0.1');
	expect(plainAddress('::1')).toBe('::1');
});

test('elements of Forwarded are quoted where RFC 7239 asks for it', () => {
	expect(forwardedElement('1.2.3.4', 'a.test')).toBe('for=1.2.3.4;proto=http;host=a.test');
	expect(forwardedElement('2001:db8::1', 'a.test:80')).toBe('for="[2001:db8::1]";proto=http;host="a.test:80"');
	expect(forwardedElement('1.2.3.4', '')).toBe('for=1.2.3.4;proto=http');
});

test('blocks and single addresses of both families are trusted, others are not', () => {
	const trusted = trustedAddresses(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);
	expect(['10.255.0.1', '192.0.2.1', '2001:db8:1::1'].every(trusted)).toBe(true);
	expect(['11.0.0.1', '192.0.2.2', '2001:db9::1', ''].some(trusted)).toBe(false);
	expect(trustedAddresses([])('127.0.0.1')).toBe(false);
});

test('the visitor is the last address that no trusted proxy has, and what is no address is not believed', () => {
	const trusted = trustedAddresses(['10.0.0.0/8']);
	expect(originalClient('6.6.6.6, 1.2.3.4, 10.0.0.2', '10.0.0.1', trusted)).toBe('1.2.3.4');
	expect(originalClient('10.0.0.3', '10.0.0.1', trusted)).toBe('10.0.0.1');
	expect(originalClient('1.2.3.4, "evil"', '10.0.0.1', trusted)).toBe('10.0.0.1');
});
