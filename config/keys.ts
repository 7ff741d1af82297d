import * as z from 'zod';
import { formatSocketAddress } from './addresses.ts';
import type { SocketAddress } from './config.ts';
import { formatDuration, formatSize } from './units.ts';
import type { Unit } from './values.ts';

/** A key of a file as its schema has it. */
export interface Key {
	/** Dotted, as `idle.stop`. */
	readonly path: string;
	/** A map of further keys, a value ("a port from 1 to 65535"), or known and refused. */
	readonly kind: 'section' | 'value' | 'unbuilt';
	/** What the value has to be; of a list, what each item has to be as well. Empty where it is no value. */
	readonly expected: string;
	/** As YAML in one line; undefined where leaving the key out is not the same as writing something, or depends on the machine. */
	readonly default: string | undefined;
	readonly required: boolean;
}

/** Every key of a schema made of values.ts, sections above what is in them, in the schema's order. */
export function keysOf(schema: unknown, above = ''): Key[] {
	const section = bare(schema);
	if (!(section instanceof z.ZodObject)) return [];
	return Object.entries(section.shape).flatMap(([name, wrapped]) => {
		const path = `${above}${name}`;
		const inner = bare(wrapped);
		const key = keyOf(path, wrapped as z.ZodType, inner as z.ZodType);
		return key.kind === 'section' ? [key, ...keysOf(inner, `${path}.`)] : [key];
	});
}

function keyOf(path: string, wrapped: z.ZodType, inner: z.ZodType): Key {
	const { description = '', unit, unbuilt } = inner.meta() ?? {};
	const isSection = inner instanceof z.ZodObject;
	const item = inner instanceof z.ZodArray ? (inner.element as z.ZodType).description : undefined;
	return {
		path,
		kind: unbuilt === true ? 'unbuilt' : isSection ? 'section' : 'value',
		expected: item === undefined ? description : `${description}; each is ${item}`,
		default: wrapped instanceof z.ZodDefault ? inYaml(wrapped.def.defaultValue, unit as Unit | undefined) : undefined,
		required: !wrapped.safeParse(undefined).success,
	};
}

/** Without what is wrapped around it for defaults. */
export function bare(schema: unknown): unknown {
	const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
	return wrapped ? bare(schema.unwrap()) : schema;
}

/** A value as a file has it. */
export function inYaml(value: unknown, unit?: Unit): string {
	if (Array.isArray(value)) return `[${value.map((item) => JSON.stringify(inWords(item))).join(', ')}]`;
	if (typeof value === 'number' && unit === 'ms') return formatDuration(value);
	if (typeof value === 'number' && unit === 'bytes') return formatSize(value);
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function inWords(item: unknown): unknown {
	return typeof item === 'object' ? formatSocketAddress(item as SocketAddress) : item;
}
