import * as z from 'zod';
import { isPort, parseBlock, parseSocketAddress } from './addresses.ts';
import type { SocketAddress } from './config.ts';
import type { FaultCode } from './fault.ts';
import { parseDuration, parseSize } from './units.ts';

/** Refuses a value for a reason of its own instead of the usual "must be …". */
export type Refuse = (code: FaultCode, message: string) => undefined;

/** What the number is that a duration or a size becomes; in files it is written with its unit. */
export type Unit = 'ms' | 'bytes';

/**
 * A value as `read` understands it, which gives undefined for one that it does not. `expected` completes the sentence
 * "must be …", and is what the pages of reference say of it. The value itself is never told: it may be a secret.
 */
export function value<T>(
	expected: string,
	read: (raw: unknown, refuse: Refuse) => T | undefined,
	unit?: Unit,
): z.ZodType<T> {
	const schema = z.unknown().transform((raw, context): T => {
		let fault: FaultCode = raw === undefined ? 'missing' : 'invalid';
		let message = raw === undefined ? `must be there: ${expected}` : `must be ${expected}`;
		const result = read(raw, (code, reason) => {
			fault = code;
			message = reason;
			return undefined;
		});
		if (result !== undefined) return result;
		context.addIssue({ code: 'custom', message, params: { fault } });
		return z.NEVER;
	});
	return schema.meta({ description: expected, unit });
}

/** A map with these keys and no others. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
	return z.strictObject(shape, {
		error: ({ code }) => (code === 'invalid_type' ? 'must be a map of keys and values' : undefined),
	});
}

/** A list in which nothing stands twice; `name` says what makes two the same. */
export function list<T>(item: z.ZodType<T>, expected: string, name: (item: T) => string = String): z.ZodType<T[]> {
	const array = z.array(item, { error: `must be a list of ${expected}` }).superRefine((items, context) => {
		const seen = new Set<string>();
		for (const [index, each] of items.entries()) {
			const known = name(each);
			if (seen.has(known)) {
				context.addIssue({ code: 'custom', path: [index], message: 'it stands twice', params: { fault: 'invalid' } });
			}
			seen.add(known);
		}
	});
	return array.describe(`a list of ${expected}`);
}

/** One of a few words; those not built yet are known, but refused. */
export function choice<const Word extends string>(
	built: readonly Word[],
	unbuilt: readonly string[] = [],
): z.ZodType<Word> {
	const all = value(oneOf([...built, ...unbuilt]), (raw, refuse) => {
		// YAML 1.2 reads off and on as words, but many a program writes them as booleans.
		const word = raw === false ? 'off' : raw === true ? 'on' : raw;
		if (unbuilt.some((other) => other === word)) return refuse('not-built-yet', `${word} is not built yet`);
		return built.find((known) => known === word);
	});
	if (unbuilt.length === 0) return all;
	return all.describe(`${oneOf(built)}; not built yet: ${unbuilt.join(', ')}`);
}

/** A key whose feature is not built yet, so that nothing but its default (or leaving it out) is good. */
export function unbuilt(isDefault: (raw: unknown) => boolean = () => false): z.ZodOptional<z.ZodType<undefined>> {
	const refused = z.unknown().transform((raw, context): undefined => {
		if (isDefault(raw)) return undefined;
		context.addIssue({ code: 'custom', message: 'it is not built yet', params: { fault: 'not-built-yet' } });
		return z.NEVER;
	});
	return refused.meta({ unbuilt: true }).optional();
}

export function isEmptyList(raw: unknown): boolean {
	return Array.isArray(raw) && raw.length === 0;
}

export const flag: z.ZodType<boolean> = value('true or false', (raw) => (typeof raw === 'boolean' ? raw : undefined));

/** A path in the file system; relative ones are for the reader of the file to resolve. */
export const path: z.ZodType<string> = value('a path', (raw) => (isText(raw) && raw !== '' ? raw : undefined));

/** The path of a URL, as `/healthz`. */
export const urlPath: z.ZodType<string> = value('a path that begins with / and has no blanks', readUrlPath);

