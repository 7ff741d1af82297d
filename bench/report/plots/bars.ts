import { type Markup, markup } from '../markup.ts';
import { number, quantity } from '../number.ts';
import { columnsOf, drawing, line, round, shortened, WIDTH, words } from './drawing.ts';
import { linearScale } from './scale.ts';

export interface Bar {
	readonly subject: string;
	readonly value: number;
	/** The value's 95 % interval. */
	readonly interval?: { readonly low: number; readonly high: number };
	/** Ours, which is looked for among the others. */
	readonly own: boolean;
}

export interface Bars {
	readonly title: string;
	readonly unit: string;
	readonly bars: readonly Bar[];
	/** The value of what the same costs without anybody in the way. */
	readonly floor?: number;
}

const ROW = 31;
const BAR = 11;
const TOP = 4;

/** A bar a subject from zero, whiskers for its 95 % interval, and a dashed line where the floor is. */
export function barPlot({ title, unit, bars, floor }: Bars): Markup {
	const ends = bars.flatMap(({ value, interval }) => [value, interval?.low ?? value, interval?.high ?? value]);
	const all = [0, ...ends, ...(floor === undefined ? [] : [floor])];
	const scale = linearScale(Math.min(...all), Math.max(...all), [1, WIDTH - 1]);
	const top = TOP + (floor === undefined ? 0 : 15);
	const bottom = top + bars.length * ROW + 2;
	const names = bars.map(({ subject, value, own }, i) => {
		const [y, style] = [top + i * ROW + 13, own ? 'own' : ''];
		const told = words(WIDTH - 2, y, quantity(value, unit), { anchor: 'end', style });
		return [words(2, y, shortened(subject), { style }), told];
	});
	const shapes = bars.map(({ subject, value, interval, own }, i) => {
		const y = top + i * ROW;
		const middle = y + 17 + BAR / 2;
		const [from, to] = [scale.place(Math.min(0, value)), scale.place(Math.max(0, value))];
		const told = valueWords(value, unit, interval);
		return [
			markup`<rect x="${round(from)}" y="${round(y + 17)}" width="${round(Math.max(0.5, to - from))}" height="${BAR}" class="${own ? 'bar own' : 'bar'}"><title>${subject}: ${told}</title></rect>\n`,
			interval === undefined ? undefined : whisker(scale.place(interval.low), scale.place(interval.high), middle),
		];
	});
	const summary = bars.map(({ subject, value, interval }) => `${subject}: ${valueWords(value, unit, interval)}`);
	if (floor !== undefined) summary.unshift(`floor: ${quantity(floor, unit)}`);
	return drawing(title, summary.join('; '), bottom + 19, [
		columnsOf(scale, top, bottom),
		shapes,
		floor === undefined ? undefined : floorLine(scale.place(floor), top, bottom, `floor ${quantity(floor, unit)}`),
		names,
	]);
}

function whisker(low: number, high: number, y: number): Markup {
	const path = `M${round(low)} ${round(y - 3.5)}v7M${round(low)} ${round(y)}H${round(high)}m0 -3.5v7`;
	return markup`<path d="${path}" class="whisker"/>\n`;
}

function floorLine(x: number, top: number, bottom: number, told: string): Markup[] {
	const anchor = x > WIDTH * 0.75 ? 'end' : x < WIDTH * 0.25 ? 'start' : 'middle';
	return [line(x, top, x, bottom, 'floor'), words(x, top - 5, told, { anchor, style: 'tick' })];
}

function valueWords(value: number, unit: string, interval: Bar['interval']): string {
	if (interval === undefined) return quantity(value, unit);
	return `${quantity(value, unit)} (95 %: ${number(interval.low)} to ${number(interval.high)})`;
}
