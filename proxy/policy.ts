import { NOTHING_SAID, originalClient, originLines, readForwarded, readXForwarded, type Said } from './forwarded.ts';
import { keptRequestFields } from './http1/hop.ts';
import { writeRequestHead } from './http1/write.ts';
import { endsHere } from './maxforwards.ts';
import type { Step, Visit } from './visit.ts';

const NONE: readonly string[] = [];

/** What the fields of a request say that the edge says itself; empty for what they leave out. */
class Heard {
	forwardedFor = '';
	proto = '';
	host = '';
	forwarded: readonly string[] = NONE;
	requestId = '';
	/** Host's value. */
	addressee = '';
}

/** Longest request id taken over from a trusted proxy; what is no token is not taken. */
const REQUEST_ID = /^[A-Za-z0-9._~+/=:-]{1,128}$/;

/**
 * Writes the head that the tenant gets: Host untouched, no field of the visitor's connection, and on where the request comes
 * from only our own word and that of trusted proxies. Answers what is to go no further.
 */
export function policy(visit: Visit): Step {
	const { head, visitor, edge } = visit;
	visit.routedAt = visit.now;
	let id = '';
	if (visitor.trusted || visitor.policed !== head || visitor.policedBy !== edge.settings) {
		const fields = keptRequestFields(head);
		if (endsHere(head.method, fields))
			return head.method === 'TRACE' ? visit.refuse('trace-ends-here') : visit.answerOk();
		const xForwarded = edge.settings.trustedHeaders === 'x-forwarded';
		const heard = takeOut(fields, visitor.trusted && xForwarded);
		let said = NOTHING_SAID;
		if (visitor.trusted) {
			said = believed(heard, xForwarded, edge.isTrusted);
			visit.client = originalClient(said.hops, visitor.client, edge.isTrusted);
			if (REQUEST_ID.test(heard.requestId)) id = heard.requestId;
		}
		// A gateway must name itself to whom it asks; to the visitor it need not, and does not (RFC 9110 §7.6.3).
		const via = edge.settings.via === undefined ? '' : `Via: 1.${head.minor} ${edge.settings.via}\r\n`;
		const added = originLines(said, visitor.client, heard.addressee) + via;
		visitor.outgoing = writeRequestHead(head, fields, added).slice(0, -2);
		visitor.policed = head;
		visitor.policedBy = edge.settings;
	}
	visit.requestId = id === '' ? edge.ids.next() : id;
	visit.outgoing = `${visitor.outgoing}X-Request-Id: ${visit.requestId}\r\n\r\n`;
	return 'on';
}

function believed(heard: Heard, xForwarded: boolean, isTrusted: (address: string) => boolean): Said {
	return xForwarded
		? readXForwarded(heard.forwardedFor, heard.proto, heard.host)
		: readForwarded(heard.forwarded, isTrusted);
}

/**
 * Takes out of the fields what the edge says itself, and every name with an underscore, which some programs read as a hyphen
 * (CVE-2015-7519). `others`: further X-Forwarded-* fields are believed, and stay.
 */
function takeOut(fields: string[], others: boolean): Heard {
	const heard = new Heard();
	let kept = 0;
	for (let i = 0; i < fields.length; i += 2) {
		const name = fields[i] as string;
		const value = fields[i + 1] as string;
		const first = name.charCodeAt(0) | 0x20;
		if (first === 0x68 && name.length === 4 && name.toLowerCase() === 'host') heard.addressee = value;
		if ((first === 0x78 || first === 0x66) && isOurs(name.toLowerCase(), value, heard, others)) continue;
		if (name.includes('_')) continue;
		fields[kept++] = name;
		fields[kept++] = value;
	}
	fields.length = kept;
	return heard;
}

/** True for a field that says where the request comes from. */
function isOurs(name: string, value: string, heard: Heard, others: boolean): boolean {
	switch (name) {
		case 'x-forwarded-for':
			heard.forwardedFor = listed(heard.forwardedFor, value);
			return true;
		case 'x-forwarded-proto':
			heard.proto = value;
			return true;
		case 'x-forwarded-host':
			heard.host = value;
			return true;
		case 'forwarded':
			heard.forwarded = [...heard.forwarded, value];
			return true;
		case 'x-request-id':
			heard.requestId = value;
			return true;
		case 'x-real-ip':
			return true;
		default:
			return !others && name.startsWith('x-forwarded-');
	}
}

/** Lines of one list put together (RFC 9110 §5.3). */
function listed(before: string, value: string): string {
	return before === '' ? value : `${before}, ${value}`;
}
