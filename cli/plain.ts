/** Controls (DEL and U+0080 to U+009F too), formats (which turn the direction of writing), and what else begins a line. */
const DANGEROUS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const ESCAPE = '\x1b';

/** What of it may stay in a log: a line's end, a tab, a colour (SGR, ECMA-48 §8.3.117). */
const HARMLESS = new RegExp(`(${ESCAPE}\\[[0-9;:]{0,32}m|\r?\n|\t)`);

/** A tenant's words as they can be shown among our own: whatever could act on a terminal is escaped, as `\x1b` or `\u{202e}`. */
export function plain(words: string): string {
	return words.replaceAll(DANGEROUS, escaped);
}

/** A tenant's lines as they can be shown on a terminal: colours stay, whatever else could act on it is escaped. */
export function plainLines(lines: string): string {
	// By the group, every second part is one that may stay.
	return lines
		.split(HARMLESS)
		.map((part, index) => (index % 2 === 1 ? part : plain(part)))
		.join('');
}

function escaped(sign: string): string {
	const code = sign.codePointAt(0) ?? 0;
	const digits = code.toString(16);
	return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u{${digits}}`;
}
