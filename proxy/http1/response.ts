import type { HeadFault } from './faults.ts';
import { connectionOptions, type Fields, framingOf, gatherFields } from './fields.ts';
import type { Framing, HeadLimits, Refusal, ResponseHead } from './head.ts';
import { endOfLine, HeadProgress, readFieldLines } from './lines.ts';
import { isHttp1, SP } from './octets.ts';

/** What a response's meaning depends on in the request that it answers. */
export interface Asked {
	readonly method: string;
	/** The protocols that the tenant was asked to change to, if any. */
	readonly upgrade: string | undefined;
}

const NO_BODY: Framing = { kind: 'none' };
const UNTIL_CLOSE: Framing = { kind: 'close' };

const scratch = new HeadProgress();

/**
 * The response head in bytes[start..end): undefined while it is not whole, a refusal (always 502) at its first fault. As
 * strict as with requests, and no empty line before the status line. `limits.target` plays no part; `progress` as in request.ts.
 */
export function parseResponseHead(
	bytes: Buffer,
	start: number,
	end: number,
	limits: HeadLimits,
	asked: Asked,
	progress?: HeadProgress,
): ResponseHead | Refusal | undefined {
	if (progress === undefined) {
		progress = scratch;
		progress.reset();
	}
	const head = parse(bytes, start, end, limits, asked, progress);
	return typeof head === 'string' ? { status: 502, code: head } : head;
}

function parse(
	bytes: Buffer,
	start: number,
	end: number,
	limits: HeadLimits,
	asked: Asked,
	progress: HeadProgress,
): ResponseHead | HeadFault | undefined {
	if (progress.startLineEnd === -1) {
		const lineEnd = endOfLine(bytes, start, end, limits.head, 'head-too-large', progress);
		if (typeof lineEnd !== 'number') return lineEnd;
		const fault = checkStatusLine(bytes, start, start + lineEnd);
		if (fault !== undefined) return fault;
		progress.startLineEnd = lineEnd;
		progress.line = progress.scanned = lineEnd + 2;
	}
	const length = readFieldLines(bytes, start, end, limits.head, limits.headers, progress);
	if (typeof length !== 'number') return length;
	return responseHead(bytes.toString('latin1', start, start + length), asked, progress);
}

/** `HTTP/1.x SP 3DIGIT SP reason` (RFC 9112 §4); the last space may be missing with the reason, as many servers have it. */
function checkStatusLine(bytes: Buffer, at: number, end: number): HeadFault | undefined {
	if (end - at < 12 || !isHttp1(bytes, at) || bytes[at + 8] !== SP) return 'bad-start-line';
	if (!isDigit(bytes[at + 9]) || !isDigit(bytes[at + 10]) || !isDigit(bytes[at + 11])) return 'bad-status';
	if (end - at > 12 && bytes[at + 12] !== SP) return 'bad-start-line';
	const hundreds = (bytes[at + 9] as number) - 0x30;
	return hundreds >= 1 && hundreds <= 5 ? undefined : 'bad-status';
}

function isDigit(byte: number | undefined): boolean {
	return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** Gives a head whose lines are well-formed its meaning. */
function responseHead(text: string, asked: Asked, progress: HeadProgress): ResponseHead | HeadFault {
	const minor = text.charCodeAt(7) === 0x31 ? 1 : 0;
	const status = Number(text.slice(9, 12));
	const fields = gatherFields(text, progress);
	if (typeof fields === 'string') return fields;
	const framing = responseFraming(fields, minor, status, asked.method);
	if (typeof framing === 'string') return framing;
	const connection = connectionOptions(fields.connection);
	if (typeof connection === 'string') return connection;
	const upgrade = status === 101 && connection.upgrade ? fields.upgrade : undefined;
	if (status === 101 && (asked.upgrade === undefined || upgrade === undefined || minor === 0)) return 'bad-upgrade';
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

/** How the body ends (RFC 9112 §6.3). HEAD and 304 may tell a length that is not there; 1xx and 204 may not. */
function responseFraming(fields: Fields, minor: 0 | 1, status: number, method: string): Framing | HeadFault {
	const framing = framingOf(fields, minor);
	if (typeof framing === 'string') return framing;
	if (status < 200 || status === 204) {
		const empty = framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);
		return empty ? NO_BODY : 'body-not-allowed';
	}
	if (method === 'HEAD' || status === 304) return NO_BODY;
	return framing.kind === 'none' ? UNTIL_CLOSE : framing;
}
