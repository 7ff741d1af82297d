import { readFileSync } from 'node:fs';
import type { Fault } from './fault.ts';
import type { Trust } from './trust.ts';

/** What a config or tenant file may have at most, in bytes; one that is larger is a mistake. */
const LARGEST_FILE = 1 << 18;

export type Source =
	| { readonly text: string }
	/** `absent`: there is no such file, which may be no fault at all to whoever asked. */
	| { readonly fault: Fault; readonly absent: boolean };

/** The text of a trusted file, or why it does not count. `file` is absolute. Never throws. */
export function readSource(file: string, trust: Trust): Source {
	const verdict = trust.judge(file);
	if ('code' in verdict) return refused(file, verdict.code, verdict.message, verdict.absent);
	if (!verdict.stats.isFile()) return refused(file, 'unreadable', 'it is no regular file');
	if (verdict.stats.size > LARGEST_FILE) return refused(file, 'unreadable', `it has over ${LARGEST_FILE} bytes`);
	try {
		const text = readFileSync(verdict.real, 'utf8');
		// What is no UTF-8 is read as U+FFFD, which no file has a reason to hold; this is the fastest way to read one.
		return text.includes('\ufffd') ? refused(file, 'syntax', 'it is not UTF-8') : { text };
	} catch (error) {
		const { code = 'unknown' } = error as NodeJS.ErrnoException;
		return refused(file, 'unreadable', `it cannot be read: ${code}`, code === 'ENOENT');
	}
}

function refused(file: string, code: Fault['code'], message: string, absent = false): Source {
	return { fault: { file, line: undefined, column: undefined, key: '', message, code, severity: 'fault' }, absent };
}
