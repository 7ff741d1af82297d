import { curvePlot, frontier } from '../../../../bench/report/plots/curve.ts';
import { elements } from './svg.ts';

const settings = [
	{ name: 'never', memory: 9000, p99: 1 },
	{ name: 'stop 5m', memory: 1000, p99: 50 },
	{ name: 'stop 1h', memory: 4000, p99: 10 },
	{ name: 'wasteful', memory: 5000, p99: 40 },
	{ name: 'same, but slower', memory: 1000, p99: 51 },
];

test('the frontier is what none beats in both, by memory', () => {
	expect(frontier(settings).map(({ name }) => name)).toEqual(['stop 5m', 'stop 1h', 'never']);
});

test('a point a setting, more memory further right, more waiting higher up, the best marked and joined', () => {
	const svg = curvePlot('memory against p99', settings);
	const points = elements(svg, 'circle');
	expect(points).toHaveLength(5);
	expect(points.map((point) => point['class']).sort()).toEqual([
		'point',
		'point',
		'point best',
		'point best',
		'point best',
	]);
	const [stop5m, stop1h, never] = points
		.filter((point) => point['class'] === 'point best')
		.sort((a, b) => Number(a['cx']) - Number(b['cx']));
	expect(Number(stop5m?.['cy'])).toBeLessThan(Number(stop1h?.['cy']));
	expect(Number(stop1h?.['cy'])).toBeLessThan(Number(never?.['cy']));
	const [line] = elements(svg, 'path');
	expect(line?.['d']).toBe(`M${[stop5m, stop1h, never].map((point) => `${point?.['cx']} ${point?.['cy']}`).join('L')}`);
});

test('a setting that lets nobody wait has its place too, at the bottom', () => {
	const points = elements(curvePlot('', [...settings, { name: 'frozen', memory: 20_000, p99: 0 }]), 'circle');
	expect(points).toHaveLength(6);
	expect(Math.max(...points.map((point) => Number(point['cy'])))).toBe(210);
	expect(points.every((point) => Number.isFinite(Number(point['cy'])))).toBe(true);
});
