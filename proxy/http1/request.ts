import { METHODS } from 'node:http';
import { type HeadFault, headFaults } from './faults.ts';
import { connectionOptions, framingOf, gatherFields, oneLength } from './fields.ts';
import type { HeadLimits, Refusal, RequestHead } from './head.ts';
import { endOfLine, HeadProgress, readFieldLines } from './lines.ts';
import { CR, isHttp1, LF, METHOD, SP, TARGET } from './octets.ts';
import { reduceTarget, routingHost } from './target.ts';

/** The methods of Node's parser: what it refuses is refused here. */
const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);
const LONGEST_METHOD: number = Math.max(...METHODS.map((method) => method.length));
/** What a request line has beside its target: the longest method, two spaces, `HTTP/1.1`. */
const AROUND_TARGET = LONGEST_METHOD + 10;

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
	while (METHOD[bytes[at] as number] === 1) at++;
	if (at === method || bytes[at] !== SP) return 'bad-method';
	if (at - method > LONGEST_METHOD) return 'unknown-method';
	const target = ++at;
	while (TARGET[bytes[at] as number] === 1) at++;
	if (at === target || bytes[at] !== SP) return at === start + lineEnd ? 'bad-start-line' : 'bad-target';
	if (at - target > limits.target) return 'target-too-long';
	const fault = checkVersion(bytes, at + 1, start + lineEnd);
	if (fault !== undefined) return fault;

	progress.startLineEnd = lineEnd;
	progress.line = progress.scanned = lineEnd + 2;
	return 'read';
}

/** HTTP/1.0 and HTTP/1.1 pass; any other HTTP/x.y is well-formed but not spoken (RFC 9110 §2.5). */
function checkVersion(bytes: Buffer, at: number, end: number): HeadFault | undefined {
	if (end - at === 8 && isHttp1(bytes, at)) return undefined;
	return /^HTTP\/[0-9]\.[0-9]$/.test(bytes.toString('latin1', at, end)) ? 'unsupported-version' : 'bad-start-line';
}

/** Gives a head whose lines are well-formed its meaning. */
function requestHead(text: string, progress: HeadProgress): RequestHead | HeadFault {
	const lineEnd = progress.startLineEnd;
	const methodStart = text.charCodeAt(0) === CR ? 2 : 0;
	const methodEnd = text.indexOf(' ', methodStart);
	const method = text.slice(methodStart, methodEnd);
	if (!KNOWN_METHODS.has(method)) return 'unknown-method';
	if (method === 'CONNECT') return 'connect-not-supported';
	const minor = text.charCodeAt(lineEnd - 1) === 0x31 ? 1 : 0;

	let target = text.slice(methodEnd + 1, lineEnd - 9);
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
	} else if (authority !== undefined && authority.toLowerCase() !== fields.host.toLowerCase()) {
		return 'host-mismatch';
	}
	const host = routingHost(fields.host);
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
		fields: fields.list,
		framing,
		keepAlive: minor === 1 ? !connection.close : connection.keepAlive && !connection.close,
		upgrade: upgrade === undefined || HTTP_AGAIN.test(upgrade) ? undefined : upgrade,
		expectContinue: expect,
		length: text.length,
	};
}
