import { forwardedElement, originalClient } from './forwarded.ts';
import { keptRequestFields } from './http1/hop.ts';
import { writeRequestHead } from './http1/write.ts';
import type { Step, Visit } from './visit.ts';

/** What a trusted proxy in front of us said of the visitor; undefined for what it left out. */
interface Said {
	forwardedFor: string | undefined;
	proto: string | undefined;
	host: string | undefined;
	forwarded: string | undefined;
	requestId: string | undefined;
}

/** Longest request id taken over from a trusted proxy; what is no token is not taken. */
const REQUEST_ID = /^[A-Za-z0-9._~+/=:-]{1,128}$/;

/**
 * Writes the head that the tenant gets: Host untouched, no field of the visitor's connection, and on where the request comes
 * from only our own word and that of trusted proxies.
 */
export function policy(visit: Visit): Step {
	const { head, visitor, edge } = visit;
	visit.routedAt = visit.now;
	const said: Said = {
		forwardedFor: undefined,
		proto: undefined,
		host: undefined,
		forwarded: undefined,
		requestId: undefined,
	};
	const fields = keptRequestFields(head);
	const host = keepBelieved(fields, visitor.trusted ? said : undefined);
	visit.requestId = said.requestId !== undefined && REQUEST_ID.test(said.requestId) ? said.requestId : edge.ids.next();
	visit.client =
		said.forwardedFor === undefined
			? visitor.client
			: originalClient(said.forwardedFor, visitor.client, edge.isTrusted);
	const element = forwardedElement(visitor.client, host);
	visit.outgoing = writeRequestHead(head, fields, [
		'X-Forwarded-For',
		said.forwardedFor === undefined ? visitor.client : `${said.forwardedFor}, ${visitor.client}`,
		'X-Forwarded-Proto',
		said.proto ?? 'http',
		'X-Forwarded-Host',
		said.host ?? host,
		'Forwarded',
		said.forwarded === undefined ? element : `${said.forwarded}, ${element}`,
		'X-Request-Id',
		visit.requestId,
	]);
	return 'on';
}

/**
 * Takes out of the fields what the edge says itself, into `said` where the sender is believed, and every name with an
 * underscore, which some programs read as a hyphen (CVE-2015-7519). Returns Host's value.
 */
function keepBelieved(fields: string[], said: Said | undefined): string {
	let host = '';
	let kept = 0;
	for (let i = 0; i < fields.length; i += 2) {
		const name = fields[i] as string;
		const value = fields[i + 1] as string;
		const first = name.charCodeAt(0) | 0x20;
		if (first === 0x68 && name.length === 4 && name.toLowerCase() === 'host') host = value;
		if ((first === 0x78 || first === 0x66) && isOurs(name.toLowerCase(), value, said)) continue;
		if (name.includes('_')) continue;
		fields[kept++] = name;
		fields[kept++] = value;
	}
	fields.length = kept;
	return host;
}

/** True for a field that says where the request comes from. */
function isOurs(name: string, value: string, said: Said | undefined): boolean {
	switch (name) {
		case 'x-forwarded-for':
			if (said !== undefined)
				said.forwardedFor = said.forwardedFor === undefined ? value : `${said.forwardedFor}, ${value}`;
			return true;
		case 'x-forwarded-proto':
			if (said !== undefined) said.proto = value;
			return true;
		case 'x-forwarded-host':
			if (said !== undefined) said.host = value;
			return true;
		case 'forwarded':
			if (said !== undefined) said.forwarded = said.forwarded === undefined ? value : `${said.forwarded}, ${value}`;
			return true;
		case 'x-request-id':
			if (said !== undefined) said.requestId = value;
			return true;
		case 'x-real-ip':
			return true;
		default:
			return said === undefined && name.startsWith('x-forwarded-');
	}
}
