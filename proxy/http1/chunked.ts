import type { BodyFault } from './faults.ts';
import type { BodyFramer } from './framer.ts';
import type { HeadLimits } from './head.ts';
import { CR, LF, LINE, SP, TAB } from './octets.ts';
import { TrailerSection } from './trailers.ts';

/** Where in the grammar of RFC 9112 §7.1 the next byte stands. */
type State =
	| 'size-first'
	| 'size'
	/** White space, behind which an extension or the line's end may stand. */
	| 'size-blank'
	| 'extension'
	| 'size-cr'
	| 'size-lf'
	| 'data'
	| 'data-cr'
	| 'data-lf'
	| 'trailers';

/** Eight digits and 2^31−1: beyond them, parsers with 32-bit numbers wrap around. */
const MOST_DIGITS = 8;
const LARGEST_CHUNK = 0x7fff_ffff;

/** Bytes that may stand between a chunk's size and its line's end. */
const LONGEST_EXTENSION = 1024;

/**
 * What extensions may cost in all before content pays for them: each is charged its bytes and what it costs to be taken out.
 * Without a bound, a body that is all extensions would keep us busy for nothing (CVE-2023-39326, CVE-2024-22019).
 */
const CREDIT = 16 * 1024;
const COST_OF_EXTENSION = 16;

const SEMICOLON = 0x3b;

/** The value of each hexadecimal digit's byte, −1 for every other byte. */
const HEX: Int8Array = Int8Array.from({ length: 256 }, (_, byte) =>
	/[0-9a-fA-F]/.test(String.fromCharCode(byte)) ? Number.parseInt(String.fromCharCode(byte), 16) : -1,
);

/**
 * A chunked body (RFC 9112 §7.1). Chunks are relayed with the framing that they came with, which is plain: hexadecimal digits,
 * CR LF, data, CR LF. Extensions and white space behind a size are of one hop alone (§7.1.1) and are left out: `take` stops
 * behind them, before the line's end, for what it passed over lies between two pieces that are sent. A size that begins with 0 may be the last chunk's, so it is held back until another
 * digit shows that it is not: zeros that are then lost between two reads change no number. The last chunk and the trailers are
 * written anew, in `ending`.
 */
export class ChunkedBody implements BodyFramer {
	relay = 0;
	done = false;
	fault: BodyFault | undefined;
	ending = '';
	#state: State = 'size-first';
	/** Of the chunk being read: its size so far, then the bytes of data still to come. */
	#remaining = 0;
	#digits = 0;
	/** Bytes behind the size that is being read. */
	#extension = 0;
	/** What extensions have cost that content has not paid for. */
	#owed = 0;
	readonly #trailers: TrailerSection;

	constructor(limits: HeadLimits) {
		this.#trailers = new TrailerSection(limits);
	}

	/** `onData` is told where each piece of content lies, for a receiver that does not know chunks (HTTP/1.0). */
	take(bytes: Buffer, start: number, end: number, onData?: (from: number, to: number) => void): number {
		let at = start;
		this.relay = start;
		while (at < end && !this.done) {
			const byte = bytes[at] as number;
			switch (this.#state) {
				case 'size-first': {
					if ((HEX[byte] as number) < 0) return this.#fail('bad-chunk-size', at);
					this.#digits = 0;
					this.#remaining = 0;
					this.#state = 'size';
					break;
				}
				case 'size': {
					const digit = HEX[byte] as number;
					if (digit >= 0) {
						this.#remaining = this.#remaining * 16 + digit;
						if (++this.#digits > MOST_DIGITS || this.#remaining > LARGEST_CHUNK)
							return this.#fail('chunk-too-large', at);
						at++;
						if (this.#remaining > 0) this.relay = at;
					} else if (byte === CR) {
						at++;
						if (this.#remaining > 0) this.relay = at;
						this.#state = 'size-lf';
					} else {
						if (byte !== SEMICOLON && byte !== SP && byte !== TAB) return this.#fail('bad-chunk-size', at);
						this.#extension = 0;
						this.#state = 'size-blank';
					}
					break;
				}
				case 'size-blank':
				case 'extension': {
					const from = at;
					at = this.#passOver(bytes, at, end);
					if (this.fault !== undefined) return at;
					if (from < at && at < end) return at;
					break;
				}
				case 'size-cr':
					at++;
					if (this.#remaining > 0) this.relay = at;
					this.#state = 'size-lf';
					break;
				case 'size-lf':
					if (byte !== LF) return this.#fail('bad-chunk-end', at);
					at++;
					this.#state = this.#remaining === 0 ? 'trailers' : 'data';
					if (this.#remaining > 0) this.relay = at;
					break;
				case 'data': {
					const to = Math.min(end, at + this.#remaining);
					onData?.(at, to);
					this.#remaining -= to - at;
					if (this.#owed > 0) this.#owed = Math.max(0, this.#owed - (to - at));
					at = this.relay = to;
					if (this.#remaining === 0) this.#state = 'data-cr';
					break;
				}
				case 'data-cr':
					if (byte !== CR) return this.#fail('bad-chunk-end', at);
					this.#state = 'data-lf';
					this.relay = ++at;
					break;
				case 'data-lf':
					if (byte !== LF) return this.#fail('bad-chunk-end', at);
					this.#state = 'size-first';
					this.relay = ++at;
					break;
				case 'trailers':
					at = this.#trailers.take(bytes, at, end);
					if (this.#trailers.fault !== undefined) return this.#fail(this.#trailers.fault, at);
					if (this.#trailers.done) {
						this.done = true;
						this.ending = `0\r\n${this.#trailers.kept}\r\n`;
					}
					break;
			}
		}
		return at;
	}

	/** Reads what stands behind a size, up to the CR that ends the line. */
	#passOver(bytes: Buffer, start: number, end: number): number {
		for (let at = start; at < end; at++) {
			const byte = bytes[at] as number;
			if (byte === CR) {
				this.#state = 'size-cr';
				this.#owed += COST_OF_EXTENSION + this.#extension;
				return this.#owed > CREDIT ? this.#fail('chunk-extension', at) : at;
			}
			if (LINE[byte] !== 1 || ++this.#extension > LONGEST_EXTENSION) return this.#fail('chunk-extension', at);
			if (this.#state === 'extension') continue;
			if (byte === SEMICOLON) this.#state = 'extension';
			else if (byte !== SP && byte !== TAB) return this.#fail('bad-chunk-size', at);
		}
		return end;
	}

	#fail(fault: BodyFault, at: number): number {
		this.fault = fault;
		return at;
	}
}
