import type { Figure } from '../../figure.ts';
import { median } from '../../method/statistics.ts';
import type { Markup } from '../markup.ts';
import { isFloor, isOwn } from '../subject.ts';
import { barPlot } from './bars.ts';
import { cdfPlot, type Distribution } from './cdf.ts';
import { curvePlot, type Setting } from './curve.ts';

/** Fewer samples make stairs, not a distribution. */
const FEWEST_FOR_CDF = 30;

/** A drawing with the words below it. */
export interface Plot {
	readonly caption: string;
	readonly svg: Markup;
}

/** The drawings that fit the figures of one group: of their settings, their distributions, and a comparison by each measure. */
export function plotsOf(group: string, figures: readonly Figure[]): Plot[] {
	const settings = settingsOf(figures);
	if (settings.length > 1) {
		const caption = 'memory against p99: the line joins the settings that none beats in both';
		return [{ caption, svg: curvePlot(`${group}: memory against p99`, settings) }];
	}
	const measures = Map.groupBy(figures, ({ measure, unit }) => `${measure}, ${unit}`);
	return [...measures.values()].flatMap((alike) => [...cdfOf(group, alike), ...barsOf(group, alike, figures)]);
}

/** Whoever has both memory and p99. */
function settingsOf(figures: readonly Figure[]): Setting[] {
	const values = (measure: string, unit: string): Map<string, number> =>
		new Map(
			figures.flatMap((figure) => {
				const fits = figure.bench === 'tune' && figure.measure === measure && figure.unit === unit;
				return fits && figure.value !== undefined ? [[figure.subject, figure.value]] : [];
			}),
		);
	const waits = values('p99', 'ms');
	return [...values('memory', 'MiB')].flatMap(([name, memory]) => {
		const p99 = waits.get(name);
		return p99 === undefined || memory <= 0 ? [] : [{ name, memory, p99 }];
	});
}

function cdfOf(group: string, figures: readonly Figure[]): Plot[] {
	const distributions = figures.flatMap((figure): Distribution[] => {
		const { subject, samples, value } = figure;
		if (value === undefined || samples === undefined || samples.length < FEWEST_FOR_CDF) return [];
		// A percentile's samples are those of the median beside it, and are drawn with that one.
		if (Math.abs(median(samples) - value) > Math.abs(value) * 1e-9 || Math.min(...samples) <= 0) return [];
		return [{ subject, samples, kind: isFloor(figure) ? 'floor' : isOwn(figure) ? 'own' : 'peer' }];
	});
	const [first] = figures;
	if (first === undefined || distributions.length === 0) return [];
	const { measure, unit } = first;
	const svg = cdfPlot({ title: `${group}: distribution of ${measure}`, unit, distributions });
	return [{ caption: `${measure}, distribution`, svg }];
}

/** Only where there are two to compare, or one with its floor. */
function barsOf(group: string, figures: readonly Figure[], all: readonly Figure[]): Plot[] {
	const [first] = figures;
	const bars = figures.flatMap((figure) => {
		const { subject, value, interval } = figure;
		if (isFloor(figure) || value === undefined) return [];
		return [{ subject, value, own: isOwn(figure), ...(interval === undefined ? {} : { interval }) }];
	});
	const floor = all.find((figure) => isFloor(figure) && figure.measure === first?.measure)?.value;
	if (first === undefined || bars.length + (floor === undefined ? 0 : 1) < 2) return [];
	const { measure, unit } = first;
	const svg = barPlot({ title: `${group}: ${measure}`, unit, bars, ...(floor === undefined ? {} : { floor }) });
	return [{ caption: `${measure}${wayOf(first)}`, svg }];
}

function wayOf({ better }: Figure): string {
	return better === 'neither' ? '' : ` (${better} is better)`;
}
