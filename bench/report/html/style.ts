/**
 * The page's whole style. Hues are Okabe and Ito's (2008), which the colour-blind tell apart, darker on white and lighter on black;
 * whatever a colour says, words, dashes or signs say too.
 */
export const style: string = `
:root {
	color-scheme: light dark;
	--paper: #fff; --raised: #f5f6f8; --ink: #1b1f24; --soft: #59636e; --rule: #d6dae0;
	--own: #0063a8; --bar: #a9b4c0; --good: #00704f; --bad: #b03a00; --floor: #1b1f24;
	--hue0: #c24e00; --hue1: #008a63; --hue2: #a64d85; --hue3: #b07c00; --hue4: #2f95d0; --hue5: #7a5c3e; --hue6: #6b6bd6;
}
@media (prefers-color-scheme: dark) {
	:root {
		--paper: #14171b; --raised: #1e2329; --ink: #e8ebee; --soft: #a3adb8; --rule: #363d46;
		--own: #5db4f5; --bar: #56616d; --good: #3cc79c; --bad: #ff8c4d; --floor: #e8ebee;
		--hue0: #ff8c4d; --hue1: #2cc093; --hue2: #dd94c1; --hue3: #e6b03a; --hue4: #7cc8f2; --hue5: #c2a382; --hue6: #a5a5ff;
	}
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
	margin: 0 auto; padding: 1.5rem clamp(.8rem, 3vw, 2rem) 3rem; max-width: 76rem;
	background: var(--paper); color: var(--ink);
	font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif;
}
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.45rem; line-height: 1.25; margin: 2.8rem 0 .3rem; padding-top: .8rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1.1rem; margin: 1.8rem 0 .5rem; }
p { margin: .3rem 0; max-width: 46rem; }
a { color: var(--own); }
.soft, .note { color: var(--soft); }
.note { display: block; font-size: .84rem; line-height: 1.35; font-weight: 400; overflow-wrap: anywhere; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
nav { margin: .9rem 0 0; display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; }
.counts { display: flex; flex-wrap: wrap; gap: .7rem; margin: .8rem 0; padding: 0; list-style: none; }
.counts li { flex: 1 1 6rem; max-width: 13rem; padding: .5rem .9rem; background: var(--raised); border-radius: .5rem; }
.counts b { display: block; font-size: 1.7rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; margin: .3rem 0 1rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--rule); overflow-wrap: break-word; }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-size: .8rem; color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--soft); }
tbody th { font-weight: 400; }
tbody.measure > tr:first-child > th[colspan] { font-weight: 600; padding-top: .8rem; }
tr.own > th { font-weight: 700; color: var(--own); }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
table.matrix th.number { white-space: normal; }
.half { color: var(--soft); }
.whole { white-space: nowrap; }
td.verdict { white-space: nowrap; }
.tablets:not(.beside) > .table, #budgets ~ table { max-width: 50rem; }
.tablets { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 2.5rem; }
@media (min-width: 60rem) { .tablets.beside { grid-template-columns: minmax(0, 1fr) minmax(0, 31rem); } }
figure { margin: .6rem 0 1.4rem; max-width: 31rem; }
figcaption { font-size: .9rem; font-weight: 600; margin-bottom: .3rem; }
.plots.many { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: .4rem 2rem; align-items: start; }
dl { display: grid; grid-template-columns: fit-content(40%) minmax(0, 1fr); gap: .2rem 1rem; font-size: .93rem; }
dt { color: var(--soft); overflow-wrap: anywhere; }
dd { margin: 0; overflow-wrap: anywhere; }
svg.plot { display: block; width: 100%; height: auto; font: 11px system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif; }
/* The paper around letters keeps lines from running through them. */
svg text { fill: var(--ink); stroke: var(--paper); stroke-width: 3px; paint-order: stroke; stroke-linejoin: round; font-variant-numeric: tabular-nums; }
svg text.tick { fill: var(--soft); font-size: 10px; }
svg text.own { font-weight: 700; }
svg .grid { stroke: var(--rule); stroke-width: .7; }
svg .bar { fill: var(--bar); }
svg .bar.own { fill: var(--own); }
svg .whisker { stroke: var(--ink); stroke-width: 1.3; fill: none; }
svg .floor { stroke: var(--floor); stroke-width: 1.3; stroke-dasharray: 2 3; }
svg .curve { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
svg .curve.own { stroke: var(--own); stroke-width: 2.6; }
svg .dash1 { stroke-dasharray: 7 3; } svg .dash2 { stroke-dasharray: 3 2.5; } svg .dash3 { stroke-dasharray: 9 3 2 3; }
svg .hue0 { stroke: var(--hue0); } svg .hue1 { stroke: var(--hue1); } svg .hue2 { stroke: var(--hue2); } svg .hue3 { stroke: var(--hue3); }
svg .hue4 { stroke: var(--hue4); } svg .hue5 { stroke: var(--hue5); } svg .hue6 { stroke: var(--hue6); }
svg .curve.floor { stroke: var(--floor); stroke-width: 1.5; stroke-dasharray: 1.5 3; }
svg circle.point { fill: var(--paper); stroke: var(--soft); stroke-width: 1.3; }
svg circle.point.best { fill: var(--own); stroke: var(--own); }
svg text.point.label { font-size: 10px; font-weight: 700; stroke: none; } svg text.point.best.label { fill: var(--paper); }
@media (max-width: 30rem) {
	body { font-size: 15px; }
	th, td { padding-right: .55rem; }
	td.number { white-space: normal; }
	td.number .good, td.number .bad { display: block; }
	table { font-size: .87rem; }
	h1 { font-size: 1.6rem; }
}
@page { margin: 14mm; }
@media print {
	:root {
		color-scheme: light;
		--paper: #fff; --raised: #f5f6f8; --ink: #1b1f24; --soft: #59636e; --rule: #d6dae0;
		--own: #0063a8; --bar: #a9b4c0; --good: #00704f; --bad: #b03a00; --floor: #1b1f24;
		--hue0: #c24e00; --hue1: #008a63; --hue2: #a64d85; --hue3: #b07c00; --hue4: #2f95d0; --hue5: #7a5c3e; --hue6: #6b6bd6;
	}
	body { font-size: 10.5pt; padding: 0; max-width: none; }
	* { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
	nav { display: none; }
	/* Grids do not break well between pages. */
	.tablets, .tablets.beside, .plots, .plots.many { display: block; }
	.plots figure { display: inline-block; width: 47%; margin-right: 2.5%; vertical-align: top; }
	h2, h2 + p, h3, figcaption, tbody.measure > tr:first-child { break-after: avoid; }
	figure, tr { break-inside: avoid; }
	thead { display: table-header-group; }
}
`.trim();
