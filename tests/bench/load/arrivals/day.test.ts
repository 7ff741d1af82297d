import type { Comer } from '../../../../bench/load/arrivals/arrival.ts';
import { DAY_MS, dayOf, readerRate, smallHost } from '../../../../bench/load/arrivals/day.ts';

const HOUR = 3_600_000;
const day = dayOf(smallHost, 1);

function of(comer: Comer): typeof day {
	return day.filter((arrival) => arrival.comer === comer);
}

describe('a day of a small host', () => {
	test('is the same for the same seed, and another one for another', () => {
		const few = { ...smallHost, readers: 200, crowds: 1, scans: 1 };
		expect(dayOf(few, 3)).toEqual(dayOf(few, 3));
		expect(dayOf(few, 3)).not.toEqual(dayOf(few, 4));
	});

	test('is in order, within the day, and of these tenants', () => {
		expect(day.every(({ at }, n) => at >= (day[n - 1]?.at ?? 0) && at < DAY_MS)).toBe(true);
		expect(day.every(({ tenant }) => Number.isInteger(tenant) && tenant >= 0 && tenant < 1000)).toBe(true);
	});

	test('has most readers in the evening and fewest in the morning, by the swing', () => {
		const within = (hour: number) => of('reader').filter(({ at }) => Math.abs(at - hour * HOUR) < 2 * HOUR).length;
		const ratio = within(20) / within(8);
		// 1.6 over 0.4 at the extremes, less over four hours of each.
		expect(ratio).toBeGreaterThan(2.8);
		expect(ratio).toBeLessThan(4.5);
	});

	test('has as many readers as were asked for, on the mean of the rate', () => {
		const sum = Array.from({ length: 24 }, (_, hour) => readerRate(smallHost, hour * HOUR) * HOUR);
		expect(sum.reduce((total, each) => total + each)).toBeCloseTo(smallHost.readers, 6);
	});

	test('every scan comes to every tenant once', () => {
		const scans = of('scanner');
		const visits = new Map<number, number>();
		for (const { tenant } of scans) visits.set(tenant, (visits.get(tenant) ?? 0) + 1);
		// Only midnight cuts a scan off.
		expect(scans.length).toBeGreaterThan((smallHost.scans - 1) * 1000);
		expect(Math.max(...visits.values())).toBe(smallHost.scans);
		expect(Math.min(...visits.values())).toBeGreaterThanOrEqual(smallHost.scans - 1);
	});

	test('a crowd is hundreds within seconds, at tenants that are not popular', () => {
		const tenants = Map.groupBy(of('crowd'), ({ tenant }) => tenant);
		expect(tenants.size).toBeGreaterThan(smallHost.crowds / 2);
		expect(Math.min(...tenants.keys())).toBeGreaterThanOrEqual(500);
		const [crowd = []] = tenants.values();
		expect(crowd.length).toBeGreaterThan(1000);
		const within = crowd.filter(({ at }) => at < (crowd[0]?.at ?? 0) + 30_000);
		expect(within.length / crowd.length).toBeGreaterThan(0.5);
	});

	test('monitors look at fifty tenants every five minutes', () => {
		const tenants = Map.groupBy(of('monitor'), ({ tenant }) => tenant);
		expect(tenants.size).toBe(50);
		for (const looks of tenants.values()) {
			expect(looks.length).toBeGreaterThanOrEqual(287);
			for (const [n, { at }] of looks.entries())
				if (n > 0) expect(Math.abs(at - (looks[n - 1]?.at ?? 0) - 300_000)).toBeLessThanOrEqual(2000);
		}
	});
});
