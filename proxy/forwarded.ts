import { BlockList, isIPv6 } from 'node:net';

/** The IPv4 address in an IPv4-mapped IPv6 one, or the address as it is. */
export function plainAddress(address: string): string {
	return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** Whose word on forwarding is believed: addresses and CIDR blocks, as in the config's trustedProxies. */
export function trustedAddresses(blocks: readonly string[]): (address: string) => boolean {
	if (blocks.length === 0) return () => false;
	const list = new BlockList();
	for (const block of blocks) {
		const [address = '', bits] = block.split('/');
		const family = isIPv6(address) ? 'ipv6' : 'ipv4';
		if (bits === undefined) list.addAddress(address, family);
		else list.addSubnet(address, Number(bits), family);
	}
	return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** One element of Forwarded (RFC 7239 §4). */
export function forwardedElement(client: string, host: string): string {
	const by = client.includes(':') ? `"[${client}]"` : client;
	return host === '' ? `for=${by};proto=http` : `for=${by};proto=http;host=${tokenOrQuoted(host)}`;
}

/** RFC 9110 §5.6.2 and §5.6.4; the values here hold no quote and no backslash. */
function tokenOrQuoted(value: string): string {
	return /^[A-Za-z0-9._-]+$/.test(value) ? value : `"${value}"`;
}

/** The last address of X-Forwarded-For that no trusted proxy has: the visitor, as far as that is known. */
export function originalClient(forwardedFor: string, peer: string, isTrusted: (address: string) => boolean): string {
	const addresses = forwardedFor.split(',').map((address) => address.trim());
	for (let i = addresses.length - 1; i >= 0; i--) {
		const address = addresses[i] as string;
		if (!/^[0-9a-fA-F.:]{2,45}$/.test(address)) break;
		if (!isTrusted(address)) return address;
	}
	return peer;
}
