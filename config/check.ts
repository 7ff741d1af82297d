import * as z from 'zod';
import type { Document, Path } from './document.ts';
import { type Fault, type FaultCode, faultCodes } from './fault.ts';
import { bare } from './keys.ts';
import { nearest } from './nearest.ts';

export interface Checked<T> {
	/** Undefined where there is a fault. */
	readonly value: T | undefined;
	readonly faults: readonly Fault[];
}

/**
 * Checks a document against a schema made of config/values.ts and tells all faults at once, each with its place in the text.
 * `value` is what is checked: the document's own, or one that begins with defaults from elsewhere.
 */
export function check<T>(document: Document, schema: z.ZodType<T>, value: unknown = document.value): Checked<T> {
	if (value === undefined) return { value: undefined, faults: document.faults };
	const result = schema.safeParse(value);
	if (!result.success) {
		const found = result.error.issues.flatMap((issue) => faultsOf(issue, document, schema));
		return { value: undefined, faults: [...document.faults, ...found].sort(byPlace) };
	}
	return { value: document.faults.length === 0 ? result.data : undefined, faults: document.faults };
}

function byPlace(one: Fault, other: Fault): number {
	return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
}

function faultsOf(issue: z.core.$ZodIssue, document: Document, schema: z.ZodType): Fault[] {
	const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
	if (issue.code === 'unrecognized_keys') {
		const known = keysAt(schema, path);
		return issue.keys.map((key) => {
			const meant = nearest(key, known);
			const message = meant === undefined ? 'there is no such key' : `there is no such key; did you mean ${meant}?`;
			return document.keyFault([...path, key], { code: 'unknown-key', message });
		});
	}
	const code = codeOf(issue);
	// What a short form stands for has keys that the text has not.
	while (code !== 'missing' && path.length > 0 && !document.has(path)) path.pop();
	return [document.fault(path, { code, message: issue.message })];
}

function codeOf(issue: z.core.$ZodIssue): FaultCode {
	const fault = issue.code === 'custom' ? issue.params?.['fault'] : undefined;
	return typeof fault === 'string' && fault in faultCodes ? (fault as FaultCode) : 'invalid';
}

/** The keys that a map at the path may have. */
function keysAt(schema: z.ZodType, path: Path): string[] {
	let inner: unknown = bare(schema);
	for (const step of path) {
		if (inner instanceof z.ZodObject) inner = bare(inner.shape[step]);
		else if (inner instanceof z.ZodArray) inner = bare(inner.element);
	}
	return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}
