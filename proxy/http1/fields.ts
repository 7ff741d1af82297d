import type { HeadFault } from './faults.ts';
import type { Framing } from './head.ts';
import { type HeadProgress, isBlank } from './lines.ts';

/** The fields of a head, and the values of those that say where it goes and where its body ends; undefined where absent. */
export class Fields {
	readonly list: string[] = [];
	/** What a visitor may not leave open to two readings; a tenant's answer is judged by what it comes to. */
	doubt: HeadFault | undefined;
	host: string | undefined;
	contentLength: string | undefined;
	/** Several lines of a list are joined, as RFC 9110 §5.3 reads them. */
	transferEncoding: string | undefined;
	connection: string | undefined;
	upgrade: string | undefined;
	expect: string | undefined;
}

/** Cuts the fields that readFieldLines noted out of a head's text. */
export function gatherFields(text: string, progress: HeadProgress): Fields {
	const fields = new Fields();
	const list = fields.list;
	const marks = progress.marks;
	const end = progress.count * 4;
	for (let i = 0; i < end; i += 4) {
		const name = text.slice(marks[i], marks[i + 1]);
		const value = text.slice(marks[i + 2], marks[i + 3]);
		list.push(name, value);
		switch (name.length) {
			case 4:
				if (isName(name, 'host')) {
					if (fields.host !== undefined) fields.doubt ??= 'duplicate-host';
					fields.host = value;
				}
				break;
			case 6:
				if (isName(name, 'expect')) fields.expect = joined(fields.expect, value);
				break;
			case 7:
				if (isName(name, 'upgrade')) fields.upgrade = joined(fields.upgrade, value);
				break;
			case 10:
				if (isName(name, 'connection')) fields.connection = joined(fields.connection, value);
				break;
			case 14:
				if (isName(name, 'content-length')) {
					if (fields.contentLength !== undefined) fields.doubt ??= 'duplicate-content-length';
					if (tabAround(text, marks, i)) fields.doubt ??= 'tab-beside-framing';
					fields.contentLength = joined(fields.contentLength, value);
				}
				break;
			case 17:
				if (isName(name, 'transfer-encoding')) {
					if (tabAround(text, marks, i)) fields.doubt ??= 'tab-beside-framing';
					fields.transferEncoding = joined(fields.transferEncoding, value);
				}
				break;
		}
	}
	return fields;
}

/** Whether a field name of the right length is `lower`, whatever its case; most names differ in the first letter. */
export function isName(name: string, lower: string): boolean {
	return (name.charCodeAt(0) | 0x20) === lower.charCodeAt(0) && name.toLowerCase() === lower;
}

/** Whether there is a tab in what was trimmed off the value of the field at `mark`. */
function tabAround(text: string, marks: readonly number[], mark: number): boolean {
	const valueEnd = marks[mark + 3] as number;
	const before = text.slice((marks[mark + 1] as number) + 1, marks[mark + 2]);
	return before.includes('\t') || text.slice(valueEnd, text.indexOf('\r', valueEnd)).includes('\t');
}

function joined(before: string | undefined, value: string): string {
	return before === undefined ? value : `${before}, ${value}`;
}

/** The elements of a comma-separated list, lower case and trimmed; empty ones are kept for strict callers to see. */
export function listElements(value: string): string[] {
	return value.toLowerCase().split(',').map(withoutBlanks);
}

/** The text without the spaces and tabs around it; looked at once from either end, where a regular expression would go back and forth. */
export function withoutBlanks(text: string): string {
	let start = 0;
	let end = text.length;
	while (start < end && isBlank(text.charCodeAt(start))) start++;
	while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
	return text.slice(start, end);
}

/** What Connection asks for (RFC 9110 §7.6.1); the fields that it names are dropped when the head is written (hop.ts). */
export interface ConnectionOptions {
	readonly close: boolean;
	readonly keepAlive: boolean;
	readonly upgrade: boolean;
	/** It names a field that says where the message goes or ends: who obeys would lose that. */
	readonly framing: boolean;
}

const NOTHING_ASKED: ConnectionOptions = { close: false, keepAlive: false, upgrade: false, framing: false };
const KEEP_ALIVE: ConnectionOptions = { close: false, keepAlive: true, upgrade: false, framing: false };
const FRAMING = ['host', 'content-length', 'transfer-encoding'];

export function connectionOptions(value: string | undefined): ConnectionOptions {
	if (value === undefined) return NOTHING_ASKED;
	if (value === 'keep-alive') return KEEP_ALIVE;
	const elements = listElements(value);
	return {
		close: elements.includes('close'),
		keepAlive: elements.includes('keep-alive'),
		upgrade: elements.includes('upgrade'),
		framing: FRAMING.some((name) => elements.includes(name)),
	};
}

const NO_BODY: Framing = { kind: 'none' };
const CHUNKED: Framing = { kind: 'chunked' };

/**
 * How the body ends by its fields alone (RFC 9112 §6.1–6.3), `none` where they say nothing; stricter than the RFC in that every
 * coding but one `chunked` is refused. `readLength` is `oneLength` or `agreedLength`.
 */
export function framingOf(
	fields: Fields,
	minor: 0 | 1,
	readLength: (stated: string) => number | HeadFault,
): Framing | HeadFault {
	if (fields.transferEncoding !== undefined) {
		if (minor === 0) return 'coding-in-http-1.0';
		if (fields.contentLength !== undefined) return 'length-and-coding';
		return transferCoding(fields.transferEncoding);
	}
	if (fields.contentLength === undefined) return NO_BODY;
	const length = readLength(fields.contentLength);
	return typeof length === 'string' ? length : { kind: 'length', length };
}

/** Decimal digits alone, within what a double counts exactly: a list is refused even if it agrees. */
export function oneLength(stated: string): number | HeadFault {
	if (!/^[0-9]{1,16}$/.test(stated)) return 'bad-content-length';
	const length = Number(stated);
	return Number.isSafeInteger(length) ? length : 'bad-content-length';
}

/** Lengths that agree are one length (RFC 9110 §8.6). */
export function agreedLength(stated: string): number | HeadFault {
	if (!stated.includes(',')) return oneLength(stated);
	const [first = 'bad-content-length', ...others] = listElements(stated).map(oneLength);
	return others.every((length) => length === first) ? first : 'duplicate-content-length';
}

function transferCoding(value: string): Framing | HeadFault {
	if (value === 'chunked') return CHUNKED;
	const codings = listElements(value);
	if (!codings.every((coding) => /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(coding))) return 'bad-transfer-encoding';
	const chunked = codings.indexOf('chunked');
	if (chunked !== -1 && chunked < codings.length - 1) return 'bad-transfer-encoding';
	return codings.length === 1 && chunked === 0 ? CHUNKED : 'unknown-coding';
}
