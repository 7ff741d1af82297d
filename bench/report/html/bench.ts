import type { Figure } from '../../figure.ts';
import { noiseWords } from '../../method/noise.ts';
import { type Markup, markup } from '../markup.ts';
import { type Plot, plotsOf } from '../plots/choose.ts';
import type { Run } from '../run.ts';
import { figureMatrix } from './matrix.ts';
import { figureTable } from './table.ts';

/** All of one bench: how noisy the machine was, then a table and the drawings of each group. */
export function benchSection(bench: string, { noise, broken, figures }: Run): Markup {
	const groups = Map.groupBy(
		figures.filter((figure) => figure.bench === bench),
		({ group }) => group,
	);
	const verdict = noise.find((one) => one.bench === bench);
	const failure = broken.find((one) => one.bench === bench);
	return markup`<section>
<h2 id="bench-${bench}">${bench}</h2>
${verdict === undefined ? undefined : markup`<p class="soft"><span class="${verdict.noisy ? 'bad' : 'good'}">${verdict.noisy ? 'Noisy' : 'Quiet'}:</span> ${noiseWords(verdict)}</p>`}
${failure === undefined ? undefined : markup`<p><span class="bad">Broke:</span> ${failure.reason}</p>`}
${[...groups].map(([group, its]) => groupPart(group, its))}
</section>
`;
}

/** Few drawings stand beside the table where the page is wide, many below it. */
const BESIDE = 2;

function groupPart(group: string, figures: readonly Figure[]): Markup {
	const plots = plotsOf(group, figures);
	const few = plots.length > 0 && plots.length <= BESIDE;
	return markup`<h3>${group}</h3>
<div class="${few ? 'tablets beside' : 'tablets'}">
<div class="table">${figureMatrix(group, figures) ?? figureTable(group, figures)}</div>
<div class="${few ? 'plots' : 'plots many'}">${plots.map(plotFigure)}</div>
</div>
`;
}

function plotFigure({ caption, svg }: Plot): Markup {
	return markup`<figure><figcaption>${caption}</figcaption>
${svg}
</figure>
`;
}
