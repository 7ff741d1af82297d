/** Controls (DEL and U+0080 to U+009F too), formats (which turn the direction of writing), and what else begins a line. */
const DANGEROUS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** What is nothing else: most words, which are told so fastest. */
const PRINTABLE = /^[ -~]*$/;

const ESCAPE = '\x1b';

/** What of it may stay in lines: their ends, tabs, colours (SGR, ECMA-48 §8.3.117). */
const HARMLESS = new RegExp(`(${ESCAPE}\\[[0-9;:]{0,32}m|\r?\n|\t)`);

/** Somebody else's words as they can be shown among our own, in one line: whatever could act on a terminal stands as `\x1b` or `\u{202e}`. */
export function plainText(words: string): string {
	return PRINTABLE.test(words) ? words : words.replaceAll(DANGEROUS, escaped);
}

/** Somebody else's lines as they can be shown on a terminal: colours stay, whatever else could act on it is escaped. */
export function plainLines(lines: string): string {
	// By the group, every second part is one that may stay.
	return lines
		.split(HARMLESS)
		.map((part, index) => (index % 2 === 1 ? part : plainText(part)))
		.join('');
}

/** A JSON text that says the same and holds nothing that could act on a terminal (RFC 8259 §7). */
export function plainJson(json: string): string {
	return json.replaceAll(DANGEROUS, (sign) => (sign === '\n' ? sign : [...units(sign)].join('')));
}

function escaped(sign: string): string {
	const code = sign.codePointAt(0) ?? 0;
	const digits = code.toString(16);
	return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u{${digits}}`;
}

function* units(sign: string): Generator<string> {
	for (let at = 0; at < sign.length; at++) yield `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`;
}
