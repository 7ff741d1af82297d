/** Milliseconds of each unit of a duration, the largest first. */
const DURATION_UNITS = [
	['d', 86_400_000],
	['h', 3_600_000],
	['m', 60_000],
	['s', 1000],
	['ms', 1],
] as const;

/** Bytes of each unit of a size, the largest first. */
const SIZE_UNITS = [
	['G', 2 ** 30],
	['M', 2 ** 20],
	['K', 2 ** 10],
	['', 1],
] as const;

/** The longest that a timer of Node's can wait, in whole days. */
export const LONGEST_DURATION: number = 24 * 86_400_000;

/** A duration in ms: a whole number and its unit, as `500ms`, `10s`, `5m`, `1h`, `1d`. Undefined where it is none, or over 24 days. */
export function parseDuration(text: string): number | undefined {
	const ms = parseQuantity(text, DURATION_UNITS);
	return ms !== undefined && ms <= LONGEST_DURATION ? ms : undefined;
}

/** The shortest way to write a duration of whole ms, which parseDuration reads again. */
export function formatDuration(ms: number): string {
	return ms === 0 ? '0s' : formatQuantity(ms, DURATION_UNITS);
}

/** A size in bytes: a whole number, alone or with K, M or G (powers of 1024), as `64M`. Undefined where it is none. */
export function parseSize(text: string): number | undefined {
	const bytes = parseQuantity(text, SIZE_UNITS);
	return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest way to write a size of whole bytes, which parseSize reads again. */
export function formatSize(bytes: number): string {
	return bytes === 0 ? '0' : formatQuantity(bytes, SIZE_UNITS);
}

type Units = readonly (readonly [name: string, factor: number])[];

function parseQuantity(text: string, units: Units): number | undefined {
	const [, digits, name] = /^(\d{1,16})([a-zA-Z]*)$/.exec(text) ?? [];
	const factor = units.find(([unit]) => unit === name)?.[1];
	return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

function formatQuantity(quantity: number, units: Units): string {
	const [name, factor] = units.find(([, factor]) => quantity % factor === 0) ?? ['', 1];
	return `${quantity / factor}${name}`;
}
