import { pareto, pause, poissonTimes } from '../../../../bench/load/arrivals/poisson.ts';
import { seededRandom } from '../../../../bench/method/statistics.ts';

describe('a Poisson process', () => {
	test('has as many events in each part as its rate says, and none outside', () => {
		// A rate that rises from 0 to 0.02 a ms: a quarter of 10,000 events in the first half, on the mean.
		const times = poissonTimes((at) => (0.02 * at) / 1_000_000, 0.02, 1_000_000, seededRandom(77_777));
		expect(Math.abs(times.length - 10_000)).toBeLessThan(400);
		expect(Math.abs(times.filter((at) => at < 500_000).length / times.length - 0.25)).toBeLessThan(0.02);
		expect(times.every((at, n) => at >= 0 && at < 1_000_000 && at >= (times[n - 1] ?? 0))).toBe(true);
	});

	test('of a steady rate has counts whose variance is their mean', () => {
		const times = poissonTimes(() => 0.01, 0.01, 1_000_000, seededRandom(99_991));
		const counts = new Array<number>(1000).fill(0);
		for (const at of times) counts[Math.floor(at / 1000)] = (counts[Math.floor(at / 1000)] ?? 0) + 1;
		const mean = times.length / 1000;
		const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / 1000;
		expect(variance / mean).toBeGreaterThan(0.85);
		expect(variance / mean).toBeLessThan(1.15);
	});

	test('pauses are 1/rate on the mean', () => {
		const random = seededRandom(5);
		const sum = Array.from({ length: 20_000 }, () => pause(0.5, random)).reduce((total, each) => total + each);
		expect(Math.abs(sum / 20_000 - 2)).toBeLessThan(0.1);
	});
});

test('half of the values of a Pareto tail are below least × 2^(1/shape), and none below the least', () => {
	const random = seededRandom(5);
	const values = Array.from({ length: 20_000 }, () => pareto(5, 2.43, random));
	const below = values.filter((value) => value < 5 * 2 ** (1 / 2.43)).length;
	expect(Math.min(...values)).toBeGreaterThanOrEqual(5);
	expect(Math.abs(below / values.length - 0.5)).toBeLessThan(0.02);
});
