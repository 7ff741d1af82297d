import { plainJson, plainLines, plainText } from '../../../launcher/protocol/plaintext.ts';

/*
 * Attack: a tenant's words act on the operator's terminal. Model: it says what it likes in STATUS= and in its log. Fix: what is not
 * text is shown escaped.
 */
test("a tenant's words are shown escaped wherever they could act on a terminal", () => {
	expect(plainText('a\x1b]0;title\x07\x9b2J\x7f\u202ecod\u2066\n\r\t\u2028\u{e0041}')).toBe(
		'a\\x1b]0;title\\x07\\x9b2J\\x7f\\u{202e}cod\\u{2066}\\x0a\\x0d\\x09\\u{2028}\\u{e0041}',
	);
	expect(plainText('Grüße, 日本 🙂 é')).toBe('Grüße, 日本 🙂 é');
});

test('lines of a log keep their ends, tabs and colours', () => {
	expect(plainLines('\x1b[1;31mred\x1b[0m\tb\r\nc\x1b[2Jd\re\n')).toBe('\x1b[1;31mred\x1b[0m\tb\r\nc\\x1b[2Jd\\x0de\n');
});

test('JSON says the same, and acts on no terminal', () => {
	const said = { words: 'a\x1b]0;title\x07\x9b2J\x7f\u202ecod\n\u2028\u{e0041} Grüße' };
	const json = plainJson(JSON.stringify(said, null, 2));
	expect(JSON.parse(json)).toEqual(said);
	expect(json).toMatch(/^[\n -~üß]+$/);
	expect(json).toContain('\n  "words"');
});
