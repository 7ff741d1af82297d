import type { Figure } from '../../figure.ts';
import { type Markup, markup } from '../markup.ts';
import { quantity } from '../number.ts';
import { isOwn } from '../subject.ts';

/** As many of both as make a list of figures longer than a table of them. */
const LEAST = 3;

/**
 * The figures of one group as a row a subject and a column a measure, to be compared both ways. Undefined where they do not fill such
 * a table, or are more than bare values (intervals, floors, budgets and notes need room: table.ts).
 */
export function figureMatrix(group: string, figures: readonly Figure[]): Markup | undefined {
	const measures = [...new Set(figures.map(({ measure }) => measure))];
	const rows = [...Map.groupBy(figures, ({ subject }) => subject).values()];
	if (measures.length < LEAST || rows.length < LEAST || !figures.every(isBare)) return undefined;
	const isFull = rows.every(
		(row) => row.length === measures.length && row.every(({ measure }, i) => measure === measures[i]),
	);
	if (!isFull) return undefined;
	return markup`<table class="matrix" aria-label="${group}">
<thead><tr><th scope="col">whose</th>${measures.map((measure) => markup`<th scope="col" class="number">${measure}</th>`)}</tr></thead>
<tbody>
${rows.map(
	(
		row,
	) => markup`<tr class="${row.some(isOwn) ? 'own' : 'other'}"><th scope="row">${row[0]?.subject}</th>${row.map(cell)}</tr>
`,
)}</tbody></table>`;
}

function isBare({ value, interval, overFloor, budget, note }: Figure): boolean {
	return value !== undefined && [interval, overFloor, budget, note].every((more) => more === undefined);
}

function cell({ value = 0, unit }: Figure): Markup {
	return markup`<td class="number">${quantity(value, unit)}</td>`;
}
