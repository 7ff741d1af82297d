import { quantile } from '../method/statistics.ts';
import { type Ladder, rungs } from './ladder.ts';
import type { Outcome } from './simulate.ts';

/** A line for each setting under a headline: how many percent of requests met each rung that there is, waits, memory, launches. */
export function tableOf(outcomes: readonly Outcome[], ladder: Ladder): string[] {
	const there = rungs.map(({ name }) => name).filter((name) => ladder.rungs[name] !== undefined);
	const head = ['setting', 'ready', ...there, 'p50', 'p99', 'p99.9', 'memory', 'peak', 'launches'];
	const units = ['', '%', ...there.map(() => '%'), 'ms', 'ms', 'ms', 'MiB', 'MiB', ''];
	const rows = outcomes.map(({ setting, met, waits, memory, launches }) => {
		const share = (count: number): string => ((100 * count) / waits.length).toFixed(2);
		return [
			setting,
			share(met.ready),
			...there.map((name) => share(met[name])),
			...[0.5, 0.99, 0.999].map((part) => quantile(waits, part).toFixed(2)),
			memory.mean.toFixed(1),
			memory.peak.toFixed(1),
			String(launches),
		];
	});
	return aligned([head, units, ...rows]);
}

/** Rows of equal length as lines with columns: the first to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows.map((row) =>
		row
			.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
			.join('  ')
			.trimEnd(),
	);
}
