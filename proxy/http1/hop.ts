import { isName, listElements } from './fields.ts';
import type { RequestHead, ResponseHead } from './head.ts';

/**
 * The fields of a request that go on to the tenant (RFC 9110 §7.6.1): without those of the visitor's connection, which
 * writeRequestHead makes anew from the head's facts. TE keeps `trailers` alone, and an HTTP/1.0 Expect means nothing (§10.1.1).
 */
export function keptRequestFields(head: RequestHead): string[] {
	const { fields } = head;
	const named = namedByConnection(fields);
	const kept: string[] = [];
	for (let i = 0; i < fields.length; i += 2) {
		const name = fields[i] as string;
		const value = fields[i + 1] as string;
		if (name.length === 2 && isName(name, 'te')) {
			if (listElements(value).includes('trailers')) kept.push('TE', 'trailers');
		} else if (name.length === 6 && isName(name, 'expect')) {
			if (head.minor === 1) kept.push(name, value);
		} else if (!isOfOneHop(name) && !isLength(name) && !isNamed(named, name)) {
			kept.push(name, value);
		}
	}
	return kept;
}

/** The fields of a response that go on to the visitor, likewise. */
export function keptResponseFields(head: ResponseHead): string[] {
	const { fields } = head;
	const named = namedByConnection(fields);
	const kept: string[] = [];
	for (let i = 0; i < fields.length; i += 2) {
		const name = fields[i] as string;
		if (!isOfOneHop(name) && !isLength(name) && !isNamed(named, name)) kept.push(name, fields[i + 1] as string);
	}
	return kept;
}

/**
 * Fields that never pass a hop: those of RFC 9110 §7.6.1, and Proxy-Authenticate and Proxy-Authorization, which concern the
 * next proxy alone (§11.7) — and that is us, who ask for none.
 */
function isOfOneHop(name: string): boolean {
	switch (name.length) {
		case 2:
			return isName(name, 'te');
		case 7:
			return isName(name, 'upgrade');
		case 10:
			return isName(name, 'connection') || isName(name, 'keep-alive');
		case 16:
			return isName(name, 'proxy-connection');
		case 17:
			return isName(name, 'transfer-encoding');
		case 18:
			return isName(name, 'proxy-authenticate');
		case 19:
			return isName(name, 'proxy-authorization');
		default:
			return false;
	}
}

function isLength(name: string): boolean {
	return name.length === 14 && isName(name, 'content-length');
}

/** The values of Connection that name no field, as nearly every message has them. */
const NAMES_NOTHING = /^(?:keep-alive|close|upgrade|keep-alive, *upgrade)$/i;

/**
 * Fields that are meant for whoever gets the message in the end, and which a Connection option must not take away (RFC 9110
 * §7.6.1): a visitor could hide from a tenant what a proxy says of it, and a server that lists `date` means no harm by it.
 */
const END_TO_END =
	/^(?:accept(?:-.*)?|access-control-.*|age|allow|authorization|authentication-info|cache-control|clear-site-data|content-.*|cookie|cross-origin-.*|date|etag|expect|expires|forwarded|from|host|if-.*|last-modified|link|location|max-forwards|origin|permissions-policy|pragma|range|referer|referrer-policy|retry-after|sec-.*|server|set-cookie|strict-transport-security|trailer|user-agent|vary|via|www-authenticate|x-content-type-options|x-forwarded-.*|x-frame-options|x-request-id)$/;

/** The field names, lower case, that Connection lists and may take away; undefined for none. */
function namedByConnection(fields: readonly string[]): readonly string[] | undefined {
	let named: string[] | undefined;
	for (let i = 0; i < fields.length; i += 2) {
		const name = fields[i] as string;
		if (name.length !== 10 || !isName(name, 'connection')) continue;
		const value = fields[i + 1] as string;
		if (!NAMES_NOTHING.test(value)) {
			named = [...(named ?? []), ...listElements(value).filter((option) => !END_TO_END.test(option))];
		}
	}
	return named;
}

function isNamed(named: readonly string[] | undefined, name: string): boolean {
	return named?.includes(name.toLowerCase()) ?? false;
}
