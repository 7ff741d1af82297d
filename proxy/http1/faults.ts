/** Every fault that a head may have, with the status that a request so refused gets. A response's faults are all 502. */
export const headFaults = {
	/** LF without CR before it. */
	'bare-lf': 400,
	/** CR without LF behind it. */
	'bare-cr': 400,
	/** NUL, another control character, or DEL. */
	'control-character': 400,
	/** A second empty line before the request line (RFC 9112 §2.2 asks for at least one to be passed over). */
	'empty-lines': 400,
	/** Not METHOD SP TARGET SP HTTP/x.y, or not HTTP/x.y SP STATUS [SP REASON]. */
	'bad-start-line': 400,
	/** No token (RFC 9110 §9.1). */
	'bad-method': 400,
	/** Longer than any method is; or HEAD and CONNECT but for the case of their letters, which some fold: messages end elsewhere then. */
	'unknown-method': 501,
	/** We are a gateway and make no tunnels (RFC 9110 §9.3.6). */
	'connect-not-supported': 501,
	'bad-target': 400,
	'target-too-long': 414,
	'unsupported-version': 505,
	'bad-status': 400,
	'head-too-large': 431,
	'too-many-headers': 431,
	/** A field line that starts with white space (RFC 9112 §5.2). */
	'obs-fold': 400,
	/** White space between a field's name and its colon (RFC 9112 §5.1). */
	'space-before-colon': 400,
	'missing-colon': 400,
	'empty-name': 400,
	'bad-name': 400,
	'missing-host': 400,
	'duplicate-host': 400,
	'bad-host': 400,
	/** A tab around the value of Content-Length or Transfer-Encoding: allowed, but some parsers take it for a part of the value. */
	'tab-beside-framing': 400,
	'bad-content-length': 400,
	'duplicate-content-length': 400,
	/** Content-Length beside Transfer-Encoding (RFC 9112 §6.3). */
	'length-and-coding': 400,
	/** Transfer-Encoding in HTTP/1.0 (RFC 9112 §6.1). */
	'coding-in-http-1.0': 400,
	'bad-transfer-encoding': 400,
	/** A transfer coding other than chunked. */
	'unknown-coding': 501,
	/** Connection names Host, Content-Length or Transfer-Encoding: who obeys would lose the message's end or its addressee. */
	'bad-connection': 400,
	/** An interim response (1xx) that ends the connection which the final one is to come on. */
	'interim-close': 400,
	/** 101 without Upgrade, or to what nobody asked for. */
	'bad-upgrade': 400,
} as const;

export type HeadFault = keyof typeof headFaults;

/** Every fault that a body may have. The bytes before it were relayed; nothing after it is, and both connections close. */
export const bodyFaults = {
	/** Not a hexadecimal number: signs, white space before it, 0x, nothing at all. */
	'bad-chunk-size': 'a chunk size that is none',
	/** 2^31 or more, or more than eight digits: it would wrap around in a 32-bit parser. */
	'chunk-too-large': 'a chunk size out of range',
	/** One is no trouble, but they may not cost more than the content that they come with. */
	'chunk-extension': 'chunk extensions out of bounds, or with a control character in them',
	'bad-chunk-end': 'chunk data or a chunk size not followed by CR LF',
	'bad-trailer':
		'a trailer section that breaks the rules of field lines, or frames the body or rules the connection anew',
	'trailer-too-large': 'a trailer section over the limits of heads',
} as const;

export type BodyFault = keyof typeof bodyFaults;
