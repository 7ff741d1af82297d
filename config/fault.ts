/** Something wrong in a config or tenant file. Told as `FILE:LINE:COLUMN: KEY: MESSAGE (CODE)`. */
export interface Fault {
	readonly file: string;
	/** From 1; undefined where the fault has no place in the text (an unreadable file). */
	readonly line: number | undefined;
	readonly column: number | undefined;
	/** Dotted, as `idle.stop` or `addresses[0]`; empty for the whole file. */
	readonly key: string;
	readonly message: string;
	/** Stable: kebab-case, one catalogue in config/fault.ts. */
	readonly code: FaultCode;
	/** A notice changes nothing (a key that counts as off for now); a fault refuses the file. */
	readonly severity: 'fault' | 'notice';
}

/** Every code that a fault may have, with what it means. */
export const faultCodes = {
	unreadable: 'the file cannot be read',
	vanished: 'a folder of tenants is gone or cannot be read; its tenants stay in force',
	untrusted: 'the file or a folder above it may be written by others',
	syntax: 'not YAML',
	'duplicate-key': 'a key stands twice',
	'unknown-key': 'no such key',
	'not-built-yet': 'the key is known but its feature is not built yet',
	missing: 'a key that must be there is not',
	invalid: 'the value is of the wrong type or out of range',
	'duplicate-id': 'another tenant has the id',
	'duplicate-name': 'another tenant has the name',
	'duplicate-route': 'another tenant has the host or the address',
	'link-cycle': 'a folder or file links to itself',
	unwatched: 'changes of it are seen at the next reload only',
	exposed: 'somebody can read it for whom it is not meant',
	'few-files': 'a process may open fewer files than that takes',
} as const;

export type FaultCode = keyof typeof faultCodes;

/** One line for people. */
export function faultLine(fault: Fault): string {
	const place = [fault.file, fault.line, fault.column].filter((part) => part !== undefined).join(':');
	const key = fault.key === '' ? '' : `${fault.key}: `;
	return `${place}: ${key}${fault.message} (${fault.code})`;
}