/** As urlPath, or `off`. */
export const urlPathOrOff: z.ZodType<string> = value(
	'a path that begins with /, or off',
	(raw) => readOff(raw) ?? readUrlPath(raw),
);

/** RFC 9110 §7.6.3; host and port as others write there would tell more than a tenant needs to know. */
export const pseudonymOrOff: z.ZodType<string> = value(
	'a word of letters, digits and hyphens, or off',
	(raw) => readOff(raw) ?? (typeof raw === 'string' && /^[a-z0-9-]{1,64}$/i.test(raw) ? raw : undefined),
);

export function count(least: number, most: number): z.ZodType<number> {
	return value(`a whole number from ${least} to ${most}`, (raw) =>
		Number.isInteger(raw) && (raw as number) >= least && (raw as number) <= most ? (raw as number) : undefined,
	);
}

export const port: z.ZodType<number> = value('a port from 1 to 65535', (raw) => (isPort(raw) ? raw : undefined));

const DURATION = 'a duration of at most 24 days: a whole number and ms, s, m, h or d, as 10s';

/** In ms. */
export const duration: z.ZodType<number> = value(DURATION, readDuration, 'ms');

/** In ms, and not nothing. */
export const someDuration: z.ZodType<number> = value(
	`${DURATION}, and more than nothing`,
	(raw) => readDuration(raw) || undefined,
	'ms',
);

/** In ms, or `off`. */
export const durationOrOff: z.ZodType<number | 'off'> = value(
	`${DURATION}, or off`,
	(raw) => readOff(raw) ?? readDuration(raw),
	'ms',
);

/** In bytes; a bare number is bytes, too. */
export function size(least: number, most: number, written: string): z.ZodType<number> {
	return value(`a size ${written}, as 512, 16K, 64M or 1G`, (raw) => readSize(raw, least, most), 'bytes');
}

/** In bytes, or `off`. */
export function sizeOrOff(least: number, most: number, written: string): z.ZodType<number | 'off'> {
	return value(
		`a size ${written}, as 512, 16K, 64M or 1G, or off`,
		(raw) => readOff(raw) ?? readSize(raw, least, most),
		'bytes',
	);
}

export const socketAddress: z.ZodType<SocketAddress> = value(
	'an IP address and a port, as 127.0.0.1:8080 or [::1]:8080',
	(raw) => (isText(raw) ? parseSocketAddress(raw) : undefined),
);

export const block: z.ZodType<string> = value('a block of IP addresses, as 10.0.0.0/8 or ::1', (raw) =>
	isText(raw) ? parseBlock(raw) : undefined,
);

/** A user by name or number; root is none that anything of Innkeeper's visitors or tenants may run as. */
export const user: z.ZodType<string | number> = value('the name or the number of a user other than root', (raw) => {
	if (typeof raw === 'number') return Number.isInteger(raw) && raw > 0 && raw < 2 ** 32 - 1 ? raw : undefined;
	return isText(raw) && /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(raw) && raw !== 'root' ? raw : undefined;
});

function readSize(raw: unknown, least: number, most: number): number | undefined {
	const bytes = typeof raw === 'string' ? parseSize(raw) : Number.isInteger(raw) ? (raw as number) : undefined;
	return bytes !== undefined && bytes >= least && bytes <= most ? bytes : undefined;
}

function readDuration(raw: unknown): number | undefined {
	return typeof raw === 'string' ? parseDuration(raw) : undefined;
}

function readUrlPath(raw: unknown): string | undefined {
	return isText(raw) && /^\/[\x21-\x7e]*$/.test(raw) && !raw.includes('#') ? raw : undefined;
}

function isText(raw: unknown): raw is string {
	return typeof raw === 'string' && !raw.includes('\0');
}

function readOff(raw: unknown): 'off' | undefined {
	return raw === 'off' || raw === false ? 'off' : undefined;
}

function oneOf(words: readonly string[]): string {
	return words.length === 1 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
