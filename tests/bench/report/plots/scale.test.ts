import { linearScale, logScale } from '../../../../bench/report/plots/scale.ts';

describe('a linear scale', () => {
	test('ends at round ticks that hold all values', () => {
		const { ticks, place } = linearScale(0, 108, [0, 250]);
		expect(ticks).toEqual([0, 25, 50, 75, 100, 125]);
		expect([place(0), place(62.5), place(125)]).toEqual([0, 125, 250]);
	});

	test('holds values below zero, and none but zero', () => {
		expect(linearScale(-3, 8, [0, 100]).ticks).toEqual([-5, -2.5, 0, 2.5, 5, 7.5, 10]);
		const { ticks, place } = linearScale(0, 0, [0, 100]);
		expect(ticks.length).toBeGreaterThan(1);
		expect(place(0)).toBe(0);
	});

	test('has ticks without the dust of binary fractions', () => {
		expect(linearScale(0, 0.5, [0, 1]).ticks).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
	});
});

describe('a logarithmic scale', () => {
	test('gives each factor the same room', () => {
		const { place } = logScale(1, 100, [0, 200]);
		expect(place(1)).toBeCloseTo(0);
		expect(place(10)).toBeCloseTo(100);
		expect(place(100)).toBeCloseTo(200);
	});

	test.each([
		[1, 1000, [1, 10, 100, 1000]],
		[0.5, 90, [1, 3, 10, 30]],
		[42, 110, [50, 70, 100]],
	])('from %d to %d has a few round ticks, all inside', (low, high, ticks) => {
		expect(logScale(low, high, [0, 1]).ticks).toEqual(ticks);
	});

	test('of a narrow span has ticks too, and of a point some room', () => {
		expect(logScale(40, 44, [0, 1]).ticks).toEqual([40, 41, 42, 43, 44]);
		expect(logScale(5, 5, [0, 100]).place(5)).toBeCloseTo(50);
	});
});
