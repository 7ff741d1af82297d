import type { Figure } from '../../../../bench/figure.ts';
import { figureMatrix } from '../../../../bench/report/html/matrix.ts';

const subjects = ['stop 10s', 'stop 1m', 'stop <never>'];
const measures = ['memory', 'p99', 'launches'];
const figures: Figure[] = measures.flatMap((measure, m) =>
	subjects.map((subject, s) => ({
		bench: 'tune',
		group: 'a day',
		subject,
		measure,
		unit: 'MiB',
		better: 'less',
		value: 10 * m + s,
	})),
);
const [first, ...others] = figures as [Figure, ...Figure[]];

test('bare values of some subjects by some measures are a table of both', () => {
	const html = figureMatrix('a day', figures)?.text ?? '';
	expect([...html.matchAll(/<th scope="col"[^>]*>([^<]*)/g)].map(([, head]) => head)).toEqual(['whose', ...measures]);
	const rows = [...html.matchAll(/<th scope="row">([^<]*)<\/th>(.*)<\/tr>/g)].map(([, subject, cells = '']) => [
		subject,
		...[...cells.matchAll(/>([^<]+)</g)].map(([, text]) => text),
	]);
	expect(rows).toEqual([
		['stop 10s', '0 MiB', '10 MiB', '20 MiB'],
		['stop 1m', '1 MiB', '11 MiB', '21 MiB'],
		['stop &#60;never&#62;', '2 MiB', '12 MiB', '22 MiB'],
	]);
});

test.each<[string, Figure[]]>([
	['a value is missing', others],
	['one was not measured', [{ ...first, value: undefined }, ...others]],
	['one has an interval', [{ ...first, interval: { low: 0, high: 1 } }, ...others]],
	['one has a floor', [{ ...first, overFloor: { value: 2, low: 1, high: 3 } }, ...others]],
	['one has a budget', [{ ...first, budget: { atMost: 1 } }, ...others]],
	['one has a note', [{ ...first, note: 'estimated' }, ...others]],
	['one is there twice', [...figures, first]],
	['there are two subjects alone', figures.filter(({ subject }) => subject !== 'stop 1m')],
	['there are two measures alone', figures.filter(({ measure }) => measure !== 'p99')],
])('none where %s', (_, some) => {
	expect(figureMatrix('a day', some)).toBeUndefined();
});
