import { type Budget, type Figure, isMet } from '../figure.ts';

/** The line above the figures of one workload. */
export function groupLine({ group }: Figure): string {
	return `  ${group}`;
}

/** One line for people: whose, what, value, over its floor, budget and whether it is met, note. */
export function figureLine(figure: Figure): string {
	const { subject, measure, unit, budget, overFloor, note } = figure;
	const parts = [
		subject.padEnd(SUBJECT_WIDTH),
		measure.padEnd(MEASURE_WIDTH),
		valueText(figure).padStart(VALUE_WIDTH),
		(overFloor === undefined ? '' : `${number(overFloor.value)} × floor`).padStart(FLOOR_WIDTH),
		(budget === undefined ? '' : budgetText(budget, unit)).padEnd(BUDGET_WIDTH),
		verdicts[String(isMet(figure)) as keyof typeof verdicts],
	];
	return `    ${parts.join('  ')}${note === undefined ? '' : `  ${note}`}`.trimEnd();
}

/** The closing line: how many budgets were met, and which were missed. */
export function summaryLine(figures: readonly Figure[]): string {
	const judged = figures.filter((figure) => isMet(figure) !== undefined);
	const missed = judged.filter((figure) => isMet(figure) === false);
	const unmeasured = figures.filter((figure) => figure.value === undefined);
	const words = [`${judged.length - missed.length} of ${judged.length} budgets met`];
	if (missed.length > 0) words.push(`missed: ${missed.map(inWords).join('; ')}`);
	if (unmeasured.length > 0) words.push(`not measured: ${unmeasured.map(inWords).join('; ')}`);
	return words.join(' · ');
}

const SUBJECT_WIDTH = 24;
const MEASURE_WIDTH = 26;
const VALUE_WIDTH = 26;
const FLOOR_WIDTH = 14;
const BUDGET_WIDTH = 14;
const verdicts = { true: 'met   ', false: 'MISSED', undefined: '      ' } as const;

function inWords({ group, subject, measure }: Figure): string {
	return `${group}, ${subject}, ${measure}`;
}

function valueText({ value, unit, interval }: Figure): string {
	if (value === undefined) return 'not measured';
	const spread = interval === undefined ? '' : ` ± ${number((interval.high - interval.low) / 2)}`;
	return `${number(value)}${spread} ${unit}`;
}

function budgetText({ atMost, atLeast }: Budget, unit: string): string {
	const sides = [];
	if (atLeast !== undefined) sides.push(`≥ ${number(atLeast)} ${unit}`);
	if (atMost !== undefined) sides.push(`≤ ${number(atMost)} ${unit}`);
	return sides.join(', ');
}

/** Whole where it is big or whole, else two decimals: no bench here is more precise than that. */
function number(value: number): string {
	return Number.isInteger(value) || Math.abs(value) >= 1000 ? String(Math.round(value)) : value.toFixed(2);
}
