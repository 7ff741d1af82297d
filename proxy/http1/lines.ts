import type { HeadFault } from './faults.ts';
import { COLON, CR, LF, LINE, SP, TAB, TOKEN } from './octets.ts';

/** How far the parsing of one head has come, so that a head in many pieces is looked at once. Offsets are from the head's first byte. */
export class HeadProgress {
	/** The first byte of the line that is being read. */
	line = 0;
	/** The first byte not looked at yet. */
	scanned = 0;
	/** One past the start line's last byte, without its CR LF; −1 until it was read. */
	startLineEnd = -1;
	/** Its target has bytes beyond ASCII. */
	rawTarget = false;
	/** Field lines read so far. */
	count = 0;
	/** Four offsets a field: its name, its colon, its value, the value's end; only the first `count` fields' are of this head. */
	readonly marks: number[] = [];

	/** Forgets everything: the next head begins. */
	reset(): void {
		this.line = 0;
		this.scanned = 0;
		this.startLineEnd = -1;
		this.rawTarget = false;
		this.count = 0;
	}
}

/**
 * Reads on to the end of the current line: the offset of its CR, or what is wrong, or undefined while it is not whole.
 * A line that does not end within `limit` bytes from the head's start is `tooLong`. The verdict depends on the bytes alone
 * and not on how they were cut into reads.
 */
export function endOfLine(
	bytes: Buffer,
	start: number,
	end: number,
	limit: number,
	tooLong: HeadFault,
	progress: HeadProgress,
): number | HeadFault | undefined {
	const stop = Math.min(end, start + limit);
	let at = start + progress.scanned;
	while (at < stop && LINE[bytes[at] as number] === 1) at++;
	progress.scanned = at - start;
	if (at === stop) return at - start === limit ? tooLong : undefined;
	const byte = bytes[at];
	if (byte === LF) return 'bare-lf';
	if (byte !== CR) return 'control-character';
	if (at + 1 === stop) return stop - start === limit ? tooLong : undefined;
	return bytes[at + 1] === LF ? at - start : 'bare-cr';
}

/**
 * Reads field lines up to the empty line that ends them (RFC 9112 §5), noting each in `progress`: the offset behind
 * the empty line, or what is wrong, or undefined while it is not there.
 */
export function readFieldLines(
	bytes: Buffer,
	start: number,
	end: number,
	limit: number,
	headers: number,
	progress: HeadProgress,
): number | HeadFault | undefined {
	const marks = progress.marks;
	for (;;) {
		const lineEnd = endOfLine(bytes, start, end, limit, 'head-too-large', progress);
		if (typeof lineEnd !== 'number') return lineEnd;
		const name = progress.line;
		progress.line = progress.scanned = lineEnd + 2;
		if (lineEnd === name) return progress.line;
		if (progress.count === headers) return 'too-many-headers';
		let at = start + name;
		while (TOKEN[bytes[at] as number] === 1) at++;
		const colon = at - start;
		if (bytes[at] !== COLON || colon === name) return badName(bytes, start + name, at);
		let value = colon + 1;
		let valueEnd = lineEnd;
		while (value < valueEnd && isBlank(bytes[start + value] as number)) value++;
		while (valueEnd > value && isBlank(bytes[start + valueEnd - 1] as number)) valueEnd--;
		const mark = progress.count++ * 4;
		marks[mark] = name;
		marks[mark + 1] = colon;
		marks[mark + 2] = value;
		marks[mark + 3] = valueEnd;
	}
}

/** Optional white space (RFC 9110 §5.6.3). */
export function isBlank(byte: number): boolean {
	return byte === SP || byte === TAB;
}

/** What is wrong with a field line whose name runs from `name` to `at`, where neither a tchar nor the colon stands. */
function badName(bytes: Buffer, name: number, at: number): HeadFault {
	const byte = bytes[at] as number;
	if (at === name) {
		if (isBlank(byte)) return 'obs-fold';
		return byte === COLON ? 'empty-name' : 'bad-name';
	}
	if (isBlank(byte)) return 'space-before-colon';
	return byte === CR ? 'missing-colon' : 'bad-name';
}
