/**
 * Heads as the strict parsers hand them on. Strings are latin1, one character a byte, as HTTP/1.1 sends them (RFC 9110 §5.5).
 */

import type { HeadFault } from './faults.ts';

/** How a message's body ends (RFC 9112 §6). */
export type Framing =
	/** `told`, in responses only: the length of a body that is not sent, as in the answer to HEAD (RFC 9110 §8.6). */
	| { readonly kind: 'none'; readonly told?: number }
	| { readonly kind: 'length'; readonly length: number }
	| { readonly kind: 'chunked' }
	/** Responses only: until the connection closes. */
	| { readonly kind: 'close' };

export interface RequestHead {
	readonly method: string;
	/** origin-form (or `*` for OPTIONS); an absolute-form target has been reduced to it. */
	readonly target: string;
	/** HTTP/1.0 or HTTP/1.1. */
	readonly minor: 0 | 1;
	/** Host without port, lower case; what routing goes by. */
	readonly host: string;
	/** Host is well-formed, but no tenant can have that name. */
	readonly nobodys: boolean;
	/**
	 * Name, value, name, value …, in order, names as sent, values trimmed; hop-by-hop ones included. Host is there exactly
	 * once: the authority of an absolute-form target takes its place, and an HTTP/1.0 head without either gets an empty one
	 * (RFC 9112 §3.2).
	 */
	readonly fields: readonly string[];
	readonly framing: Framing;
	/** What the visitor asked for; false for HTTP/1.0 without keep-alive. */
	readonly keepAlive: boolean;
	/** The value of Upgrade where Connection names it, else undefined. */
	readonly upgrade: string | undefined;
	readonly expectContinue: boolean;
	/** Bytes of the head, its empty line included. */
	readonly length: number;
}

export interface ResponseHead {
	readonly status: number;
	readonly reason: string;
	readonly minor: 0 | 1;
	readonly fields: readonly string[];
	readonly framing: Framing;
	readonly keepAlive: boolean;
	readonly upgrade: string | undefined;
	readonly length: number;
}

/** Why a head is refused; the status that the visitor gets is in proxy/errors.ts. */
export interface Refusal {
	readonly status: 400 | 414 | 431 | 501 | 502 | 505;
	/** Stable, kebab-case, for the access log and tests; the catalogue is in faults.ts. */
	readonly code: HeadFault;
}

/** How large a head or a trailer section may be. */
export interface HeadLimits {
	/** Bytes, from the first of the start line to the last of the empty line. */
	readonly head: number;
	/** Bytes of a request's target. */
	readonly target: number;
	/** Field lines. */
	readonly headers: number;
}
