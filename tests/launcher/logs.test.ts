import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLog } from '../../launcher/logs.ts';

const folder = mkdtempSync(join(tmpdir(), 'innkeeper-logs-'));
const file = join(folder, '101.log');
afterAll(() => rmSync(folder, { recursive: true }));

async function last(lines: number): Promise<string> {
	let text = '';
	await readLog(file, { lines, follow: false, gone: new AbortController().signal }, (part) => {
		text += part;
	});
	return text;
}

test('the last lines come whole, with and without a newline at the end', async () => {
	writeFileSync(file, 'one\ntwo\nthree\n');
	expect(await last(2)).toBe('two\nthree\n');
	expect(await last(9)).toBe('one\ntwo\nthree\n');
	expect(await last(0)).toBe('');
	writeFileSync(file, 'one\ntwo\nthree');
	expect(await last(2)).toBe('two\nthree');
});

test('a log longer than one read gives the same', async () => {
	const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
	writeFileSync(file, `${lines.join('\n')}\n`);
	expect((await last(12_000)).split('\n')).toHaveLength(12_001);
});

test('no log yet is no error', async () => {
	rmSync(file, { force: true });
	expect(await last(5)).toBe('');
});

test('following hands on what comes, also over a rotation, and ends with the operator', async () => {
	writeFileSync(file, 'old\n');
	const gone = new AbortController();
	const seen: string[] = [];
	let heard = (): void => {};
	const until = async (text: string): Promise<void> => {
		while (!seen.join('').includes(text)) await new Promise<void>((resolve) => (heard = resolve));
	};
	const reading = readLog(file, { lines: 1, follow: true, gone: gone.signal }, (part) => {
		seen.push(part);
		heard();
	});
	await until('old\n');
	appendFileSync(file, 'new\n');
	await until('new\n');
	renameSync(file, `${file}.1`);
	writeFileSync(file, 'rotated\n');
	await until('rotated\n');
	gone.abort();
	await reading;
	expect(seen.join('')).toBe('old\nnew\nrotated\n');
});
