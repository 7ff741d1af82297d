import { zipf } from '../../../../bench/load/arrivals/zipf.ts';
import { seededRandom } from '../../../../bench/method/statistics.ts';

function counts(tenants: number, exponent: number, draws: number): number[] {
	const choose = zipf(tenants, exponent);
	const random = seededRandom(7919);
	const counted = new Array<number>(tenants).fill(0);
	for (let draw = 0; draw < draws; draw++) {
		const rank = choose(random);
		counted[rank] = (counted[rank] ?? Number.NaN) + 1;
	}
	return counted;
}

describe('tenants drawn by Zipf', () => {
	test.each([0.7, 1, 1.3])('fall with their rank as its power: exponent %d', (exponent) => {
		const counted = counts(1000, exponent, 400_000);
		// Over the first ranks, which are drawn often enough: the slope of log(count) over log(rank) by least squares.
		const points = counted.slice(0, 50).map((count, n) => [Math.log(n + 1), Math.log(count)] as const);
		const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
		const [x, y] = [mean(0), mean(1)];
		const slope =
			points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0) /
			points.reduce((sum, [px]) => sum + (px - x) ** 2, 0);
		expect(Math.abs(-slope - exponent)).toBeLessThan(0.05);
	});

	test('the first of a thousand has one in H(1000) = 7.49 draws at exponent 1', () => {
		expect((counts(1000, 1, 200_000)[0] ?? 0) / 200_000).toBeCloseTo(1 / 7.4855, 2);
	});

	test('exponent 0 knows no favourites, and both the first and the last are drawn', () => {
		const counted = counts(10, 0, 100_000);
		for (const count of counted) expect(Math.abs(count - 10_000)).toBeLessThan(500);
	});
});
