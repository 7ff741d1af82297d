import { type Figure, isMet } from '../../figure.ts';
import { type Markup, markup } from '../markup.ts';
import { budgetCell, valueCell } from './table.ts';

const verdicts = [
	{ met: false, name: 'missed', style: 'bad', sign: '✗' },
	{ met: undefined, name: 'not measured', style: 'soft', sign: '–' },
	{ met: true, name: 'met', style: 'good', sign: '✓' },
] as const;

/** How many budgets were met, missed and not measured, and each of them, the missed first. */
export function budgetSection(figures: readonly Figure[]): Markup {
	const withBudget = figures.filter(({ budget }) => budget !== undefined);
	if (withBudget.length === 0) return markup`<p class="soft">No figure of this run has a budget.</p>`;
	const sorted = verdicts.map((verdict) => ({
		...verdict,
		figures: withBudget.filter((figure) => isMet(figure) === verdict.met),
	}));
	return markup`<section>
<h2 id="budgets">Budgets</h2>
<ul class="counts">
${sorted.toReversed().map(({ name, style, sign, figures: { length } }) => markup`<li><b class="${length === 0 ? 'soft' : style}">${sign} ${length}</b>${name}</li>\n`)}</ul>
<table>
<thead><tr><th scope="col">figure</th><th scope="col" class="number">measured</th><th scope="col" class="number">budget</th><th scope="col">verdict</th></tr></thead>
<tbody>
${sorted.map(({ name, style, figures: alike }) => alike.map((figure) => row(figure, name, style)))}</tbody>
</table>
</section>`;
}

function row(figure: Figure, verdict: string, style: string): Markup {
	const { bench, group, subject, measure, value, note } = figure;
	const name = markup`${subject}: ${measure}<span class="note">${group} (<a href="#bench-${bench}">${bench}</a>)</span>`;
	return markup`<tr><th scope="row">${name}${value === undefined && note !== undefined ? markup`<span class="note">${note}</span>` : undefined}</th><td class="number">${valueCell(figure)}</td><td class="number">${budgetCell(figure)}</td><td class="verdict"><span class="${style}">${verdict}</span></td></tr>\n`;
}
