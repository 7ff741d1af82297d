import { holm } from '../../../../bench/report/compare/holm.ts';
import { quantileOfT, twoSided } from '../../../../bench/report/compare/student.ts';

describe('Student’s distribution', () => {
	// From the tables of any textbook.
	test.each([
		[1, 12.706],
		[2, 4.303],
		[4, 2.776],
		[10, 2.228],
		[30, 2.042],
		[1000, 1.962],
	])('with %d degrees of freedom: beyond %d lie 5 %%', (freedom, t) => {
		expect(twoSided(t, freedom)).toBeCloseTo(0.05, 4);
		expect(quantileOfT(0.05, freedom)).toBeCloseTo(t, 2);
	});

	test('holds for fractions of a degree, for nothing and for plenty', () => {
		expect(twoSided(3, 2.5)).toBeLessThan(twoSided(3, 2.4));
		expect(twoSided(0, 3)).toBe(1);
		expect(twoSided(1e9, 30)).toBeLessThan(1e-50);
	});
});

test('Holm’s correction multiplies the least by all, the next by one less, and keeps their order', () => {
	expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
	expect(holm([0.5, 0.9])).toEqual([1, 1]);
	expect(holm([])).toEqual([]);
});
