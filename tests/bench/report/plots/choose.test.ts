import type { Figure } from '../../../../bench/figure.ts';
import { plotsOf } from '../../../../bench/report/plots/choose.ts';
import { seededRun } from '../seededrun.ts';

const run = seededRun({ seed: 8 });
const captions = (figures: readonly Figure[]): string[] => plotsOf('group', figures).map(({ caption }) => caption);
const inGroup = (group: string): Figure[] => run.figures.filter((figure) => figure.group === group);

test('wakes get their distribution and bars, percentiles of the same samples no second distribution', () => {
	const drawn = captions(inGroup('static C server'));
	expect(drawn.slice(0, 2)).toEqual(['cold start, distribution', 'cold start (less is better)']);
	expect(drawn.filter((caption) => caption.startsWith('p99'))).toEqual([]);
});

test('nine rounds make no distribution, a subject alone no bars', () => {
	expect(captions(inGroup('1 KiB GET, keep-alive, 64 connections'))).toEqual([
		'CPU a request (less is better)',
		'rate (more is better)',
	]);
});

test('settings get their curve', () => {
	expect(captions(run.figures.filter(({ bench }) => bench === 'tune'))).toHaveLength(1);
	expect(captions(run.figures.filter(({ bench }) => bench === 'tune'))[0]).toMatch(/^memory against p99/);
});

test('samples that are not all above zero have no place on a logarithmic axis', () => {
	const wakes = inGroup('static C server').map((figure): Figure => {
		const { samples, ...rest } = figure;
		return { ...rest, ...(samples === undefined ? {} : { samples: [...samples, -1, 1e9] }) };
	});
	expect(captions(wakes)).not.toContain('cold start, distribution');
});

test('nothing measured, nothing drawn', () => {
	expect(captions(inGroup('static C server').map((figure) => ({ ...figure, value: undefined })))).toEqual([]);
});
