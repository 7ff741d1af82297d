import { type Figure, isMet } from '../../../bench/figure.ts';
import { figureLine, summaryLine } from '../../../bench/report/table.ts';

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
	test('says value, spread, budget and verdict of a figure in one line', () => {
		const line = figureLine(
			figure({
				value: 2.345,
				interval: { low: 2.1, high: 2.6 },
				overFloor: { value: 1.2, low: 1, high: 1.3 },
				budget: { atMost: 2.3 },
				note: '40 pairs',
			}),
		);
		expect(line.trim().split(/ {2,}/)).toEqual([
			'innkeeper',
			'start',
			'2.35 ± 0.25 ms',
			'1.20 × floor',
			'≤ 2.30 ms',
			'MISSED',
			'40 pairs',
		]);
	});

	test('says why a figure was not measured', () => {
		const line = figureLine(
			figure({ value: undefined, budget: { atMost: 2 }, note: 'not installed: apt-get install wrk' }),
		);
		expect(line).toMatch(/not measured .* not installed: apt-get install wrk$/);
		expect(line).not.toMatch(/met|MISSED/);
	});

	test('ends by counting the budgets and naming every one that was missed', () => {
		const figures = [
			figure({ budget: { atMost: 3 } }),
			figure({ measure: 'slow', budget: { atMost: 1 } }),
			figure({ measure: 'no budget' }),
			figure({ subject: 'nginx', value: undefined }),
		];
		expect(summaryLine(figures)).toBe(
			'1 of 2 budgets met · missed: hello, innkeeper, slow · not measured: hello, nginx, start',
		);
	});
});
