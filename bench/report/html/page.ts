import type { Figure } from '../../figure.ts';
import { Markup, markup } from '../markup.ts';
import type { Run } from '../run.ts';
import { benchSection } from './bench.ts';
import { budgetSection } from './budgets.ts';
import { environmentSection } from './environment.ts';
import { head } from './head.ts';
import { style } from './style.ts';

/** A run as one HTML document that needs nothing beside itself: no network, no script. */
export function page(run: Run): string {
	const benches = benchesOf(run);
	const document = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Innkeeper bench, ${run.environment.at.slice(0, 10)}</title>
<link rel="icon" href="data:,">
<style>
${new Markup(style)}
</style>
</head>
<body>
${head(run, benches)}
<main>
${budgetSection(run.figures)}
${benches.map((bench) => benchSection(bench, run))}
${environmentSection(run.environment)}
</main>
</body>
</html>
`;
	return document.text;
}

/** All that ran or tried to, in the order run. */
function benchesOf({ noise, broken, figures }: Run): string[] {
	return [...new Set([...noise, ...broken, ...figures].map(({ bench }: Pick<Figure, 'bench'>) => bench))];
}
