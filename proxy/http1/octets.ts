/** The bytes of HTTP/1.1 by name, and classes of them as tables: one look-up a byte. */

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;

function classOf(has: (character: string, byte: number) => boolean): Uint8Array {
	return Uint8Array.from({ length: 256 }, (_, byte) => (has(String.fromCharCode(byte), byte) ? 1 : 0));
}

/** What a method and a field name are made of: tchar (RFC 9110 §5.6.2). */
export const TOKEN: Uint8Array = classOf((character) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(character));

/** What stands in a line of a head: HTAB, SP, VCHAR, obs-text (RFC 9110 §5.5). */
export const LINE: Uint8Array = classOf((_, byte) => byte === TAB || (byte >= SP && byte !== 0x7f));

/** What a request target is made of: visible ASCII but for the fragment's mark (RFC 9112 §3.2). */
export const TARGET: Uint8Array = classOf((character, byte) => byte > SP && byte < 0x7f && character !== '#');

/** Whether the eight bytes at `at` are `HTTP/1.0` or `HTTP/1.1`. */
export function isHttp1(bytes: Buffer, at: number): boolean {
	return (
		bytes[at] === 0x48 &&
		bytes[at + 1] === 0x54 &&
		bytes[at + 2] === 0x54 &&
		bytes[at + 3] === 0x50 &&
		bytes[at + 4] === 0x2f &&
		bytes[at + 5] === 0x31 &&
		bytes[at + 6] === 0x2e &&
		(bytes[at + 7] === 0x30 || bytes[at + 7] === 0x31)
	);
}
