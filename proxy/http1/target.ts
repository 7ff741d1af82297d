import type { HeadFault } from './faults.ts';

/** A request's target and the authority that an absolute-form one names. */
export interface Target {
	/** origin-form, or `*`. */
	readonly target: string;
	readonly authority: string | undefined;
}

/** An absolute-form target of the schemes that we stand for: authority, then path and query (RFC 9112 §3.2.2). */
const ABSOLUTE = /^https?:\/\/([^/?]+)(.*)$/i;

/** Reduces a target that is not origin-form (RFC 9112 §3.2); its bytes are known to be visible ASCII without `#`. */
export function reduceTarget(method: string, target: string): Target | HeadFault {
	if (target === '*') return method === 'OPTIONS' ? { target, authority: undefined } : 'bad-target';
	const [, authority, rest] = ABSOLUTE.exec(target) ?? [];
	if (authority === undefined || rest === undefined) return 'bad-target';
	if (rest.startsWith('/')) return { target: rest, authority };
	if (rest !== '') return { target: `/${rest}`, authority };
	return { target: method === 'OPTIONS' ? '*' : '/', authority };
}

/** Writes the bytes beyond ASCII of a target as RFC 3986 §2.1 has them; its text is latin1. */
export function percentEncoded(target: string): string {
	return target.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A registered name with no empty label, and perhaps the dot that ends a full name (RFC 9110 §7.2, RFC 3986 §3.2.2). */
const NAME = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/i;
const IP_LITERAL = /^\[[0-9a-f:.]*:[0-9a-f:.]*\]$/i;

/** What else RFC 3986 §3.2.2 allows a name to be made of. */
const REGISTERED_NAME = /^(?:[a-z0-9._~!$&'()*+,;=-]|%[0-9a-f]{2})+$/i;

/**
 * The name to route by: lower case, without port (which decides nothing) and without the dot that ends a full name; undefined
 * where no tenant can have it. An empty value is an empty name (RFC 9112 §3.2).
 */
export function routingHost(value: string): string | undefined {
	if (value === '') return value;
	const name = withoutPort(value);
	if (name === undefined) return undefined;
	if (!NAME.test(name)) return IP_LITERAL.test(name) ? name.toLowerCase() : undefined;
	return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
}

/** A well-formed name, lower case and without port, that is not in the domain name system; undefined where it is no name. */
export function nobodysName(value: string): string | undefined {
	const name = withoutPort(value);
	return name !== undefined && REGISTERED_NAME.test(name) ? name.toLowerCase() : undefined;
}

/** Undefined where what stands behind the colon is no port. */
function withoutPort(value: string): string | undefined {
	const colon = value.indexOf(':', value.lastIndexOf(']') + 1);
	if (colon === -1) return value;
	return isPort(value, colon + 1) ? value.slice(0, colon) : undefined;
}

/** Up to five digits from `at` to the end, 65535 at most; none at all stand for the default (RFC 9110 §4.2.3). */
function isPort(value: string, at: number): boolean {
	if (value.length - at > 5) return false;
	let port = 0;
	for (; at < value.length; at++) {
		const digit = value.charCodeAt(at) - 0x30;
		if (digit < 0 || digit > 9) return false;
		port = port * 10 + digit;
	}
	return port <= 65_535;
}
