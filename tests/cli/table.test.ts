import { renderTable } from '../../cli/table.ts';

test('columns are aligned by what is seen, with colours and without', () => {
	const rows = [
		[{ text: 'NAME' }, { text: 'N', right: true }],
		[
			{ text: 'a', colour: 'green' as const },
			{ text: '12', right: true },
		],
	];
	expect(renderTable(rows, false)).toBe('NAME   N\na     12\n');
	expect(renderTable(rows, true)).toBe('NAME   N\n\x1b[32ma\x1b[0m     12\n');
});

test('no line ends in spaces', () => {
	expect(
		renderTable(
			[
				[{ text: 'a' }, { text: 'long' }],
				[{ text: 'b' }, { text: 'x' }],
			],
			false,
		),
	).toBe('a  long\nb  x\n');
});

test("anybody's words stand escaped in their column, which is as wide as they are then", () => {
	expect(
		renderTable(
			[
				[{ text: '\x9b\x7f' }, { text: 'x' }],
				[{ text: '\u202e' }, { text: '\n' }],
			],
			false,
		),
	).toBe('\\x9b\\x7f  x\n\\u{202e}  \\x0a\n');
});
