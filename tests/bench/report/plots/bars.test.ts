import { barPlot } from '../../../../bench/report/plots/bars.ts';
import { WIDTH } from '../../../../bench/report/plots/drawing.ts';
import { elements, texts } from './svg.ts';

const bars = [
	{ subject: 'innkeeper', value: 40, interval: { low: 38, high: 43 }, own: true },
	{ subject: 'a <tag>', value: 80, own: false },
];
const svg = barPlot({ title: 'start', unit: 'ms', bars, floor: 20 });

test('a bar is as long as its value, from zero, and ours looks different', () => {
	const [ours, other] = elements(svg, 'rect');
	expect(Number(other?.['width'])).toBeCloseTo(2 * Number(ours?.['width']), 1);
	expect([ours?.['x'], other?.['x']]).toEqual(['1', '1']);
	expect([ours?.['class'], other?.['class']]).toEqual(['bar own', 'bar']);
});

test('the floor is a line at its value, and says so', () => {
	const [ours] = elements(svg, 'rect');
	const floor = elements(svg, 'line').find((line) => line['class'] === 'floor');
	expect(Number(floor?.['x1']) - 1).toBeCloseTo(Number(ours?.['width']) / 2, 1);
	expect(texts(svg)).toContain('floor 20 ms');
});

test('whiskers go from one end of the interval to the other, and where there is none, there are none', () => {
	const whiskers = elements(svg, 'path');
	expect(whiskers).toHaveLength(1);
	const [, from, to] = /^M(\S+) .*H([\d.]+)/.exec(whiskers[0]?.['d'] ?? '') ?? [];
	expect(Number(to) - Number(from)).toBeCloseTo((5 / 80) * (WIDTH - 2), 0);
});

test('who cannot see it is told the same', () => {
	expect(svg.text).toMatch(
		/role="img".*aria-label="start. floor: 20 ms; innkeeper: 40 ms \(95 %: 38 to 43\); a &#60;tag&#62;: 80 ms"/,
	);
});

test('values below zero begin left of it', () => {
	const [below] = elements(barPlot({ title: '', unit: 'ms', bars: [{ subject: 'a', value: -2, own: false }] }), 'rect');
	expect([Number(below?.['x']), Number(below?.['width'])]).toEqual([1, WIDTH - 2]);
});
