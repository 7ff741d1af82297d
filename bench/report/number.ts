import type { Budget, Figure } from '../figure.ts';

/** For people: whole where it is big or whole, two decimals below that, two digits where those would show nothing. */
export function number(value: number): string {
	const size = Math.abs(value);
	if (Number.isInteger(value) || size >= 1000) return String(Math.round(value));
	return size >= 0.1 ? value.toFixed(2) : String(Number(value.toPrecision(2)));
}

/** With its unit: `2.35 ms`; `-` before what is below nothing. */
export function quantity(value: number, unit: string): string {
	return unit === '' ? number(value) : `${number(value)} ${unit}`;
}

/** A figure's value with half the width of its interval: `2.35 ± 0.25 ms`. */
export function valueText({ value, unit, interval }: Figure): string {
	if (value === undefined) return 'not measured';
	if (interval === undefined) return quantity(value, unit);
	return `${number(value)} ± ${quantity((interval.high - interval.low) / 2, unit)}`;
}

/** `≤ 2.50 ms`, `≥ 1000`, or both. */
export function budgetText({ atMost, atLeast }: Budget, unit: string): string {
	const sides = [];
	if (atLeast !== undefined) sides.push(`≥ ${quantity(atLeast, unit)}`);
	if (atMost !== undefined) sides.push(`≤ ${quantity(atMost, unit)}`);
	return sides.join(', ');
}
