import { join } from 'node:path';
import { execa } from 'execa';
import type { Figure } from '../../../../bench/figure.ts';
import { compareRuns, isWorse, type Judged } from '../../../../bench/report/compare/compare.ts';
import { comparisonLines } from '../../../../bench/report/compare/text.ts';
import type { Run } from '../../../../bench/report/run.ts';
import { seededRun } from '../seededrun.ts';

function changesBetween(a: Run, b: Run): Judged[] {
	return compareRuns(a, b).judged.filter(({ verdict }) => ['better', 'worse', 'different'].includes(verdict));
}

/** What trials.ts prints. */
async function trials<T>(...words: string[]): Promise<T> {
	const program = join(import.meta.dirname, 'trials.ts');
	const { stdout } = await execa(process.execPath, ['--no-warnings', program, ...words]);
	return JSON.parse(stdout) as T;
}

describe('two runs of the same code', () => {
	// 1 of 20 is promised: of 100, 10 or more come by chance about once in 35 with that promise kept; of 60, 7 or more as seldom.
	test.each([
		['whose ratios wander by 1 %', 100, 9, { wander: 0.01 }],
		['by a machine in another mood', 60, 6, {}],
		['whose ratios wander by 2 %, which the peers show', 60, 6, { wander: 0.02 }],
		['of few rounds', 60, 6, { rounds: 3, wakes: 12, wander: 0.01 }],
	])('%s: a change is seen in no more than 1 of 20 (%d pairs)', async (_, pairs, atMost, making) => {
		const alarms = await trials<number>('alarms', String(pairs), JSON.stringify({ wakes: 40, ...making }));
		expect(alarms).toBeLessThanOrEqual(atMost);
	});

	test('say that bare values moved with the machine, where they did', () => {
		// Two machines one of which takes nearly twice as long.
		const { judged } = compareRuns(seededRun({ seed: 3 }), seededRun({ seed: 6 }));
		const cpu = judged.find(({ name }) => name.endsWith('innkeeper/CPU a request'));
		expect(Math.abs(Math.log((cpu?.after ?? 0) / (cpu?.before ?? 1)))).toBeGreaterThan(0.1);
		expect(cpu).toMatchObject({
			verdict: 'with the machine',
			against: ['nginx', 'HAProxy', 'http-proxy', 'http-proxy-3', '@fastify/http-proxy'],
		});
	});
});

describe('a change', () => {
	const found = (factor: number): Promise<number[]> => trials('changes', String(factor));

	test('of 10 % is found in nearly every pair of runs, whichever way it goes', async () => {
		expect((await found(1.1)).filter((count) => count > 0).length).toBeGreaterThanOrEqual(19);
		expect((await found(0.9)).filter((count) => count > 0).length).toBeGreaterThanOrEqual(19);
	});

	test('of 1 % is not reported, however sure it is', async () => {
		expect(await found(1.01)).toEqual(Array.from({ length: 20 }, () => 0));
	});

	test('of a peer is nobody’s fault here: it is neither judged nor does it hide behind us', () => {
		const names = changesBetween(seededRun({ seed: 5 }), seededRun({ seed: 6, cost: { HAProxy: 1.3 } })).map(
			({ name }) => name,
		);
		expect(names.filter((name) => name.includes('HAProxy'))).toEqual([]);
	});
});

