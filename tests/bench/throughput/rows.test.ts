import type { Cost } from '../../../bench/load/wrk.ts';
import { halfOfSlowestButOne } from '../../../bench/throughput/latency.ts';
import { costFigures, gistOf, ratioFigure } from '../../../bench/throughput/rows.ts';

const samples = (...cpus: number[]): { samples: Cost[] } => ({
	samples: cpus.map((cpu) => ({ cpu, rate: 1e6 / cpu, limit: 'proxy' })),
});

test('CPU and rate of each are figures, the rate over that of nobody in between', () => {
	const figures = costFigures('g', [
		{ subject: 'a', outcome: samples(20, 20, 20) },
		{ subject: 'direct', outcome: samples(10, 10, 10) },
	]);
	expect(figures.map(({ subject, measure, value }) => [subject, measure, value])).toEqual([
		['a', 'CPU a request', 20],
		['a', 'requests a second', 50_000],
		['direct', 'requests a second', 100_000],
	]);
	expect(figures[1]?.overFloor?.value).toBe(0.5);
});

test('who could not be measured is a row without a value that says why', () => {
	expect(costFigures('g', [{ subject: 'a', outcome: { failed: 'not installed: apt-get install a' } }])).toMatchObject([
		{ subject: 'a', value: undefined, note: 'not installed: apt-get install a' },
	]);
});

test('a ratio is the median of the rounds’ ratios, not the ratio of medians', () => {
	const named = { group: 'g', subject: 'a', measure: 'CPU over b' };
	expect(ratioFigure(named, 'cpu', samples(10, 40, 20), samples(10, 20, 40), { atMost: 2 })).toMatchObject({
		value: 1,
		samples: [1, 2, 0.5],
		better: 'less',
	});
	const failed = { failed: 'b died under load' };
	expect(ratioFigure(named, 'cpu', samples(1), failed)).toMatchObject({ value: undefined, note: 'b died under load' });
});

test('half of what the slowest but one can is a whole number of steps, and nothing where nobody knows', () => {
	expect(halfOfSlowestButOne([15_000, 9_900, 60_000])).toBe(7000);
	expect(halfOfSlowestButOne([100_000, 90_000])).toBe(10_000);
	expect(halfOfSlowestButOne([5000])).toBe(0);
});

test('of what a program prints, the line that says most is told', () => {
	expect(gistOf('nginx: starting\nnginx: [emerg] bind() failed\n  at x\n')).toBe('nginx: [emerg] bind() failed');
	expect(gistOf('\nhello\n')).toBe('hello');
});
