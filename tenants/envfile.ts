import { dirname } from 'node:path';
import type { Fault } from '../config/fault.ts';
import { readSource } from '../config/source.ts';
import type { Trust } from '../config/trust.ts';

export type EnvFile = { readonly env: Readonly<Record<string, string>> } | { readonly fault: Fault };

/**
 * Reads the file that `envFile` names (absolute), with the rights of the server's user. It counts as a tenant file does: nobody but
 * that user and root may have a hand in it, its folders or the links on the way, so that it is none that a tenant has put there; and
 * for the same reason it lies in no folder where everybody may make files, sticky or not (a second name of a file of root's is root's
 * too). Never throws; no fault quotes the text.
 */
export function readEnvFile(file: string, trust: Trust): EnvFile {
	const verdict = trust.judge(file);
	const folder = 'real' in verdict ? trust.judge(dirname(verdict.real)) : undefined;
	if (folder !== undefined && 'stats' in folder && (folder.stats.mode & 0o022) !== 0) {
		const message = `others may make files in its folder ${folder.real}: put it into one where nobody else can`;
		return { fault: wrong(file, undefined, 'untrusted', message) };
	}
	const source = readSource(file, trust);
	if ('fault' in source) return source;
	const read = parseEnvironment(source.text);
	return 'env' in read ? read : { fault: wrong(file, read.line, 'syntax', read.message) };
}

/** What is wrong, and in which line from 1 on. */
interface Mistake {
	readonly line: number;
	readonly message: string;
}

/** In or outside of quotes, as systemd calls its states (src/basic/env-file.c). */
type Place = 'before' | 'plain' | 'single' | 'double';

/**
 * Lines `NAME=value` as systemd reads them (systemd.exec(5), EnvironmentFile=): empty lines and those that begin with # or ; say
 * nothing; values may be quoted, '…' as it stands and "…" with \ before ", \, ` and $, over several lines; a \ before a line's end
 * joins it with the next; blanks around a value go; of two of one name the later counts. What systemd passes over in silence (no =,
 * no name, a quote that is not closed) is a mistake here.
 */
export function parseEnvironment(text: string): { readonly env: Readonly<Record<string, string>> } | Mistake {
	const env = new Map<string, string>();
	if (text.includes('\0')) return { line: lineAt(text, text.indexOf('\0')), message: 'it holds a NUL' };
	for (let at = 0; at < text.length; ) {
		const line = /^[ \t]*([^\r\n]*)/.exec(text.slice(at))?.[1] ?? '';
		const end = endOfLine(text, at);
		if (line === '' || /^[#;]/.test(line)) {
			at = end + 1;
			continue;
		}
		const equals = text.indexOf('=', at);
		if (equals < 0 || equals > end) return { line: lineAt(text, at), message: 'there is no = in it' };
		const name = text.slice(at, equals).trim();
		if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
			return { line: lineAt(text, at), message: 'what stands before = is no name of letters, digits and _' };
		}
		const value = readValue(text, equals + 1);
		if (value === undefined) return { line: lineAt(text, at), message: 'a quote is not closed' };
		env.set(name, value.text);
		at = value.end + 1;
	}
	return { env: Object.fromEntries(env) };
}

/** The value that begins there, and where its last line ends; undefined where a quote is open at the end of all. */
function readValue(text: string, begin: number): { readonly text: string; readonly end: number } | undefined {
	let place: Place = 'before';
	let value = '';
	/** So much of it stays though blanks follow. */
	let kept = 0;
	let at = begin;
	for (; at < text.length; at++) {
		const sign = text[at] as string;
		const quoted = place === 'single' || place === 'double';
		if (!quoted && isLineEnd(sign)) break;
		if (place === 'single' ? sign === "'" : place === 'double' && sign === '"') {
			place = 'before';
		} else if (sign === '\\' && place !== 'single' && at + 1 < text.length) {
			const next = text[++at] as string;
			const stands = place === 'double' && !'"\\`$'.includes(next);
			if (!isLineEnd(next)) value += stands ? `\\${next}` : next;
			else if (next === '\r' && text[at + 1] === '\n') at++;
			kept = value.length;
			if (place === 'before') place = 'plain';
		} else if (place === 'before' && (sign === "'" || sign === '"')) {
			place = sign === "'" ? 'single' : 'double';
		} else if (place !== 'before' || !isBlank(sign)) {
			value += sign;
			if (!quoted) place = 'plain';
			if (quoted || !isBlank(sign)) kept = value.length;
		}
	}
	if (place === 'single' || place === 'double') return undefined;
	return { text: value.slice(0, kept), end: at };
}

function isBlank(sign: string): boolean {
	return sign === ' ' || sign === '\t';
}

function isLineEnd(sign: string): boolean {
	return sign === '\n' || sign === '\r';
}

function endOfLine(text: string, from: number): number {
	const found = text.slice(from).search(/[\r\n]/);
	return found < 0 ? text.length : from + found;
}

function lineAt(text: string, offset: number): number {
	return text.slice(0, offset).split(/\r\n|\r|\n/).length;
}

function wrong(file: string, line: number | undefined, code: Fault['code'], message: string): Fault {
	return { file, line, column: undefined, key: '', message, code, severity: 'fault' };
}
