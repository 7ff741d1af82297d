import { compareRuns, type Judged } from '../../../../bench/report/compare/compare.ts';
import type { Run } from '../../../../bench/report/run.ts';
import { type Making, seededRun } from '../seededrun.ts';

/*
 * Compares many pairs of runs and prints how often something is found, as JSON. A program of its own, for jest's sandbox makes each
 * use of a global slow: there it takes three times as long.
 *   trials.ts alarms TRIALS MAKING   in how many pairs of runs of the same code something is called changed
 *   trials.ts changes FACTOR         for each of 20 pairs: how many figures of ours are judged as the factor says
 */
const [what, number = '', making = '{}'] = process.argv.slice(2);
const count = Number(number);
console.log(JSON.stringify(what === 'alarms' ? falseAlarms(count, JSON.parse(making)) : changesFound(count)));

function changesBetween(a: Run, b: Run): Judged[] {
	return compareRuns(a, b).judged.filter(({ verdict }) => ['better', 'worse', 'different'].includes(verdict));
}

function falseAlarms(trials: number, making: Omit<Making, 'seed'>): number {
	const pairs = Array.from({ length: trials }, (_, trial) => {
		const run = (seed: number): Run => seededRun({ ...making, seed, bare: true });
		return changesBetween(run(2 * trial), run(2 * trial + 1));
	});
	return pairs.filter((changes) => changes.length > 0).length;
}

function changesFound(factor: number): number[] {
	const wanted = factor > 1 ? 'worse' : 'better';
	return Array.from({ length: 20 }, (_, trial) => {
		const a = seededRun({ seed: 1000 + 2 * trial, wander: 0.005, bare: true });
		const b = seededRun({ seed: 1001 + 2 * trial, wander: 0.005, bare: true, cost: { innkeeper: factor } });
		const changes = changesBetween(a, b);
		return changes.filter(({ name, verdict }) => name.includes('/innkeeper/') && verdict === wanted).length;
	});
}
