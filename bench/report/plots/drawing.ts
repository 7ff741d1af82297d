import { type Content, type Markup, markup } from '../markup.ts';
import type { Scale } from './scale.ts';

/**
 * All drawings are so many units wide: a unit is a pixel on a phone, and 1.4 of one on a desk. So is the type's size in them
 * readable on both.
 */
export const WIDTH = 360;

/** A subject's name in a drawing has room for so many characters. */
const NAME_CHARACTERS = 46;

/** A whole drawing; `title` and `summary` are what it says to those who do not see it. */
export function drawing(title: string, summary: string, height: number, content: Content): Markup {
	// One document holds many drawings: a name of its own each would have to be handed through all of them, a label need not be.
	return markup`<svg class="plot" role="img" viewBox="0 0 ${WIDTH} ${round(height)}" aria-label="${title}. ${summary}">
<title>${title}</title>
${content}
</svg>`;
}

/** Words at a place; `anchor` says which end of them is there. */
export function words(
	x: number,
	y: number,
	content: string,
	{ anchor = 'start', style = '' }: { anchor?: 'start' | 'middle' | 'end'; style?: string } = {},
): Markup {
	return markup`<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" class="${style}">${content}</text>\n`;
}

export function line(x1: number, y1: number, x2: number, y2: number, style: string): Markup {
	return markup`<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${style}"/>\n`;
}

/** Vertical grid lines from `top` to `bottom`, with their values below. */
export function columnsOf(scale: Scale, top: number, bottom: number): Markup[] {
	return scale.ticks.flatMap((tick) => {
		const x = scale.place(tick);
		return [
			line(x, top, x, bottom, 'grid'),
			words(x, bottom + 13, String(tick), { anchor: anchorAt(x), style: 'tick' }),
		];
	});
}

/** Words in the middle of a place, but at the edges, where they would stick out. */
function anchorAt(x: number): 'start' | 'middle' | 'end' {
	if (x < 12) return 'start';
	return x > WIDTH - 14 ? 'end' : 'middle';
}

/** The name, shortened where it has no room. */
export function shortened(name: string, characters: number = NAME_CHARACTERS): string {
	return name.length <= characters ? name : `${name.slice(0, characters - 1)}…`;
}

/** Two decimals are finer than any eye. */
export function round(place: number): number {
	return Math.round(place * 100) / 100;
}
