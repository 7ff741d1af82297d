import type { BodyFault } from './faults.ts';
import type { HeadLimits } from './head.ts';
import { HeadProgress, readFieldLines } from './lines.ts';
import { CR, LF } from './octets.ts';

/**
 * Fields that would frame the body which they end, or rule the connection behind it (RFC 9110 §6.5.1). Some parsers obey
 * them even here (Node's does), so the message is refused.
 */
const FRAMING = /^(?:transfer-encoding|content-length|connection|proxy-connection|upgrade)$/i;

/**
 * Fields that must not come behind the body, because they route, authenticate or change what was already acted on
 * (RFC 9110 §6.5.1): dropped. What the edge itself says of the visitor cannot be said by a trailer either.
 */
const FORBIDDEN =
	/^(?:content-(?:encoding|type|range)|host|keep-alive|te|trailer|proxy(?:-.*)?|authorization|www-authenticate|authentication-info|cookie|set-cookie|cache-control|expect|max-forwards|pragma|range|if-.*|age|date|expires|location|retry-after|vary|forwarded|x-forwarded-.*|x-real-ip|x-request-id|.*_.*)$/i;

/** The trailer section of a chunked body, from behind the last chunk's line to its empty line (RFC 9112 §7.1.2). */
export class TrailerSection {
	done = false;
	fault: BodyFault | undefined;
	/** The lines that go on, each with its CR LF, in latin1. */
	kept = '';
	/** What came of it, once it does not end in the read that brought the last chunk; `#length` bytes of it are filled. */
	#section: Buffer | undefined;
	#length = 0;
	readonly #limits: HeadLimits;
	readonly #progress: HeadProgress = new HeadProgress();

	constructor(limits: HeadLimits) {
		this.#limits = limits;
	}

	/** Reads bytes[start..end) and says where it stopped: behind the empty line, or at `end`. */
	take(bytes: Buffer, start: number, end: number): number {
		if (this.#length === 0 && end - start >= 2 && bytes[start] === CR && bytes[start + 1] === LF) {
			this.done = true;
			return start + 2;
		}
		const { head, headers } = this.#limits;
		this.#section ??= Buffer.allocUnsafe(head);
		const before = this.#length;
		this.#length += bytes.copy(this.#section, before, start, end);
		const length = readFieldLines(this.#section, 0, this.#length, head, headers, this.#progress);
		if (length === undefined) return end;
		if (typeof length === 'string') {
			this.fault = length === 'head-too-large' || length === 'too-many-headers' ? 'trailer-too-large' : 'bad-trailer';
			return start;
		}
		const kept = keptTrailers(this.#section.toString('latin1', 0, length), this.#progress);
		if (kept === undefined) {
			this.fault = 'bad-trailer';
			return start;
		}
		this.kept = kept;
		this.done = true;
		return start + length - before;
	}
}

/** The lines that go on; undefined where a field frames. */
function keptTrailers(text: string, { count, marks }: HeadProgress): string | undefined {
	let kept = '';
	for (let i = 0; i < count * 4; i += 4) {
		const name = text.slice(marks[i], marks[i + 1]);
		if (FRAMING.test(name)) return undefined;
		if (!FORBIDDEN.test(name)) kept += `${name}: ${text.slice(marks[i + 2], marks[i + 3])}\r\n`;
	}
	return kept;
}
