import { type BodyFault, bodyFaults, type HeadFault, headFaults } from './http1/faults.ts';

/** Why a visitor does not get the tenant's answer, or not the whole of it. */
export interface EdgeError {
	/** What the visitor gets, where nothing was answered yet. 499: nobody is there to get it. */
	readonly status: number;
	/** Who is to blame. */
	readonly source: 'visitor' | 'tenant' | 'us';
	/** Whole seconds for Retry-After, where waiting helps; a denial of the launcher brings its own. */
	readonly retryAfter?: number;
	/** True where the visitor's connection is closed in any case. */
	readonly close?: boolean;
}

const own = {
	/** No head within timeouts.head. */
	'slow-head': { status: 408, source: 'visitor', close: true },
	/** No byte of the request's body, or none taken of the answer's, within timeouts.body. */
	'slow-body': { status: 408, source: 'visitor', close: true },
	/** The visitor closed before its answer was there. */
	'visitor-gone': { status: 499, source: 'visitor', close: true },
	/** No tenant has the host or the address. */
	'unknown-host': { status: 404, source: 'visitor' },
	/** A TRACE whose Max-Forwards is used up (RFC 9110 §7.6.2): we give no echo, for it would tell what proxies added. */
	'trace-ends-here': { status: 501, source: 'visitor' },
	/** sizes.connections: this worker's. */
	'too-many-connections': { status: 503, source: 'us', close: true, retryAfter: 1 },
	/** limits.connections: the tenant's. */
	'too-many-visitors': { status: 503, source: 'tenant', retryAfter: 1 },
	/** limits.queue or sizes.queue: those who wait for a wake. */
	'queue-full': { status: 503, source: 'us', retryAfter: 1 },
	/** The launcher could not be asked whose host it is. */
	'launcher-away': { status: 503, source: 'us', retryAfter: 1 },
	/** keep: down, back-off, or the start failed. */
	'wake-failed': { status: 503, source: 'tenant', retryAfter: 1 },
	/** Too many starts, or too many tenants awake. */
	'wake-busy': { status: 503, source: 'us', retryAfter: 1 },
	/** Not ready within start.timeout. */
	'wake-timeout': { status: 504, source: 'tenant' },
	/** Its file was taken away meanwhile. */
	'no-such-tenant': { status: 404, source: 'visitor' },
	'connect-refused': { status: 502, source: 'tenant', retryAfter: 1 },
	'connect-failed': { status: 502, source: 'tenant' },
	/** timeouts.connect. */
	'connect-timeout': { status: 504, source: 'tenant' },
	/** timeouts.answer without a head. */
	'answer-timeout': { status: 504, source: 'tenant' },
	/** The tenant closed before its answer was whole. */
	'answer-cut': { status: 502, source: 'tenant' },
	/** timeouts.answer between two bytes of an answer's body. */
	'answer-stalled': { status: 502, source: 'tenant', close: true },
	/** The instance died while it had the request. */
	'instance-gone': { status: 502, source: 'tenant' },
	/** The house closes and its deadline is over. */
	drained: { status: 503, source: 'us', close: true, retryAfter: 1 },
} as const;

/** What is wrong with a request is told by the parser's own codes, what is wrong with an answer by `answer-` and them. */
export type ErrorCode = keyof typeof own | HeadFault | BodyFault | `answer-${HeadFault | BodyFault}`;

/** Every code that a line of the access log may have. */
export const errors: Readonly<Record<ErrorCode, EdgeError>> = catalogue();

function catalogue(): Record<ErrorCode, EdgeError> {
	const all: Record<string, EdgeError> = { ...own };
	for (const [code, status] of Object.entries(headFaults)) all[code] = { status, source: 'visitor', close: true };
	for (const code of Object.keys(bodyFaults)) all[code] = { status: 400, source: 'visitor', close: true };
	for (const code of [...Object.keys(headFaults), ...Object.keys(bodyFaults)]) {
		all[`answer-${code}`] = { status: 502, source: 'tenant' };
	}
	return all as Record<ErrorCode, EdgeError>;
}

/** Reason phrase and body of the edge's own answers, by status. */
export const answers: Readonly<Record<number, readonly [reason: string, body: string]>> = {
	200: ['OK', 'ok\n'],
	400: ['Bad Request', 'This request cannot be understood.\n'],
	404: ['Not Found', 'There is nothing here.\n'],
	408: ['Request Timeout', 'The request did not come in time.\n'],
	414: ['URI Too Long', 'The address is too long.\n'],
	431: ['Request Header Fields Too Large', 'The head of the request is too large.\n'],
	501: ['Not Implemented', 'This kind of request is not supported.\n'],
	502: ['Bad Gateway', 'The site gave no proper answer.\n'],
	503: ['Service Unavailable', 'The site cannot answer now. Please try again soon.\n'],
	504: ['Gateway Timeout', 'The site did not answer in time.\n'],
	505: ['HTTP Version Not Supported', 'This version of HTTP is not supported.\n'],
};
