/** True for what a message of a protocol says of one thing. */
export type Check = (value: unknown) => boolean;

/** A map of keys and values, as JSON has it. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const isFlag: Check = (value) => typeof value === 'boolean';

/** At most so many characters. */
export function isText(most: number): Check {
	return (value) => typeof value === 'string' && value.length <= most;
}

/** A whole number in that range, by default any from 0 on that a double holds exactly. */
export function isCount(least = 0, most: number = Number.MAX_SAFE_INTEGER): Check {
	return (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** A span of time in ms, not below nothing; fractions are good. */
export const isSpan: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;

export function isList(check: Check, most: number): Check {
	return (value) => Array.isArray(value) && value.length <= most && value.every(check);
}

export function isOneOf(words: readonly string[]): Check {
	return (value) => typeof value === 'string' && words.includes(value);
}

/** It may be left out. */
export function optional(check: Check): Check {
	return (value) => value === undefined || check(value);
}

/** The first key of the message that the shape has not, or whose value fails its check; undefined where all is well. */
export function wrongKey(
	message: Readonly<Record<string, unknown>>,
	shape: Readonly<Record<string, Check>>,
): string | undefined {
	for (const [key, check] of Object.entries(shape)) {
		if (!check(Object.hasOwn(message, key) ? message[key] : undefined)) return key;
	}
	return Object.keys(message).find((key) => !Object.hasOwn(shape, key));
}
