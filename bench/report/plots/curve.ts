import { type Markup, markup } from '../markup.ts';
import { quantity } from '../number.ts';
import { columnsOf, drawing, line, round, shortened, WIDTH, words } from './drawing.ts';
import { linearScale, logScale } from './scale.ts';

/** What a setting costs in memory, and what its visitors wait. */
export interface Setting {
	readonly name: string;
	/** In MiB, above zero. */
	readonly memory: number;
	/** In ms, at least zero. */
	readonly p99: number;
}

const LEFT = 40;
const TOP = 22;
const BOTTOM = 210;
const LEGEND_ROW = 15;
/** Of the axes beyond the outermost points, so that these do not lie on the frame. */
const MARGIN = 1.25;

/** A numbered point a setting, memory against p99, by logarithm unless somebody waits for nothing; a line joins those that none beats in both. */
export function curvePlot(title: string, settings: readonly Setting[]): Markup {
	const [memories, waits] = [settings.map(({ memory }) => memory), settings.map(({ p99 }) => p99)];
	const across = logScale(Math.min(...memories) / MARGIN, Math.max(...memories) * MARGIN, [LEFT, WIDTH - 6]);
	const [least, most] = [Math.min(...waits), Math.max(...waits)];
	const up =
		least > 0 ? logScale(least / MARGIN, most * MARGIN, [BOTTOM, TOP]) : linearScale(0, most * MARGIN, [BOTTOM, TOP]);
	const best = frontier(settings);
	const isBest = settings.map((setting) => best.includes(setting));
	const path = best.map(({ memory, p99 }) => `${round(across.place(memory))} ${round(up.place(p99))}`).join('L');
	const points = settings.map((setting, i) => {
		const [x, y] = [across.place(setting.memory), up.place(setting.p99)];
		const style = isBest[i] ? 'point best' : 'point';
		return [
			markup`<circle cx="${round(x)}" cy="${round(y)}" r="8" class="${style}"><title>${inWords(setting)}</title></circle>\n`,
			words(x, y + 4, String(i + 1), { anchor: 'middle', style: `${style} label` }),
		];
	});
	const legend = settings.map((setting, i) => {
		const y = BOTTOM + 46 + i * LEGEND_ROW;
		return [
			words(16, y, String(i + 1), { anchor: 'end', style: 'own' }),
			words(24, y, shortened(setting.name, 30), { style: isBest[i] ? 'own' : '' }),
			words(WIDTH - 4, y, `${quantity(setting.memory, 'MiB')}, ${quantity(setting.p99, 'ms')}`, {
				anchor: 'end',
				style: 'tick',
			}),
		];
	});
	return drawing(title, settings.map(inWords).join('; '), BOTTOM + 44 + settings.length * LEGEND_ROW, [
		words(2, 11, `ms that 99 of 100 visitors wait at most${least > 0 ? ', logarithmic' : ''}`, { style: 'tick' }),
		up.ticks.map((tick) => [
			line(LEFT, up.place(tick), WIDTH - 6, up.place(tick), 'grid'),
			words(LEFT - 5, up.place(tick) + 4, String(tick), { anchor: 'end', style: 'tick' }),
		]),
		columnsOf(across, TOP, BOTTOM),
		words(LEFT, BOTTOM + 28, 'MiB of memory, logarithmic', { style: 'tick' }),
		markup`<path d="M${path}" class="curve own"/>\n`,
		// The best lie above the others.
		points.filter((_, i) => !isBest[i]),
		points.filter((_, i) => isBest[i]),
		legend,
	]);
}

/** The settings that no other beats in memory and waiting at once, by memory. */
export function frontier(settings: readonly Setting[]): Setting[] {
	const byMemory = [...settings].sort((a, b) => a.memory - b.memory || a.p99 - b.p99);
	let least = Number.POSITIVE_INFINITY;
	return byMemory.filter(({ p99 }) => {
		if (p99 >= least) return false;
		least = p99;
		return true;
	});
}

function inWords({ name, memory, p99 }: Setting): string {
	return `${name}: ${quantity(memory, 'MiB')}, ${quantity(p99, 'ms')}`;
}
