import type { Figure } from '../../figure.ts';
import { number, quantity } from '../number.ts';
import { type Paint, plain } from '../paint.ts';
import { WIDTH, wrap } from '../table.ts';
import type { Comparison, Judged, Turned } from './compare.ts';

/** How the verdicts come about, for whoever reads them. */
export const METHOD: string = [
	'Rounds of one run share the mood of the machine, so a figure is never compared bare: it is taken relative',
	'to its floor, else to the peers of its group, round by round, unless it is a ratio already. The change is the ratio of',
	'both runs; its spread is that of the rounds (block bootstrap of the median, mean or percentile that the figure is) plus',
	'what ratios wander from run to run by themselves: 1.5 % at first, and more or less where this bench’s peers, whose code is',
	'the same in both, are seen to wander so. Student’s t gives p and the 95 % interval; Holm’s correction keeps',
	'the chance that a comparison of identical code names anything at all below 5 %. Changed means: corrected p < 0.05, and the',
	'whole interval beyond 3 % (1.03 or 1 / 1.03). Floors and peers are the yardstick and are not judged. Bare values that',
	'moved while their relation did not moved with the machine. Counts are changed where they cross their budget.',
].join(' ');

/** The whole answer for people. */
export function comparisonLines(comparison: Comparison, paint: Paint = plain): string[] {
	const { judged, turned, unjudged, onlyA, onlyB, warnings } = comparison;
	const changed = judged.filter(({ verdict }) => verdict !== 'unchanged' && verdict !== 'with the machine');
	const lines = warnings.map((warning) => paint('bad', `beware: ${warning}`));
	if (changed.length + turned.length === 0) lines.push(paint('head', 'nothing changed beyond noise'));
	for (const [group, rows] of Map.groupBy([...changed, ...turned], ({ figure }) => `${figure.bench} · ${figure.group}`))
		lines.push(
			headLine(group, paint),
			...rows.flatMap((row) => ('ratio' in row ? changeLines(row, paint) : turnLines(row, paint))),
		);
	const withMachine = judged.filter(({ verdict }) => verdict === 'with the machine').length;
	const unchanged = judged.length - changed.length - withMachine;
	lines.push(
		'',
		`${unchanged} unchanged, ${withMachine} moved with the machine, ${changed.length + turned.length} changed`,
	);
	for (const [reason, names] of Object.entries(unjudged)) lines.push(`${names.length} not judged: ${reason}`);
	for (const [which, names] of [
		['A', onlyA],
		['B', onlyB],
	] as const)
		if (names.length > 0) lines.push(`only in ${which}:`, ...names.map((name) => `  ${name}`));
	return [...lines, '', ...wrap(METHOD, WIDTH).map((line) => paint('aside', line))];
}

/** Widths of the columns; with the bare values they fill a terminal. */
const columns = { verdict: 9, name: 26, change: 8, interval: 19, p: 7 } as const;
const GAP = '  ';

function headLine(group: string, paint: Paint): string {
	const { verdict, name, change, interval, p } = columns;
	const start = `${group} `.padEnd(verdict + GAP.length + name);
	const heads = ['change'.padStart(change), '95 %'.padStart(interval), 'p'.padStart(p), 'bare'].join(GAP);
	const asideHeads = paint('aside', heads);
	if (start.length <= verdict + GAP.length + name) return `${paint('head', start)}${GAP}${asideHeads}`;
	return `${paint('head', group)}\n${' '.repeat(verdict + GAP.length + name)}${GAP}${asideHeads}`;
}

function changeLines({ figure, before, after, against, ratio, p, verdict }: Judged, paint: Paint): string[] {
	const cells = [
		percent(ratio.value).padStart(columns.change),
		`${percent(ratio.low)} … ${percent(ratio.high)}`.padStart(columns.interval),
		probability(p).padStart(columns.p),
		bareWords(before, after, figure.unit),
	];
	const held =
		against.length === 0
			? []
			: [paint('aside', `${' '.repeat(columns.verdict)}${GAP}relative to ${heldWords(against)}`)];
	return [...rowLines(figure, verdict, cells.join(GAP), paint), ...held];
}

function turnLines({ figure, before, after, verdict }: Turned, paint: Paint): string[] {
	const turn = verdict === 'worse' ? 'misses its budget now' : 'meets its budget now';
	return rowLines(figure, verdict, `${bareWords(before, after, figure.unit)}: ${turn}`, paint);
}

/** A name that has no room stands in a line of its own. */
function rowLines({ subject, measure }: Figure, verdict: Judged['verdict'], cells: string, paint: Paint): string[] {
	const name = `${subject} · ${measure}`;
	const start = paint(
		verdict === 'better' ? 'good' : verdict === 'worse' ? 'bad' : 'head',
		verdict.padEnd(columns.verdict),
	);
	if (name.length <= columns.name) return [`${start}${GAP}${name.padEnd(columns.name)}${GAP}${cells}`];
	return [`${start}${GAP}${name}`, `${' '.repeat(columns.verdict + GAP.length + columns.name)}${GAP}${cells}`];
}

function bareWords(before: number, after: number, unit: string): string {
	return `${number(before)} → ${quantity(after, unit)}`;
}

function heldWords(against: readonly string[]): string {
	return against.length <= FEW ? against.join(', ') : `its ${against.length} peers`;
}

/** So many names have room in a line. */
const FEW = 3;

function percent(ratio: number): string {
	const change = (ratio - 1) * 100;
	return `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(1)} %`;
}

function probability(p: number): string {
	return p < 0.001 ? '< 0.001' : p.toFixed(3);
}
