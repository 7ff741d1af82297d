import { type Figure, isMet } from '../../figure.ts';
import { type Content, type Markup, markup } from '../markup.ts';
import { budgetText, number, quantity } from '../number.ts';
import { isOwn } from '../subject.ts';

/** The figures of one group, measure by measure, a row a subject; columns that would be empty are left out. */
export function figureTable(group: string, figures: readonly Figure[]): Markup {
	const columns = allColumns.filter(({ isUsed }) => figures.some(isUsed));
	const measures = Map.groupBy(figures, ({ measure }) => measure);
	return markup`<table aria-label="${group}">
<thead><tr><th scope="col">whose</th>${columns.map(({ head }) => markup`<th scope="col" class="number">${head}</th>`)}</tr></thead>
${[...measures].map(
	([measure, alike]) => markup`<tbody class="measure">
<tr><th colspan="${columns.length + 1}" scope="rowgroup">${measure}</th></tr>
${alike.map((figure) => row(figure, columns))}</tbody>
`,
)}</table>`;
}

interface Column {
	readonly head: string;
	isUsed(figure: Figure): boolean;
	cell(figure: Figure): Content;
}

const allColumns: readonly Column[] = [
	{ head: 'median ± 95 %', isUsed: () => true, cell: valueCell },
	{
		head: '/ floor',
		isUsed: ({ overFloor }) => overFloor !== undefined,
		cell: ({ overFloor }) => (overFloor === undefined ? undefined : whole(`${number(overFloor.value)} ×`)),
	},
	{
		head: 'budget',
		isUsed: ({ budget }) => budget !== undefined,
		cell: (figure) => [budgetCell(figure), verdict(figure)],
	},
];

function row(figure: Figure, columns: readonly Column[]): Markup {
	const { subject, unit, budget, note } = figure;
	const style = isOwn(figure) ? 'own' : 'other';
	if (figure.value === undefined) {
		const reason = note === undefined ? 'not measured' : `not measured: ${note}`;
		const limit = budget === undefined ? undefined : ` (budget ${budgetText(budget, unit)})`;
		return markup`<tr class="${style}"><th scope="row">${subject}</th><td colspan="${columns.length}" class="soft">${reason}${limit}</td></tr>\n`;
	}
	const below = note === undefined ? undefined : markup`<span class="note">${note}</span>`;
	const cells = columns.map(({ cell }) => markup`<td class="number">${cell(figure)}</td>`);
	return markup`<tr class="${style}"><th scope="row">${subject}${below}</th>${cells}</tr>\n`;
}

/** A figure's value with half the width of its interval; where there is little room it breaks between the two. */
export function valueCell({ value, unit, interval }: Figure): Content {
	if (value === undefined) return '–';
	if (interval === undefined) return whole(quantity(value, unit));
	const half = (interval.high - interval.low) / 2;
	return markup`${number(value)} <span class="whole"><span class="half">± ${number(half)}</span> ${unit}</span>`;
}

export function budgetCell({ budget, unit }: Figure): Content {
	return budget === undefined ? undefined : whole(budgetText(budget, unit));
}

/** Words that are not broken. */
function whole(words: string): Markup {
	return markup`<span class="whole">${words}</span>`;
}

function verdict(figure: Figure): Markup | undefined {
	const met = isMet(figure);
	if (met === undefined) return undefined;
	return markup` <span class="${met ? 'good' : 'bad'}">${met ? 'met' : 'missed'}</span>`;
}
