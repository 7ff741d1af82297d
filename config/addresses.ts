import { isIPv4, isIPv6, SocketAddress as Parsed } from 'node:net';
import type { SocketAddress } from './config.ts';

/** An IP address and a port from 1 to 65535, as `127.0.0.1:8080` or `[::1]:8080`. Undefined where it is none. */
export function parseSocketAddress(text: string): SocketAddress | undefined {
	const [, bracketed, bare, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
	const address = bracketed === undefined ? canonicalV4(bare) : canonicalV6(bracketed);
	const port = Number(digits);
	return address !== undefined && isPort(port) ? { address, port } : undefined;
}

/** As parseSocketAddress reads it. */
export function formatSocketAddress({ address, port }: SocketAddress): string {
	return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** A block of addresses as `10.0.0.0/8`; an address alone is a block of one (RFC 4632 §3.1). Undefined where it is none. */
export function parseBlock(text: string): string | undefined {
	const [, bare, digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
	const v6 = canonicalV6(bare);
	const address = v6 ?? canonicalV4(bare);
	const longest = v6 === undefined ? 32 : 128;
	const bits = digits === undefined ? longest : Number(digits);
	return address !== undefined && bits <= longest ? `${address}/${bits}` : undefined;
}

export function isPort(value: unknown): value is number {
	return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535;
}

function canonicalV4(text: string | undefined): string | undefined {
	return text !== undefined && isIPv4(text) ? text : undefined;
}

/** The shortest writing (RFC 5952), so that equal addresses are equal strings; a zone (`%eth0`) is none of ours. */
function canonicalV6(text: string | undefined): string | undefined {
	if (text === undefined || !isIPv6(text) || text.includes('%')) return undefined;
	return new Parsed({ address: text, family: 'ipv6' }).address;
}
