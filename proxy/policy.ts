import { forwardedElement, originalClient } from './forwarded.ts';
import type { RequestHead } from './http1/head.ts';
import { keptRequestFields } from './http1/hop.ts';
import { writeRequestHead } from './http1/write.ts';
import type { Step, Visit } from './visit.ts';

/** What a trusted proxy in front of us said of the visitor; empty for what it left out. */
class Said {
	forwardedFor = '';
	proto = '';
	host = '';
	forwarded = '';
	requestId = '';
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
	let id = '';
	if (visitor.trusted) {
		const said = new Said();
		visitor.outgoing = rewrite(head, visitor.client, said, true);
		if (said.forwardedFor !== '') visit.client = originalClient(said.forwardedFor, visitor.client, edge.isTrusted);
		if (REQUEST_ID.test(said.requestId)) id = said.requestId;
	} else if (visitor.policed !== head) {
		visitor.outgoing = rewrite(head, visitor.client, new Said(), false);
		visitor.policed = head;
	}
	visit.requestId = id === '' ? edge.ids.next() : id;
	visit.outgoing = `${visitor.outgoing}X-Request-Id: ${visit.requestId}\r\n\r\n`;
	return 'on';
}

/** The head for the tenant without its last field, the request's id; `said` is filled with what was said, and kept to if believed. */
function rewrite(head: RequestHead, client: string, said: Said, believed: boolean): string {
	const fields = keptRequestFields(head);
	const host = takeOut(fields, believed ? said : undefined);
	return writeRequestHead(head, fields, originLines(client, host, said)).slice(0, -2);
}

/** The field lines that tell the tenant where the request comes from: what was said before, and our own word behind it. */
function originLines(client: string, host: string, said: Said): string {
	const element = forwardedElement(client, host);
	return (
		`X-Forwarded-For: ${said.forwardedFor === '' ? client : `${said.forwardedFor}, ${client}`}\r\n` +
		`X-Forwarded-Proto: ${said.proto === '' ? 'http' : said.proto}\r\n` +
		`X-Forwarded-Host: ${said.host === '' ? host : said.host}\r\n` +
		`Forwarded: ${said.forwarded === '' ? element : `${said.forwarded}, ${element}`}\r\n`
	);
}

/**
 * Takes out of the fields what the edge says itself, into `said` where the sender is believed, and every name with an
 * underscore, which some programs read as a hyphen (CVE-2015-7519). Returns Host's value.
 */
function takeOut(fields: string[], said: Said | undefined): string {
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
			if (said !== undefined) said.forwardedFor = listed(said.forwardedFor, value);
			return true;
		case 'x-forwarded-proto':
			if (said !== undefined) said.proto = value;
			return true;
		case 'x-forwarded-host':
			if (said !== undefined) said.host = value;
			return true;
		case 'forwarded':
			if (said !== undefined) said.forwarded = listed(said.forwarded, value);
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

/** Lines of one list put together (RFC 9110 §5.3). */
function listed(before: string, value: string): string {
	return before === '' ? value : `${before}, ${value}`;
}