describe('comparing', () => {
	const a = seededRun({ seed: 1 });
	const withFigures = (change: (figure: Figure) => Figure | undefined): Run => ({
		...a,
		figures: a.figures.map(change).filter((figure) => figure !== undefined),
	});

	test('gives the same answer to the same question', () => {
		const b = seededRun({ seed: 2 });
		expect(compareRuns(a, b)).toEqual(compareRuns(a, b));
	});

	test('of a run with itself finds nothing at all', () => {
		const { judged, turned, onlyA, onlyB } = compareRuns(a, a);
		expect(new Set(judged.map(({ verdict }) => verdict))).toEqual(new Set(['unchanged']));
		expect([turned, onlyA, onlyB]).toEqual([[], [], []]);
	});

	test('a count that leaves its budget is worse, though it has no samples', () => {
		const b = withFigures((figure) => (figure.measure === 'answers' ? { ...figure, value: 999 } : figure));
		expect(compareRuns(a, b).turned).toMatchObject([{ before: 1000, after: 999, verdict: 'worse' }]);
		expect(isWorse(compareRuns(a, b))).toBe(true);
		expect(compareRuns(b, a).turned).toMatchObject([{ verdict: 'better' }]);
		expect(isWorse(compareRuns(b, a))).toBe(false);
	});

	test('names what only one run has, measured or not', () => {
		const b = withFigures((figure) =>
			figure.measure === 'launches'
				? undefined
				: figure.measure === 'answers'
					? { ...figure, value: undefined }
					: figure,
		);
		const group = 'churn/1000 simultaneous first visitors/innkeeper';
		expect(compareRuns(a, b).onlyA).toEqual([`${group}/answers`, `${group}/launches`]);
		expect(compareRuns(b, a).onlyB).toEqual([`${group}/answers`, `${group}/launches`]);
	});

	test('says why a figure was not judged', () => {
		const alone = { bench: 'density', group: 'alone', subject: 'innkeeper', unit: 'ms', better: 'less' } as const;
		const samples = [1, 2, 3, 4, 5];
		const figures: Figure[] = [
			{ ...alone, measure: 'bare', value: 3, samples },
			{ ...alone, measure: 'few', value: 1.5, samples: [1, 2] },
			{ ...alone, measure: 'most', unit: '×', value: 5, samples },
			{ ...alone, measure: 'p90', unit: '×', value: 4.6, samples },
			{ ...alone, measure: 'negative', unit: '×', value: -3, samples: samples.map((sample) => -sample) },
		];
		const { unjudged } = compareRuns({ ...a, figures }, { ...a, figures });
		expect(unjudged).toEqual({
			'nothing in its own run to hold it against': ['density/alone/innkeeper/bare'],
			'too few samples': ['density/alone/innkeeper/few'],
			'no median, mean or percentile of its samples': ['density/alone/innkeeper/most'],
			'too few samples for a percentile': ['density/alone/innkeeper/p90'],
			'not all above zero': ['density/alone/innkeeper/negative'],
		});
	});

	test('warns where the runs differ in more than the code', () => {
		const b: Run = { ...a, quick: true, environment: { ...a.environment, kernel: '6.19.0', variables: {} } };
		const { warnings } = compareRuns({ ...a, broken: [], noise: [] }, { ...b, broken: [], noise: [] });
		expect(warnings).toEqual([
			'quick: false and true',
			'kernel: 6.18.0 and 6.19.0',
			'variables, NODE_OPTIONS: --max-old-space-size=512 and none',
		]);
	});

	test('does not hold us against a peer that was renewed meanwhile', () => {
		const b = seededRun({ seed: 2 });
		const renewed = { ...b, environment: { ...b.environment, versions: { ...b.environment.versions, nginx: '1.30' } } };
		const cpu = compareRuns(a, renewed).judged.find(({ name }) => name.endsWith('innkeeper/CPU a request'));
		expect(cpu?.against).toEqual(['HAProxy', 'http-proxy', 'http-proxy-3', '@fastify/http-proxy']);
	});

	test('tells people the change, its interval, what it was held against, and the method', () => {
		const b = seededRun({ seed: 2, cost: { innkeeper: 1.2 } });
		const text = comparisonLines(compareRuns(a, b)).join('\n');
		expect(text).toMatch(/^cold · Node hello server +change +95 % +p +bare$/m);
		expect(text).toMatch(
			/^worse +innkeeper · cold start +\+\d+\.\d % +\+\d+\.\d % … \+\d+\.\d % +[<0][ .\d]+ → [.\d]+ ms\n +relative to floor$/m,
		);
		expect(text).toMatch(/relative to its 5 peers$/m);
		expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
		expect(text).toMatch(/\d+ unchanged, \d+ moved with the machine, \d+ changed/);
		expect(text).toMatch(/Holm’s\s+correction/);
	});
});
