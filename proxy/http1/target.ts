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

/** A registered name with no empty label, or an IP literal, and a port of at most five digits (RFC 9110 §7.2, RFC 3986 §3.2). */
const HOST = /^([a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]*:[0-9a-f:.]*\])(\.?)(?::([0-9]{1,5}))?$/;

/** Plain names pass without the regular expression's work being repeated for the case and the port. */
const PLAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;

/**
 * The name to route by: lower case, without port and without the dot that ends a full name; undefined where the value is no
 * host. An empty value is an empty name (RFC 9112 §3.2).
 */
export function routingHost(value: string): string | undefined {
	if (value === '' || PLAIN.test(value)) return value;
	const match = HOST.exec(value.toLowerCase());
	if (match === null || Number(match[3] ?? 0) > 65_535) return undefined;
	const name = match[1] as string;
	return name.startsWith('[') && match[2] !== '' ? undefined : name;
}
