import { ChunkedBody } from './chunked.ts';
import type { BodyFramer } from './framer.ts';
import type { Framing, HeadLimits } from './head.ts';

/** The framer for a body so framed; undefined where there is none. */
export function bodyFramer(framing: Framing, limits: HeadLimits): BodyFramer | undefined {
	switch (framing.kind) {
		case 'none':
			return undefined;
		case 'length':
			return new LengthBody(framing.length);
		case 'chunked':
			return new ChunkedBody(limits);
		case 'close':
			return new LengthBody(Number.POSITIVE_INFINITY);
	}
}

/** A body of a known number of bytes (RFC 9112 §6.2), or, with an infinite one, until the connection closes (§6.3): never done. */
export class LengthBody implements BodyFramer {
	relay = 0;
	done: boolean;
	readonly fault = undefined;
	readonly ending = '';
	/** Bytes still to come. */
	remaining: number;

	constructor(length: number) {
		this.remaining = length;
		this.done = length === 0;
	}

	take(_bytes: Buffer, start: number, end: number): number {
		const taken = Math.min(end - start, this.remaining);
		this.remaining -= taken;
		this.done = this.remaining === 0;
		this.relay = start + taken;
		return this.relay;
	}
}
