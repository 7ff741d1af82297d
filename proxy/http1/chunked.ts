import type { BodyFault } from './faults.ts';
import type { BodyFramer } from './framer.ts';
import type { HeadLimits } from './head.ts';
import { CR, LF } from './octets.ts';
import { TrailerSection } from './trailers.ts';

/** Where in the grammar of RFC 9112 §7.1 the next byte stands. */
type State = 'size-first' | 'size' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailers';

/** Eight digits and 2^31−1: beyond them, parsers with 32-bit numbers wrap around. */
const MOST_DIGITS = 8;
const LARGEST_CHUNK = 0x7fff_ffff;

/** The value of each hexadecimal digit's byte, −1 for every other byte. */
const HEX: Int8Array = Int8Array.from({ length: 256 }, (_, byte) =>
	/[0-9a-fA-F]/.test(String.fromCharCode(byte)) ? Number.parseInt(String.fromCharCode(byte), 16) : -1,
);

/**
 * A chunked body (RFC 9112 §7.1). Chunks are relayed with the framing that they came with, which is plain: hexadecimal digits,
 * CR LF, data, CR LF, no extensions. A size that begins with 0 may be the last chunk's, so it is held back until another
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
						return this.#fail(byte === 0x3b ? 'chunk-extension' : 'bad-chunk-size', at);
					}
					break;
				}
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

	#fail(fault: BodyFault, at: number): number {
		this.fault = fault;
		return at;
	}
}
