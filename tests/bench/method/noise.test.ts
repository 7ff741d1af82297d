import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { execa } from 'execa';
import {
	ancestorsOf,
	type Clock,
	judge,
	machineClock,
	NoiseWatch,
	noiseLine,
	parseSpender,
	parseStat,
	ticksOfOthers,
} from '../../../bench/method/noise.ts';

const clock = (changes: Partial<Clock>): Clock => ({ at: 0, total: 0, stolen: 0, others: 0, ...changes });

describe('the verdict', () => {
	const start = clock({});

	test('is quiet where only the bench itself used the machine', () => {
		const after = clock({ at: 10_000, total: 2000, stolen: 2, others: 10 });
		expect(judge('cold', start, after, 0.01)).toEqual({
			bench: 'cold',
			seconds: 10,
			stolen: 0.001,
			others: 0.01,
			slower: 0.01,
			noisy: false,
		});
	});

	test.each<[string, Partial<Clock>, number]>([
		['the hypervisor took time away', { stolen: 21 }, 0],
		['others used a tenth of a CPU', { others: 100 }, 0],
		['the same work took longer', {}, 0.06],
	])('is noisy where %s', (_, changes, slower) => {
		const after = clock({ at: 10_000, total: 2000, ...changes });
		expect(judge('cold', start, after, slower).noisy).toBe(true);
	});

	test('holds where somebody took its ticks along, and where no time passed', () => {
		expect(judge('cold', clock({ others: 50 }), clock({ at: 1000, total: 200, others: 20 }), 0).others).toBe(0);
		expect(judge('cold', start, start, 0)).toMatchObject({ stolen: 0, others: 0, noisy: false });
	});

	test('says in words what was too much', () => {
		const noisy = judge('cold', start, clock({ at: 10_000, total: 2000, others: 310 }), 0.01);
		expect(noiseLine(noisy)).toBe(
			'NOISY: others used 31.0 % of a CPU (at most 5 %), stolen 0.0 % of the time, the same work took 1.0 % longer than at best; 10 s',
		);
	});
});

describe('a watch', () => {
	test('holds each bench against the quickest spin of the run so far, before and behind it', () => {
		const spins = [
			[2, 2, 2],
			[2.2, 2.2, 2.2],
			[2, 2, 2],
			[2, 2, 2],
		];
		const watch = new NoiseWatch(
			() => spins.shift() ?? [],
			() => clock({}),
		);
		expect(watch.ended('cold').slower).toBeCloseTo(0.1);
		expect(watch.ended('throughput').slower).toBeCloseTo(0.1);
		expect(watch.ended('churn').slower).toBeCloseTo(0);
	});

	test('does not count the time of a spin as the bench’s', () => {
		let now = 0;
		const spin = (): number[] => {
			now += 1000;
			return [2];
		};
		const watch = new NoiseWatch(spin, () => clock({ at: now }));
		now += 5000;
		expect(watch.ended('cold').seconds).toBe(5);
		now += 7000;
		expect(watch.ended('churn').seconds).toBe(7);
	});
});

describe('the kernel’s words', () => {
	test('/proc/stat: all states make the total, steal apart', () => {
		const text = 'cpu  10 20 30 400 5 6 7 8 9 9\ncpu0 1 2 3 4 5 6 7 8 9 9\n';
		expect(parseStat(text)).toEqual({ total: 486, stolen: 8 });
	});

	test('/proc/PID/stat: whatever the name holds, threads of the kernel marked', () => {
		const text = '42 (a) b (c) S 7 1 1 0 -1 4194560 1 2 3 4 100 20 3 1 20 0 1 0 99';
		expect(parseSpender(text)).toEqual({ pid: 42, parent: 7, ticks: 120, childTicks: 4, kernel: false });
		expect(parseSpender(text.replace('4194560', '69238880')).kernel).toBe(true);
	});

	const spender = (pid: number, parent: number, ticks: number, childTicks = 0, kernel = false) => ({
		...{ pid, parent, ticks, childTicks, kernel },
	});

	test('others are who neither descend from the bench nor belong to the kernel', () => {
		const all = [
			spender(4, 3, 1000),
			spender(2, 1, 100, 2000),
			spender(3, 2, 10),
			spender(5, 1, 5, 3),
			spender(6, 0, 1, 0, true),
		];
		expect(ticksOfOthers(2, new Set([1]), all)).toBe(8);
	});

	test('an ancestor is somebody else, but its children who ended may have been daemons of the bench', () => {
		const all = [spender(1, 0, 1, 1000), spender(2, 1, 10, 1000), spender(3, 2, 100)];
		const ancestors = ancestorsOf(3, all);
		expect(ticksOfOthers(3, ancestors, all)).toBe(11);
		// The shell that started the bench is gone, and the init is the bench's parent now; or it was not a child of it any more.
		expect(ticksOfOthers(3, ancestors, [spender(1, 0, 1, 2000), spender(3, 1, 100)])).toBe(1);
		expect(ticksOfOthers(3, ancestors, [spender(1, 0, 1, 2000), spender(2, 1, 10, 1000), spender(3, 1, 100)])).toBe(11);
	});

	test('of this machine: what our children burn on every CPU is not others’', async () => {
		const readClock = machineClock();
		const children = (): number => parseSpender(readFileSync('/proc/self/stat', 'utf8')).childTicks;
		const [before, childrenBefore] = [readClock(), children()];
		const burn = () => execa('sh', ['-c', 'while :; do :; done'], { timeout: 300, reject: false });
		await Promise.all(Array.from({ length: availableParallelism() }, burn));
		const after = readClock();
		const burnt = children() - childrenBefore;
		expect(burnt).toBeGreaterThan(0);
		// What they burnt is nobody else's; each count is whole ticks, of many processes.
		expect(after.others - before.others).toBeLessThan(after.total - before.total - burnt / 2);
	});
});
