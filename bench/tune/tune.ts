import { availableParallelism } from 'node:os';
import type { Bench } from '../bench.ts';
import type { About, Figure } from '../figure.ts';
import { DAY_MS, dayOf, smallHost } from '../load/arrivals/day.ts';
import { medianOf } from '../method/estimates.ts';
import { quantile } from '../method/statistics.ts';
import { type Kind, type Measured, measureCosts } from './costs.ts';
import { curveOf } from './curve.ts';
import { type Ladder, rungs } from './ladder.ts';
import { settingsFor } from './settings.ts';
import { type Outcome, simulate } from './simulate.ts';
import { tableOf } from './table.ts';

const KINDS: readonly Kind[] = ['static C', 'Node hello', 'Python http.server'];
const SEED = 1;
/** What `starts.atOnce` is by default; a start is work for a CPU, so no more make progress than there are of these. */
export const STARTS_AT_ONCE: number = Math.min(4, availableParallelism());

/** What each choice of idle timers costs: a day of a thousand tenants, simulated with the wake costs and memory of this machine. */
export async function tune(bench: Bench): Promise<void> {
	const measured = await measureCosts(bench, KINDS, bench.quick ? 10 : 30);
	bench.progress('a day passes');
	const arrivals = dayOf(smallHost, SEED);
	const pages: string[] = [];
	for (const one of measured) {
		reportCosts(bench, one);
		if ('missing' in one) continue;
		const { ladder } = one;
		const world = {
			tenants: smallHost.tenants,
			length: DAY_MS,
			ladder,
			startsAtOnce: STARTS_AT_ONCE,
		};
		const outcomes = settingsFor(ladder).map((setting) => simulate(arrivals, setting, world));
		const group = `${smallHost.tenants.toLocaleString('en')} ${ladder.tenant} tenants, a day`;
		for (const outcome of outcomes) for (const figure of figuresOf(group, outcome)) bench.report(figure);
		pages.push('', `${group}: ${arrivals.length.toLocaleString('en')} requests`, ...tableOf(outcomes, ladder));
		pages.push('', ...curveOf(outcomes.map((outcome) => pointOf(outcome))));
	}
	const absent = rungs.map(({ name }) => name).filter((name) => measured.every((one) => !isBuilt(one, name)));
	if (absent.length > 0) pages.push('', `not built yet, take no part: ${absent.join(', ')}`);
	for (const line of pages) console.log(`  ${line}`.trimEnd());
}

function pointOf({ setting, memory, waits }: Outcome): { name: string; memory: number; p99: number } {
	return { name: setting, memory: memory.mean, p99: quantile(waits, 0.99) };
}

function figuresOf(group: string, outcome: Outcome): Figure[] {
	const { setting, memory, waits, met, launches } = outcome;
	const about = (measure: string, unit: string, better: About['better']): About => {
		return { bench: 'tune', group, subject: setting, measure, unit, better };
	};
	return [
		{ ...about('memory', 'MiB', 'less'), value: memory.mean },
		{ ...about('memory peak', 'MiB', 'less'), value: memory.peak },
		{ ...about('p99', 'ms', 'less'), value: quantile(waits, 0.99) },
		{ ...about('launches', '', 'less'), value: launches },
		{ ...about('warm share', '%', 'more'), value: (100 * met.ready) / waits.length },
	];
}

/** What the simulation goes by: the ladder of one kind of tenant, rung by rung. */
function reportCosts(bench: Bench, one: Measured): void {
	const tenant = 'ladder' in one ? one.ladder.tenant : one.tenant;
	const about = (subject: string, measure: string, unit: string): About => {
		return { bench: 'tune', group: `a ${tenant} tenant`, subject, measure, unit, better: 'less' };
	};
	if ('missing' in one) {
		bench.report({ ...about('ready', 'memory', 'MiB'), value: undefined, note: one.missing });
		return;
	}
	bench.report({ ...about('ready', 'memory', 'MiB'), value: one.ladder.memory, note: 'Pss of one of four' });
	for (const { name } of rungs) bench.report({ ...about(name, 'added wait', 'ms'), ...wakesOf(one.ladder, name) });
}

function wakesOf(ladder: Ladder, name: keyof Ladder['rungs']): Pick<Figure, 'value' | 'note'> {
	const wakes = ladder.rungs[name]?.wakes;
	return wakes === undefined ? { value: undefined, note: 'not built yet' } : medianOf(wakes);
}

function isBuilt(one: Measured, name: keyof Ladder['rungs']): boolean {
	return 'ladder' in one && one.ladder.rungs[name] !== undefined;
}
