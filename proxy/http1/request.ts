import { type HeadFault, headFaults } from './faults.ts';
import { connectionOptions, type Fields, framingOf, gatherFields, isName, oneLength } from './fields.ts';
import type { HeadLimits, Refusal, RequestHead } from './head.ts';
import { endOfLine, HeadProgress, readFieldLines } from './lines.ts';
import { CR, isHttp1, LF, SP, TARGET, TOKEN } from './octets.ts';
import { nobodysName, percentEncoded, reduceTarget, routingHost } from './target.ts';

/** Any token may be a method (RFC 9110 §9.1), but for one that is longer than any method is. */
const LONGEST_METHOD = 64;
/** What a request line has beside its target: the longest method, two spaces, `HTTP/1.1`. */
const AROUND_TARGET = LONGEST_METHOD + 10;

/** Those that change where a message ends: who folds the case of them would read another message than we do. */
const FRAMING_METHOD = /^(?:connect|head)$/i;

/** Protocols that would bring HTTP again, past our parser: the tenant is not asked for them. */
const HTTP_AGAIN = /(?:^|[ \t,])(?:h2c|http\/|tls\/)/i;

const scratch = new HeadProgress();

/**
 * The request head in bytes[start..end): undefined while it is not whole, a refusal at its first fault (RFC 9112 §2–6, and
 * stricter where parsers differ). Pass the same `progress` again, reset between heads, and a head that comes in pieces costs
 * what it costs whole; `start` may move, the head's bytes may not change.
 */
export function parseRequestHead(
	bytes: Buffer,
	start: number,
	end: number,
	limits: HeadLimits,
	progress?: HeadProgress,
): RequestHead | Refusal | undefined {
	if (progress === undefined) {
		progress = scratch;
		progress.reset();
	}
	const head = parse(bytes, start, end, limits, progress);
	return typeof head === 'string' ? { status: headFaults[head], code: head } : head;
}

function parse(
	bytes: Buffer,
	start: number,
	end: number,
	limits: HeadLimits,
	progress: HeadProgress,
): RequestHead | HeadFault | undefined {
	if (progress.startLineEnd === -1) {
		const fault = readRequestLine(bytes, start, end, limits, progress);
		if (fault !== 'read') return fault;
	}
	const length = readFieldLines(bytes, start, end, limits.head, limits.headers, progress);
	if (typeof length !== 'number') return length;
	return requestHead(bytes.toString('latin1', start, start + length), progress);
}

/** Checks the request line byte by byte (RFC 9112 §3), one empty line before it passed over (§2.2). */
function readRequestLine(
	bytes: Buffer,
	start: number,
	end: number,
	limits: HeadLimits,
	progress: HeadProgress,
): 'read' | HeadFault | undefined {
	if (progress.line === 0 && start < end && bytes[start] === CR) {
		if (start + 1 === end) return undefined;
		if (bytes[start + 1] !== LF) return 'bare-cr';
		progress.line = progress.scanned = 2;
	}
	const limit = Math.min(progress.line + AROUND_TARGET + limits.target + 2, limits.head);
	const lineEnd = endOfLine(bytes, start, end, limit, 'target-too-long', progress);
	if (typeof lineEnd !== 'number') return lineEnd;
	if (lineEnd === progress.line) return 'empty-lines';

	let at = start + progress.line;
	const method = at;
	while (TOKEN[bytes[at] as number] === 1) at++;
	if (at === method || bytes[at] !== SP) return 'bad-method';
	if (at - method > LONGEST_METHOD) return 'unknown-method';
	const target = ++at;
	while (TARGET[bytes[at] as number] === 1) at++;
	progress.rawTarget = isRaw(bytes[at]);
	while (TARGET[bytes[at] as number] === 1 || isRaw(bytes[at])) at++;
	if (at === target || bytes[at] !== SP) return at === start + lineEnd ? 'bad-start-line' : 'bad-target';
	if (at - target > limits.target) return 'target-too-long';
	const fault = checkVersion(bytes, at + 1, start + lineEnd);
	if (fault !== undefined) return fault;

	progress.startLineEnd = lineEnd;
	progress.line = progress.scanned = lineEnd + 2;
	return 'read';
}

