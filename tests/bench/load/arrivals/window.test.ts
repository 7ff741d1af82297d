import type { Arrival, Comer } from '../../../../bench/load/arrivals/arrival.ts';
import { fullestWindow, windowOf } from '../../../../bench/load/arrivals/window.ts';

function arrival(at: number, comer: Comer, tenant = 0): Arrival {
	return { at, tenant, comer };
}

test('a window tells its own time, compressed, and leaves out what is outside', () => {
	const trace = [arrival(99, 'reader'), arrival(100, 'reader'), arrival(160, 'monitor', 3), arrival(200, 'reader')];
	expect(windowOf(trace, 100, 100, 20)).toEqual([arrival(0, 'reader'), arrival(3, 'monitor', 3)]);
});

test('the fullest window holds a crowd and as many kinds of comers as can be', () => {
	const alone = [arrival(1000, 'crowd', 1)];
	const inCompany = [arrival(4990, 'scanner', 5), arrival(5000, 'crowd', 2), arrival(5020, 'reader', 6)];
	expect(fullestWindow([...alone, ...inCompany], 100)).toBe(4975);
	expect(fullestWindow([...alone], 100)).toBe(975);
});
