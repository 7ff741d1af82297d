import { type Figure, isMet } from '../../../bench/figure.ts';
import { figureLine, groupLine, summaryLines } from '../../../bench/report/table.ts';
import { seededRun } from './seededrun.ts';

const figure = (changes: Partial<Figure>): Figure => ({
	bench: 'cold',
	group: 'hello',
	subject: 'innkeeper',
	measure: 'start',
	better: 'less',
	value: 2,
	unit: 'ms',
	...changes,
});

describe('a budget', () => {
	test('is met at its very limit, and missed beyond it, on either side', () => {
		expect(isMet(figure({ value: 2, budget: { atMost: 2 } }))).toBe(true);
		expect(isMet(figure({ value: 2.01, budget: { atMost: 2 } }))).toBe(false);
		expect(isMet(figure({ value: 2, budget: { atLeast: 2 } }))).toBe(true);
		expect(isMet(figure({ value: 1.99, budget: { atLeast: 2 } }))).toBe(false);
	});

	test('is neither met nor missed where nothing was measured', () => {
		expect(isMet(figure({ value: undefined, budget: { atMost: 2 } }))).toBeUndefined();
		expect(isMet(figure({}))).toBeUndefined();
	});

	test('is missed by a value that is no number', () => {
		expect(isMet(figure({ value: Number.NaN, budget: { atMost: 2 } }))).toBe(false);
	});
});

describe('the table', () => {
	test('says value, spread, budget and verdict of a figure in one line, the note below', () => {
		const text = figureLine(
			figure({
				value: 2.345,
				interval: { low: 2.1, high: 2.6 },
				overFloor: { value: 1.2, low: 1, high: 1.3 },
				budget: { atMost: 2.3 },
				note: '40 pairs',
			}),
		);
		const [line = '', note = '', ...more] = text.split('\n');
		expect(line.trim().split(/ {2,}/)).toEqual([
			'innkeeper · start',
			'2.35 ± 0.25 ms',
			'1.20 ×',
			'≤ 2.30 ms',
			'MISSED',
		]);
		expect(note.trim()).toBe('40 pairs');
		expect(more).toEqual([]);
	});

	test('says why a figure was not measured', () => {
		const text = figureLine(
			figure({ value: undefined, budget: { atMost: 2 }, note: 'not installed: apt-get install wrk' }),
		);
		expect(text).toMatch(/not measured .*\n +not installed: apt-get install wrk$/);
		expect(text).not.toMatch(/met|MISSED/);
	});

	test('fits into 100 columns, whatever the figures are called', () => {
		const { figures } = seededRun({ seed: 4, wakes: 20 });
		const lines = figures.flatMap((one) => [groupLine(one), ...figureLine(one).split('\n')]);
		lines.push(...summaryLines(figures).flatMap((line) => line.split('\n')));
		expect(lines.filter((line) => line.length > 100)).toEqual([]);
	});

	test('has the heads of its columns above them', () => {
		const one = figure({ interval: { low: 1, high: 3 } });
		const end = (line: string, words: string): number => line.indexOf(words) + words.length;
		expect(end(groupLine(one), 'median ± 95 %')).toBe(end(figureLine(one), '2 ± 1 ms'));
	});

	test('marks the verdict', () => {
		const missed = figureLine(figure({ budget: { atMost: 1 } }), (how, words) => `<${how}>${words}`);
		expect(missed).toMatch(/<bad>MISSED$/);
	});

	test('ends by counting the budgets and naming every one that was missed', () => {
		const figures = [
			figure({ budget: { atMost: 3 } }),
			figure({ measure: 'slow', budget: { atMost: 1 } }),
			figure({ measure: 'no budget' }),
			figure({ subject: 'nginx', value: undefined, note: 'not installed' }),
		];
		expect(summaryLines(figures)).toEqual([
			'1 of 2 budgets met',
			'missed  cold: hello, innkeeper, slow: 2 ms, not ≤ 1 ms',
			'not measured  cold: hello, nginx, start (not installed)',
		]);
	});
});