/** HTTP/1.x passes, from 1.1 on as 1.1; any other HTTP/x.y is well-formed but not spoken (RFC 9110 §2.5, §6.2). */
function checkVersion(bytes: Buffer, at: number, end: number): HeadFault | undefined {
	if (end - at === 8 && isHttp1(bytes, at)) return undefined;
	const version = bytes.toString('latin1', at, end);
	if (!/^HTTP\/[0-9]\.[0-9]$/.test(version)) return 'bad-start-line';
	return version.startsWith('HTTP/1.') ? undefined : 'unsupported-version';
}

/** A byte that a target may not hold but which many send in one, of a character beyond ASCII. */
function isRaw(byte: number | undefined): boolean {
	return byte !== undefined && byte >= 0x80;
}

/** Gives a head whose lines are well-formed its meaning. */
function requestHead(text: string, progress: HeadProgress): RequestHead | HeadFault {
	const lineEnd = progress.startLineEnd;
	const methodStart = text.charCodeAt(0) === CR ? 2 : 0;
	const methodEnd = text.indexOf(' ', methodStart);
	const method = text.slice(methodStart, methodEnd);
	if (method !== 'HEAD' && FRAMING_METHOD.test(method)) {
		return method === 'CONNECT' ? 'connect-not-supported' : 'unknown-method';
	}
	const minor = text.charCodeAt(lineEnd - 1) === 0x30 ? 0 : 1;

	let target = text.slice(methodEnd + 1, lineEnd - 9);
	if (progress.rawTarget) target = percentEncoded(target);
	let authority: string | undefined;
	if (target.charCodeAt(0) !== 0x2f) {
		const reduced = reduceTarget(method, target);
		if (typeof reduced === 'string') return reduced;
		({ target, authority } = reduced);
	}

	const fields = gatherFields(text, progress);
	if (fields.doubt !== undefined) return fields.doubt;
	if (fields.host === undefined) {
		if (minor === 1) return 'missing-host';
		fields.host = authority ?? '';
		fields.list.push('Host', fields.host);
	} else if (authority !== undefined && authority !== fields.host) {
		if ((routingHost(fields.host) ?? nobodysName(fields.host)) === undefined) return 'bad-host';
		replaceHost(fields, authority);
	}
	const routing = routingHost(fields.host);
	const host = routing ?? nobodysName(fields.host);
	if (host === undefined) return 'bad-host';

	const framing = framingOf(fields, minor, oneLength);
	if (typeof framing === 'string') return framing;
	const connection = connectionOptions(fields.connection);
	if (connection.framing) return 'bad-connection';

	const hasBody = framing.kind !== 'none';
	const expect = hasBody && minor === 1 && fields.expect?.toLowerCase() === '100-continue';
	// With a body the two sides may disagree on whether its bytes are the new protocol's already (RFC 9110 §7.8 lets us ignore it).
	const upgrade = connection.upgrade && minor === 1 && !hasBody ? fields.upgrade : undefined;
	return {
		method,
		target,
		minor,
		host,
		nobodys: routing === undefined,
		fields: fields.list,
		framing,
		keepAlive: minor === 1 ? !connection.close : connection.keepAlive && !connection.close,
		upgrade: upgrade === undefined || HTTP_AGAIN.test(upgrade) ? undefined : upgrade,
		expectContinue: expect,
		length: text.length,
	};
}

/** The authority of an absolute-form target speaks, and Host is made of it (RFC 9112 §3.2.2). */
function replaceHost(fields: Fields, authority: string): void {
	fields.host = authority;
	for (let i = 0; i < fields.list.length; i += 2) {
		if (isName(fields.list[i] as string, 'host')) fields.list[i + 1] = authority;
	}
}
