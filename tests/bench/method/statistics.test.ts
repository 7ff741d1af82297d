import { median, medianInterval, quantile, seededRandom } from '../../../bench/method/statistics.ts';

describe('statistics', () => {
	test('the median is the middle value, or the mean of the two middle ones, whatever the order', () => {
		expect(median([9, 1, 5])).toBe(5);
		expect(median([9, 1, 5, 7])).toBe(6);
		expect(median([3])).toBe(3);
	});

	test('sorting is by number, not by text', () => {
		expect(median([10, 9, 100])).toBe(10);
	});

	test('the values given are left in their order', () => {
		const values = [3, 1, 2];
		median(values);
		medianInterval(values);
		expect(values).toEqual([3, 1, 2]);
	});

	test('no value at all is a RangeError', () => {
		expect(() => median([])).toThrow(RangeError);
		expect(() => medianInterval([])).toThrow(RangeError);
	});

	test('a quantile between two values is taken by proportion', () => {
		expect(quantile(Float64Array.of(0, 10), 0.25)).toBe(2.5);
		expect(quantile(Float64Array.of(0, 10, 20), 1)).toBe(20);
	});

	test('the same seed gives the same numbers, another seed others, all in [0, 1)', () => {
		const draw = (seed: number) => Array.from({ length: 1000 }, seededRandom(seed));
		expect(draw(7)).toEqual(draw(7));
		expect(draw(7)).not.toEqual(draw(8));
		expect(draw(7).every((value) => value >= 0 && value < 1)).toBe(true);
		expect(Math.abs(draw(7).reduce((sum, value) => sum + value) / 1000 - 0.5)).toBeLessThan(0.05);
	});

	test('equal values have an interval without width', () => {
		expect(medianInterval([4, 4, 4, 4])).toEqual({ low: 4, high: 4, half: 0 });
	});

	test('about 95 in 100 intervals hold the true median', () => {
		const random = seededRandom(42);
		let holding = 0;
		for (let round = 0; round < 50; round++) {
			// Skewed, as waiting times are: exponential, whose median is ln 2.
			const values = Array.from({ length: 40 }, () => -Math.log(1 - random()));
			const { low, high } = medianInterval(values, random);
			if (low <= Math.LN2 && Math.LN2 <= high) holding++;
		}
		expect(holding).toBeGreaterThanOrEqual(43);
	});

	test('four times as many values make the interval about half as wide', () => {
		const random = seededRandom(5);
		const width = (count: number) => medianInterval(Array.from({ length: count }, random), random).half;
		const ratio = width(800) / width(200);
		expect(ratio).toBeGreaterThan(0.3);
		expect(ratio).toBeLessThan(0.8);
	});
});
