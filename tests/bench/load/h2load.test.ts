import { fromIntended, paceOf, readLog, type Sent, variedAddresses } from '../../../bench/load/h2load.ts';

const pace = { connections: 10, each: 100 };

/** 10 connections that begin evenly, each with a request every 10 ms, answered in `took` µs, for half a second. */
function steady(took: number): Sent[] {
	return Array.from({ length: 500 }, (_, n) => ({ at: n * 1000, took }));
}

test('the log has start, status and duration a line, in µs', () => {
	expect(readLog('1700000000000000\t200\t120\n1700000000000100\t200\t90\n')).toEqual([
		{ at: 1700000000000000, took: 120 },
		{ at: 1700000000000100, took: 90 },
	]);
	expect(() => readLog('half a li')).toThrow('half a li');
});

test('what is sent in time counts as h2load timed it', () => {
	const { latencies, rate } = fromIntended(steady(300), pace);
	expect(latencies[0]).toBeCloseTo(0.3);
	expect(latencies.at(-1)).toBeCloseTo(0.3);
	expect(rate).toBeCloseTo(1000, 0);
});

test('who could not be sent because all connections waited counts from when it was to be sent', () => {
	// A stall of 200 ms from 300 ms on: 10 requests take it whole, the 200 that were due meanwhile go out behind it, back to back.
	const sent = steady(300).map(({ at, took }) => {
		if (at < 300_000 || at >= 500_000) return { at, took };
		return at < 310_000 ? { at, took: 500_000 - at } : { at: 500_000, took };
	});
	const { latencies } = fromIntended(sent, pace);
	const late = latencies.filter((latency) => latency > 5).length;
	expect(late).toBeGreaterThan(180);
	expect(latencies.at(-1)).toBeCloseTo(200, 0);
	const half = latencies.filter((latency) => latency > 100).length;
	expect(half).toBeGreaterThan(90);
	expect(half).toBeLessThan(120);
});

test('a generator that is late by itself makes nobody slow', () => {
	const sent = steady(300).map(({ at, took }) => ({ at: at + (at > 300_000 && at < 320_000 ? 5000 : 0), took }));
	expect(fromIntended(sent, pace).latencies.at(-1)).toBeCloseTo(0.3);
});

test('what h2load cannot pace is a RangeError, as is an empty log', () => {
	for (const rate of [0, 999, 11_000]) expect(() => paceOf(rate, 1)).toThrow(RangeError);
	expect(paceOf(2000, 3)).toEqual({ connections: 100, each: 20, together: 2, requests: 6000 });
	expect(() => fromIntended([], pace)).toThrow(RangeError);
});

test('addresses differ, and are the same in each run', () => {
	const lines = variedAddresses('/bytes/1024').trim().split('\n');
	expect(new Set(lines).size).toBe(lines.length);
	expect(variedAddresses('/bytes/1024')).toBe(variedAddresses('/bytes/1024'));
});
