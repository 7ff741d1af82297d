import type { Figure } from '../figure.ts';

/** The figure as it can be stored and judged: a value that is no finite number was not measured, whatever came out. */
export function finite(figure: Figure): Figure {
	const { value, interval, samples, overFloor, ...rest } = figure;
	const note = [`came out as ${value}`, figure.note].filter((words) => words !== undefined).join('; ');
	if (value !== undefined && !Number.isFinite(value)) return { ...rest, value: undefined, note };
	return {
		...rest,
		value,
		...(interval !== undefined && allFinite(Object.values(interval)) ? { interval } : {}),
		...(samples !== undefined && allFinite(samples) ? { samples } : {}),
		...(overFloor !== undefined && allFinite(Object.values(overFloor)) ? { overFloor } : {}),
	};
}

function allFinite(values: readonly number[]): boolean {
	return values.every(Number.isFinite);
}
