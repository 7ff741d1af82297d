import type { About, Budget, Figure } from '../figure.ts';
import type { Cost } from '../load/wrk.ts';
import { medianOf, overFloor, pairedRatios } from '../method/estimates.ts';
import type { Outcome } from '../method/rounds.ts';
import { saturationNote } from '../method/saturation.ts';

export const cpuMeasure = 'CPU a request';
export const rateMeasure = 'requests a second';

/** Name, and what came of its turns. */
export interface Row {
	readonly subject: string;
	readonly outcome: Outcome<Cost>;
}

/** CPU and rate of each, in that order: the rate with the remark on what limited it, and over the floor's (`direct`). */
export function costFigures(group: string, rows: readonly Row[]): Figure[] {
	const floor = rows.find(({ subject }) => subject === 'direct')?.outcome;
	const floorRates = floor !== undefined && 'samples' in floor ? floor.samples.map(({ rate }) => rate) : undefined;
	const figures: Figure[] = [];
	for (const { subject, outcome } of rows) {
		const isFloor = subject === 'direct';
		const cpuAbout = about(group, subject, cpuMeasure, 'µs', 'less');
		const rateAbout = about(group, subject, rateMeasure, '/s', 'more');
		if ('failed' in outcome) {
			figures.push(absent(isFloor ? rateAbout : cpuAbout, outcome.failed));
			continue;
		}
		const { samples } = outcome;
		const rates = samples.map(({ rate }) => rate);
		if (!isFloor) figures.push({ ...cpuAbout, ...medianOf(samples.map(({ cpu }) => cpu)) });
		// Without a proxy there is none whose limit it could have been.
		const note = isFloor ? undefined : saturationNote(samples.map(({ limit }) => limit));
		figures.push({
			...rateAbout,
			...medianOf(rates),
			...(isFloor || floorRates === undefined ? {} : overFloor(rates, floorRates)),
			...(note === undefined ? {} : { note }),
		});
	}
	return figures;
}

/** The median of the rounds' ratios of one number of two; without a value where one of them has none. */
export function ratioFigure(
	named: { readonly group: string; readonly subject: string; readonly measure: string },
	of: keyof Pick<Cost, 'cpu' | 'rate'>,
	over: Outcome<Cost>,
	under: Outcome<Cost>,
	budget?: Budget,
): Figure {
	const better = of === 'rate' || budget?.atLeast !== undefined ? 'more' : 'less';
	const figure = {
		...about(named.group, named.subject, named.measure, '×', better),
		...(budget === undefined ? {} : { budget }),
	};
	if ('failed' in over) return { ...figure, value: undefined, note: over.failed };
	if ('failed' in under) return { ...figure, value: undefined, note: under.failed };
	const ratios = pairedRatios(
		over.samples.map((cost) => cost[of]),
		under.samples.map((cost) => cost[of]),
	);
	return { ...figure, ...medianOf(ratios) };
}

export function absent(about: About, reason: string): Figure {
	return { ...about, value: undefined, note: gistOf(reason) };
}

export function about(group: string, subject: string, measure: string, unit: string, better: About['better']): About {
	return { bench: 'throughput', group, subject, measure, unit, better };
}

/** The line that says most: programs begin with greetings and end with stack traces. */
export function gistOf(text: string): string {
	const lines = text.trim().split('\n');
	const telling = lines.find((line) => /error|emerg|alert|cannot|failed|died/i.test(line));
	return (telling ?? lines[0] ?? '').trim().slice(0, 200);
}
