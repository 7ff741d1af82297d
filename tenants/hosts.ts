import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { parseSocketAddress } from '../config/addresses.ts';

/** A name of labels, without the root's dot; underscores are no letters of host names (RFC 1123 §2.1), but in use. */
const NAME = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

/**
 * A host to route by as the edge sees it: lower case, in punycode (RFC 5890), without port and closing dot. Exact, `*.NAME`,
 * `*`, or an IP address (IPv6 in brackets). Undefined where it is none.
 */
export function normaliseHost(text: string): string | undefined {
	if (text === '*') return text;
	if (text.startsWith('*.')) {
		const name = normaliseName(text.slice(2));
		return name === undefined ? undefined : `*.${name}`;
	}
	const [, literal] = /^\[(.*)\]$/.exec(text) ?? [];
	if (literal !== undefined && isIPv6(literal)) return `[${parseSocketAddress(`[${literal}]:1`)?.address}]`;
	return normaliseName(text);
}

function normaliseName(text: string): string | undefined {
	const bare = text.endsWith('.') ? text.slice(0, -1) : text;
	// Pure ASCII is not for domainToASCII, which makes an IPv4 address of a name like 1.2.
	const name = /^[\x20-\x7e]*$/.test(bare) ? bare.toLowerCase() : domainToASCII(bare);
	return NAME.test(name) ? name : undefined;
}
