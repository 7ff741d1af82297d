import type { HeadFault } from './faults.ts';
import { withoutBlanks } from './fields.ts';
import { CR, LF, LINE } from './octets.ts';

/** A response head as the strict parser takes it, latin1. */
export interface PlainHead {
	readonly text: string;
	/** How many bytes it was as it came. */
	readonly length: number;
}

/** `HTTP/1.x`, status and reason with blanks between them, as many as there are; any minor version is read as ours (RFC 9110 §2.5). */
const STATUS_LINE = /^HTTP\/1\.([0-9])[ \t]+([1-9][0-9]{2})(?:[ \t]+(.*))?$/;
const VERSION = /^HTTP\/1\.[0-9][ \t]/;

/** A field's name (RFC 9110 §5.6.2), white space that a proxy must take away (RFC 9112 §5.1), and its value. */
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*:(.*)$/;

/** Fields that a folded line must not go on with: not everybody joins the lines, and the body's end would depend on it. */
const FRAMING = /^(?:content-length|transfer-encoding|connection):/i;

/** A tab that some parsers take for a part of the coding: to them the body lasts until the connection closes. */
const TAB_BESIDE_CODING = /^transfer-encoding[ \t]*:.*\t/i;

/**
 * Rewrites the response head in bytes[start..end) into its plain shape, where it has one that everybody would agree on: undefined
 * while it is not whole, a fault where it has none. CGIs and small servers send bare LF (RFC 9112 §2.2), empty lines in front,
 * doubled blanks (§4), white space before colons (§5.1) and folded lines (§5.2); a head over `limit` bytes is too large.
 */
export function plainHead(bytes: Buffer, start: number, end: number, limit: number): PlainHead | HeadFault | undefined {
	const lines = new Lines(bytes, start, end, limit);
	let line = lines.next();
	while (line === '') line = lines.next();
	if (lines.fault !== undefined || line === undefined) return lines.fault;
	const statusLine = plainStatusLine(line);
	if (statusLine === undefined) return VERSION.test(line) ? 'bad-status' : 'bad-start-line';

	const plain = [statusLine];
	for (line = lines.next(); line !== ''; line = lines.next()) {
		if (line === undefined) return lines.fault;
		if (/^[ \t]/.test(line)) {
			const folded = plain.pop() as string;
			if (plain.length === 0 || FRAMING.test(folded) || withoutBlanks(line) === '') return 'obs-fold';
			plain.push(withoutBlanks(`${folded} ${withoutBlanks(line)}`));
			continue;
		}
		const [, name, value = ''] = FIELD_LINE.exec(line) ?? [];
		if (name === undefined) return faultOf(line);
		if (TAB_BESIDE_CODING.test(line)) return 'tab-beside-framing';
		plain.push(withoutBlanks(`${name}: ${withoutBlanks(value)}`));
	}
	return { text: `${plain.join('\r\n')}\r\n\r\n`, length: lines.at - start };
}

function plainStatusLine(line: string): string | undefined {
	const [, minor, status, reason = ''] = STATUS_LINE.exec(line) ?? [];
	return minor === undefined ? undefined : `HTTP/1.${minor === '0' ? 0 : 1} ${status} ${withoutBlanks(reason)}`;
}

function faultOf(line: string): HeadFault {
	const colon = line.indexOf(':');
	if (colon === -1) return 'missing-colon';
	return colon === 0 ? 'empty-name' : 'bad-name';
}

/** The lines of a head, each ended by LF or CR LF. */
class Lines {
	/** The first byte of the next line. */
	at: number;
	/** Why there is no next line; undefined where more bytes could make it whole. */
	fault: HeadFault | undefined;
	readonly #bytes: Buffer;
	readonly #stop: number;
	readonly #tooLong: boolean;

	constructor(bytes: Buffer, start: number, end: number, limit: number) {
		this.at = start;
		this.#bytes = bytes;
		this.#stop = Math.min(end, start + limit);
		this.#tooLong = end - start >= limit;
	}

	next(): string | undefined {
		const bytes = this.#bytes;
		const line = this.at;
		let at = line;
		while (at < this.#stop && LINE[bytes[at] as number] === 1) at++;
		const lineEnd = at;
		if (at < this.#stop && bytes[at] === CR) at++;
		if (at === this.#stop) {
			this.fault = this.#tooLong ? 'head-too-large' : undefined;
			return undefined;
		}
		if (bytes[at] !== LF) {
			this.fault = at > lineEnd ? 'bare-cr' : 'control-character';
			return undefined;
		}
		this.at = at + 1;
		return bytes.toString('latin1', line, lineEnd);
	}
}
