/** What somebody else wrote as text and nothing more: signs that a terminal obeys, or that turn the line round, stand as `\\u{1b}`. */
export function plainText(text: string): string {
	return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
}
