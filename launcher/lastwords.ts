import { stat } from 'node:fs/promises';
import { readLog } from './logs.ts';

/** How many lines are its last words (a stack with the error above it), and how long each may be. */
const LINES = 15;
const LONGEST = 300;

/** The last lines of a log that something was written to since then (ms since the epoch); none where it was not. */
export async function lastWords(file: string, since: number): Promise<string[]> {
	const written = await stat(file).catch(() => undefined);
	if (written === undefined || written.mtimeMs < since) return [];
	let text = '';
	const { signal } = new AbortController();
	await readLog(file, { lines: LINES, follow: false, gone: signal }, (piece) => {
		text = (text + piece).slice(-LINES * LONGEST * 4);
	});
	const lines = text.split('\n').filter((line) => line.trim() !== '');
	return lines.slice(-LINES).map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line));
}
