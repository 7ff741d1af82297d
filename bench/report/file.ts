import { readFile } from 'node:fs/promises';
import { prettifyError } from 'zod';
import type { Run, StoredRun } from './run.ts';
import { runSchema } from './schema.ts';

/** A run's text as it goes to a file. */
export function runText(run: Run): string {
	return `${JSON.stringify(run, undefined, '\t')}\n`;
}

/** The run in the file. Rejects with an Error for people where there is none: what is wrong, and where in the file. */
export async function readRun(file: string): Promise<Run> {
	let text: string;
	try {
		text = await readFile(file, 'utf8');
	} catch (error) {
		throw new Error(`${file} cannot be read: ${wordsOf(error)}`);
	}
	return parseRun(text, file);
}

/** The same of the file's text. Throws an Error for people. */
export function parseRun(text: string, file: string): Run {
	let document: unknown;
	try {
		document = JSON.parse(text);
	} catch (error) {
		throw new Error(`${file} is no JSON: ${wordsOf(error)}`);
	}
	const { success, data, error } = runSchema.safeParse(document);
	if (!success)
		throw new Error(`${file} is no run of this bench (--json writes one):\n${firstLines(prettifyError(error))}`);
	return fromStored(data);
}

const LINES_OF_AN_ERROR = 8;

function firstLines(text: string): string {
	const lines = text.split('\n');
	return lines.length <= LINES_OF_AN_ERROR ? text : [...lines.slice(0, LINES_OF_AN_ERROR), '…'].join('\n');
}

function wordsOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

function fromStored(stored: StoredRun): Run {
	return { ...stored, figures: stored.figures.map((figure) => ({ ...figure, value: figure.value })) };
}
