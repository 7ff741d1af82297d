import { cdfPlot, type Distribution } from '../../../../bench/report/plots/cdf.ts';
import { elements, texts } from './svg.ts';

const samples = Array.from({ length: 100 }, (_, i) => 10 + i);
const peers = Array.from({ length: 28 }, (_, i): Distribution => ({ subject: `peer ${i}`, samples, kind: 'peer' }));
const plot = (distributions: readonly Distribution[]) => cdfPlot({ title: 'start', unit: 'ms', distributions });

/** The corners of a stair of H and V. */
function corners(path: string): [number, number][] {
	let [x, y] = [Number.NaN, Number.NaN];
	return [...path.matchAll(/([MHV])([\d.]+)(?: ([\d.]+))?/g)].map(([, step, a, b]) => {
		if (step !== 'V') x = Number(a);
		if (step !== 'H') y = Number(step === 'M' ? b : a);
		return [x, y];
	});
}

test('a curve climbs from no sample to all of them, and never back', () => {
	const [curve] = elements(plot([{ subject: 'innkeeper', samples, kind: 'own' }]), 'path');
	const places = corners(curve?.['d'] ?? '');
	expect(places.length).toBeGreaterThan(100);
	for (const [i, [x, y]] of places.entries()) {
		expect(x).toBeGreaterThanOrEqual(places[i - 1]?.[0] ?? 0);
		expect(y).toBeLessThanOrEqual(places[i - 1]?.[1] ?? 1000);
	}
	expect(places[0]?.[1]).toBe(190);
	expect(places.at(-1)?.[1]).toBeLessThan(12);
});

test('one sample far out does not press all others to the left', () => {
	const far = [...samples, ...samples, 1e6];
	const [curve] = elements(plot([{ subject: 'innkeeper', samples: far, kind: 'own' }]), 'path');
	const middle = corners(curve?.['d'] ?? '').find(([, y]) => y < 100);
	expect(middle?.[0]).toBeGreaterThan(200);
});

test('28 peers look different, without colour no two neighbours alike, and ours and the floor like none of them', () => {
	const distributions: Distribution[] = [
		...peers,
		{ subject: 'innkeeper', samples, kind: 'own' },
		{ subject: 'floor', samples, kind: 'floor' },
	];
	const styles = elements(plot(distributions), 'path').map((path) => path['class']);
	expect(new Set(styles).size).toBe(30);
	const dashes = styles.slice(0, 28).map((style) => style?.split(' ').at(-1));
	expect(dashes.filter((dash, i) => dash === dashes[i - 1])).toEqual([]);
});

test('ours is drawn above the others, and listed where it was', () => {
	const svg = plot([{ subject: 'innkeeper', samples, kind: 'own' }, ...peers.slice(0, 1)]);
	expect(elements(svg, 'path').at(-1)?.['class']).toBe('curve own dash0');
	expect(texts(svg).filter((words) => /^(innkeeper|peer)/.test(words))).toEqual(['innkeeper', 'peer 0']);
});

test('who cannot see it is told the median and the 90th percentile', () => {
	expect(plot(peers.slice(0, 1)).text).toContain('start. peer 0: half within 59.50 ms, 90 % within 99.10 ms');
});
