import type { HeadFault } from './faults.ts';
import { agreedLength, connectionOptions, type Fields, framingOf, gatherFields, listElements } from './fields.ts';
import type { Framing, HeadLimits, Refusal, ResponseHead } from './head.ts';
import { endOfLine, HeadProgress, readFieldLines } from './lines.ts';
import { isHttp1, SP } from './octets.ts';
import { plainHead } from './plain.ts';

/** What a response's meaning depends on in the request that it answers. */
export interface Asked {
	readonly method: string;
	/** The protocols that the tenant was asked to change to, if any. */
	readonly upgrade: string | undefined;
}

/**
 * Fields that an answer's head may have. `sizes.headers` is for visitors, whose fields cost a tenant of any make; an application
 * may set a hundred cookies, and `sizes.head` bounds its head already.
 */
export const MOST_FIELDS = 1000;

const NO_BODY: Framing = { kind: 'none' };
const UNTIL_CLOSE: Framing = { kind: 'close' };

const progress = new HeadProgress();

/**
 * The response head in bytes[start..end): undefined while it is not whole, a refusal (always 502) at its first fault. Most heads
 * are read as strictly as requests; one that fails is put into its plain shape first, if it has one (plain.ts). Of the limits
 * `head` alone plays a part.
 */
export function parseResponseHead(
	bytes: Buffer,
	start: number,
	end: number,
	limits: HeadLimits,
	asked: Asked,
): ResponseHead | Refusal | undefined {
	let head = parse(bytes, start, end, limits.head, asked);
	if (typeof head === 'string') head = parseUnusual(bytes, start, end, limits.head, asked);
	return typeof head === 'string' ? { status: 502, code: head } : head;
}

function parseUnusual(
	bytes: Buffer,
	start: number,
	end: number,
	limit: number,
	asked: Asked,
): ResponseHead | HeadFault | undefined {
	const plain = plainHead(bytes, start, end, limit);
	if (plain === undefined || typeof plain === 'string') return plain;
	const text = Buffer.from(plain.text, 'latin1');
	const head = parse(text, 0, text.length, text.length + 1, asked);
	return typeof head === 'object' ? { ...head, length: plain.length } : head;
}

function parse(
	bytes: Buffer,
	start: number,
	end: number,
	limit: number,
	asked: Asked,
): ResponseHead | HeadFault | undefined {
	progress.reset();
	const lineEnd = endOfLine(bytes, start, end, limit, 'head-too-large', progress);
	if (typeof lineEnd !== 'number') return lineEnd;
	const fault = checkStatusLine(bytes, start, start + lineEnd);
	if (fault !== undefined) return fault;
	progress.startLineEnd = lineEnd;
	progress.line = progress.scanned = lineEnd + 2;
	const length = readFieldLines(bytes, start, end, limit, MOST_FIELDS, progress);
	if (typeof length !== 'number') return length;
	return responseHead(bytes.toString('latin1', start, start + length), asked);
}

/** `HTTP/1.x SP 3DIGIT SP reason` (RFC 9112 §4); the last space may be missing with the reason, as many servers have it. */
function checkStatusLine(bytes: Buffer, at: number, end: number): HeadFault | undefined {
	if (end - at < 12 || !isHttp1(bytes, at) || bytes[at + 8] !== SP) return 'bad-start-line';
	if (!isDigit(bytes[at + 9]) || !isDigit(bytes[at + 10]) || !isDigit(bytes[at + 11])) return 'bad-status';
	if (end - at > 12 && bytes[at + 12] !== SP) return 'bad-start-line';
	// Classes beyond 5 are unknown to HTTP but clear to read (RFC 9110 §15).
	return bytes[at + 9] === 0x30 ? 'bad-status' : undefined;
}

function isDigit(byte: number | undefined): boolean {
	return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** Gives a head whose lines are well-formed its meaning. */
function responseHead(text: string, asked: Asked): ResponseHead | HeadFault {
	const minor = text.charCodeAt(7) === 0x31 ? 1 : 0;
	const status = Number(text.slice(9, 12));
	const fields = gatherFields(text, progress);
	const framing = responseFraming(fields, minor, status, asked.method);
	if (typeof framing === 'string') return framing;
	const connection = connectionOptions(fields.connection);
	const upgrade = status === 101 && connection.upgrade && minor === 1 ? fields.upgrade : undefined;
	if (status === 101 && !wasAskedFor(upgrade, asked.upgrade)) return 'bad-upgrade';
	const persistent = minor === 1 ? !connection.close : connection.keepAlive && !connection.close;
	if (status < 200 && !persistent) return 'interim-close';
	return {
		status,
		reason: text.slice(13, progress.startLineEnd),
		minor,
		fields: fields.list,
		framing,
		keepAlive: persistent && framing.kind !== 'close',
		upgrade,
		length: text.length,
	};
}

/** Whether each protocol that the tenant changes to is among those asked for (RFC 9110 §7.8). */
function wasAskedFor(upgrade: string | undefined, asked: string | undefined): boolean {
	if (upgrade === undefined || asked === undefined) return false;
	const protocols = listElements(asked);
	return listElements(upgrade).every((protocol) => protocols.includes(protocol));
}

/**
 * How the body ends (RFC 9112 §6.3). 1xx and 204 end at their empty line whatever their fields say, and so do 304 and the
 * answer to HEAD, which may tell a length that is not there.
 */
function responseFraming(fields: Fields, minor: 0 | 1, status: number, method: string): Framing | HeadFault {
	if (status < 200 || status === 204) return NO_BODY;
	const framing = framingOf(fields, minor, agreedLength);
	if (method === 'HEAD' || status === 304) {
		if (typeof framing === 'string' || framing.kind !== 'length') return NO_BODY;
		return { kind: 'none', told: framing.length };
	}
	if (typeof framing === 'string') return framing;
	if (framing.kind === 'chunked' && fields.doubt === 'tab-beside-framing') return fields.doubt;
	return framing.kind === 'none' ? UNTIL_CLOSE : framing;
}
