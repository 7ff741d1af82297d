import { type Budget, type Figure, isMet } from './figure.ts';

/** One line for people: name, value, budget and whether it is met, note. */
export function figureLine(figure: Figure): string {
	const parts = [figure.name.padEnd(NAME_WIDTH), valueText(figure).padStart(VALUE_WIDTH)];
	parts.push((figure.budget === undefined ? '' : budgetText(figure.budget, figure.unit)).padEnd(BUDGET_WIDTH));
	parts.push(verdicts[String(isMet(figure)) as keyof typeof verdicts]);
	return `  ${parts.join('  ')}${figure.note === undefined ? '' : `  ${figure.note}`}`.trimEnd();
}

/** The closing line: how many budgets were met, and which were missed. */
export function summaryLine(figures: readonly Figure[]): string {
	const judged = figures.filter((figure) => isMet(figure) !== undefined);
	const missed = judged.filter((figure) => isMet(figure) === false);
	const unmeasured = figures.filter((figure) => figure.value === undefined);
	const words = [`${judged.length - missed.length} of ${judged.length} budgets met`];
	if (missed.length > 0) words.push(`missed: ${missed.map((figure) => `${figure.bench}: ${figure.name}`).join('; ')}`);
	if (unmeasured.length > 0) words.push(`not measured: ${unmeasured.map((figure) => figure.name).join('; ')}`);
	return words.join(' · ');
}

const NAME_WIDTH = 58;
const VALUE_WIDTH = 24;
const BUDGET_WIDTH = 16;
const verdicts = { true: 'met   ', false: 'MISSED', undefined: '      ' } as const;

function valueText({ value, unit, within }: Figure): string {
	if (value === undefined) return 'not measured';
	const spread = within === undefined ? '' : ` ± ${number(within)}`;
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
