import { Document } from '../../config/document.ts';
import { faultLine } from '../../config/fault.ts';

function told(text: string): string[] {
	return new Document('/f', text).faults.map(faultLine);
}

test('a value knows its line and column, in block and flow and JSON', () => {
	const document = new Document('/f', 'a: 1\nb:\n  - x\n  - { c: 2 }\n');
	const at = (...path: (string | number)[]): unknown => {
		const { line, column, key } = document.fault(path, { code: 'invalid', message: '' });
		return [line, column, key];
	};
	expect(at('a')).toEqual([1, 4, 'a']);
	expect(at('b', 1, 'c')).toEqual([4, 10, 'b[1].c']);
	expect(at('b', 1, 'missing')).toEqual([4, 5, 'b[1].missing']);
	expect(at('nowhere')).toEqual([1, 1, 'nowhere']);
});

test('a fault at a key stands where the key does', () => {
	const { line, column } = new Document('/f', 'a:\n  b: 1\n').keyFault(['a', 'b'], {
		code: 'unknown-key',
		message: '',
	});
	expect([line, column]).toEqual([2, 3]);
});

test('what stands behind an alias is found at its anchor', () => {
	const document = new Document('/f', 'a: &x { b: 1 }\nc: *x\n');
	expect(document.value).toEqual({ a: { b: 1 }, c: { b: 1 } });
	expect(document.fault(['c', 'b'], { code: 'invalid', message: '' })).toMatchObject({ line: 1, column: 12 });
});

test('an empty text is an empty map', () => {
	for (const text of ['', '# nothing\n', '---\n']) expect(new Document('/f', text).value).toEqual({});
});

test('maps and lists can keep their scalars as they are written', () => {
	const text = 'a: { VERSION: 1.10, YES: True, MASK: 0x1F, NONE: , NULL: null, TEXT: "5" }\nb: [1.0, x]\nc: 1.10\n';
	expect(new Document('/f', text, [['a'], ['b'], ['missing', 'x']]).value).toEqual({
		a: { VERSION: '1.10', YES: 'True', MASK: '0x1F', NONE: '', NULL: '', TEXT: '5' },
		b: ['1.0', 'x'],
		c: 1.1,
	});
});

test.each([
	['a: [1, 2\n', '/f:2:1: '],
	['a: b: c\n', '/f:1:4: '],
	['\ta: 1\n', '/f:1:1: '],
	['a: 1\n---\nb: 2\n', '/f:2:1: '],
	['a: !secret x\n', '/f:1:4: '],
	['a: *missing\n', '/f:1:1: '],
])('%j is no document, and where is told', (text, place) => {
	const faults = told(text);
	expect(faults[0]).toContain(place);
	expect(faults.every((line) => line.endsWith('(syntax)'))).toBe(true);
	expect(new Document('/f', text).value).toBeUndefined();
});

test('aliases that multiply without bound are refused, not expanded', () => {
	const levels = Array.from({ length: 12 }, (_, index) => `l${index + 1}: &l${index + 1} [${`*l${index},`.repeat(9)}]`);
	expect(told(['l0: &l0 x', ...levels].join('\n'))).toEqual([expect.stringContaining('multiply')]);
});

test('no fault quotes what the text says, for that may be a secret', () => {
	const broken = [
		'a: hunter2: x\n',
		'env: { PASSWORD: "hunter2\\q" }\n',
		'env:\n  PASSWORD: *hunter2\n',
		'env:\n  PASSWORD: !hunter2 x\n',
		'env:\n  PASSWORD: @hunter2\n',
		'env:\n  PASSWORD: "x" hunter2\n',
		'env:\n  PASSWORD: `hunter2\n',
		'env:\n  PASSWORD: "hunter2\n',
		'%hunter2 x\n---\na: 1\n',
		'env: [hunter2\nhunter2]: }\n',
	];
	for (const text of broken) {
		expect(told(text)).not.toEqual([]);
		expect(told(text).join('\n')).not.toContain('hunter2');
	}
});
