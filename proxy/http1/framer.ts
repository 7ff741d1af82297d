import type { BodyFault } from './faults.ts';

/**
 * Finds the end of one body in the bytes as they come, without copying them. After each `take`, `bytes.subarray(start, relay)`
 * may be sent on as it is, and once `done`, `ending` behind it; what is not to be sent on (nothing after a fault) lies beyond `relay`.
 */
export interface BodyFramer {
	/**
	 * Reads bytes[start..end) and says where it stopped: at `end`, behind the message's last byte, at a fault, or behind bytes that
	 * are left out, from where the next call goes on.
	 */
	take(bytes: Buffer, start: number, end: number): number;
	/** Offset into the bytes last taken: what stands before it may be sent on. */
	readonly relay: number;
	readonly done: boolean;
	readonly fault: BodyFault | undefined;
	/** What ends the message, in latin1: the last chunk and the trailers that are kept; empty but for chunked. */
	readonly ending: string;
}
