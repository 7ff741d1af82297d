import { median, quantile } from '../../method/statistics.ts';
import { type Markup, markup } from '../markup.ts';
import { quantity } from '../number.ts';
import { columnsOf, drawing, line, round, shortened, WIDTH, words } from './drawing.ts';
import { logScale } from './scale.ts';

export interface Distribution {
	readonly subject: string;
	/** All above zero. */
	readonly samples: readonly number[];
	readonly kind: 'own' | 'floor' | 'peer';
}

export interface Cdf {
	readonly title: string;
	readonly unit: string;
	readonly distributions: readonly Distribution[];
}

const LEFT = 34;
const TOP = 8;
const BOTTOM = 190;
const LEGEND_ROW = 15;
/** Beyond this the right edge is not drawn: one wake that took ten times as long would press all others to the left. */
const SHOWN = 0.995;

/** Which part of the samples took at most so long, by the logarithm of it: a line a subject, told apart by colour and by dashes. */
export function cdfPlot({ title, unit, distributions }: Cdf): Markup {
	const sorted = distributions.map(({ samples }) => Float64Array.from(samples).sort());
	const low = Math.min(...sorted.map(([least = 1]) => least));
	const high = Math.max(...sorted.map((samples) => quantile(samples, SHOWN)));
	const across = logScale(low, high, [LEFT, WIDTH - 6]);
	const up = (part: number): number => BOTTOM - part * (BOTTOM - TOP);
	const rows = [0, 0.25, 0.5, 0.75, 0.9, 1].map((part) => [
		line(LEFT, up(part), WIDTH - 6, up(part), 'grid'),
		words(LEFT - 5, up(part) + 4, `${part * 100} %`, { anchor: 'end', style: 'tick' }),
	]);
	const styles = stylesOf(distributions);
	const curves = sorted.map((samples, i) => {
		const path = stairs(samples, high, across.place, up);
		return markup`<path d="${path}" class="curve ${styles[i]}"><title>${distributions[i]?.subject}</title></path>\n`;
	});
	const legend = distributions.map(({ subject, samples, kind }, i) => {
		const y = BOTTOM + 45 + i * LEGEND_ROW;
		return [
			line(4, y - 4, 32, y - 4, `curve ${styles[i]}`),
			words(LEFT + 4, y, shortened(subject, 38), { style: kind === 'own' ? 'own' : '' }),
			words(WIDTH - 4, y, quantity(median(samples), unit), { anchor: 'end', style: 'tick' }),
		];
	});
	const summary = distributions.map(({ subject, samples }, i) => {
		const ordered = sorted[i] ?? Float64Array.from(samples);
		const [half, most] = [0.5, 0.9].map((part) => quantity(quantile(ordered, part), unit));
		return `${subject}: half within ${half}, 90 % within ${most}`;
	});
	return drawing(title, summary.join('; '), BOTTOM + 42 + distributions.length * LEGEND_ROW, [
		columnsOf(across, TOP, BOTTOM),
		rows,
		// Innkeeper's own lie above the others'.
		curves.filter((_, i) => distributions[i]?.kind !== 'own'),
		curves.filter((_, i) => distributions[i]?.kind === 'own'),
		words(LEFT, BOTTOM + 28, `${unit}, logarithmic`, { style: 'tick' }),
		words(WIDTH - 4, BOTTOM + 28, 'median', { anchor: 'end', style: 'tick' }),
		legend,
	]);
}

/** The path of the share that lies at or below each value, cut at `high`. */
function stairs(
	sorted: Float64Array,
	high: number,
	across: (value: number) => number,
	up: (part: number) => number,
): string {
	const steps = [`M${round(across(sorted[0] ?? high))} ${round(up(0))}`];
	// More steps than the drawing has points cannot be seen.
	const stride = Math.max(1, Math.floor(sorted.length / WIDTH));
	for (let i = 0; i < sorted.length; i += stride) {
		const value = sorted[i] ?? high;
		if (value > high) return [...steps, `H${round(across(high))}`].join('');
		steps.push(`H${round(across(value))}V${round(up(Math.min(1, (i + stride) / sorted.length)))}`);
	}
	return [...steps, `H${round(across(high))}`].join('');
}

const HUES = 7;
const DASHES = 4;

/** Two cycles that do not divide each other: 28 peers look different, and neighbours differ in both. */
function stylesOf(distributions: readonly Distribution[]): string[] {
	let peers = 0;
	let own = 0;
	return distributions.map(({ kind }) => {
		if (kind === 'floor') return 'floor';
		if (kind === 'own') return `own dash${own++ % DASHES}`;
		const style = `hue${peers % HUES} dash${peers % DASHES}`;
		peers++;
		return style;
	});
}
