import type { Figure } from '../../../bench/figure.ts';
import { finite } from '../../../bench/report/finite.ts';

const figure: Figure = {
	bench: 'cold',
	group: 'hello',
	subject: 'innkeeper',
	measure: 'start',
	unit: 'ms',
	better: 'less',
	value: 2,
	samples: [1, 2, 3],
	interval: { low: 1, high: 3 },
};

test('a figure of finite numbers stays as it is', () => {
	expect(finite(figure)).toEqual(figure);
});

test('a value that is no number was not measured, and says what came out', () => {
	expect(finite({ ...figure, value: Number.NaN, note: '3 rounds' })).toMatchObject({
		value: undefined,
		note: 'came out as NaN; 3 rounds',
	});
	expect(finite({ ...figure, value: Number.POSITIVE_INFINITY })).not.toHaveProperty('samples');
});

test('what else is no number is left out', () => {
	const odd = { ...figure, samples: [1, Number.NaN], overFloor: { value: 2, low: 1, high: Number.POSITIVE_INFINITY } };
	const { samples: _, ...rest } = figure;
	expect(finite(odd)).toEqual(rest);
});
