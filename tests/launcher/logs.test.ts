import { appendFileSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLog } from '../../launcher/logs.ts';

const folder = mkdtempSync(join(tmpdir(), 'innkeeper-logs-'));
const file = join(folder, '101.log');
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
	for (const name of readdirSync(folder)) rmSync(join(folder, name));
});

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

test('the last lines are found in older files, too, also one that begins in one and ends in the next', async () => {
	writeFileSync(`${file}.2`, 'one\ntwo\nthr');
	writeFileSync(`${file}.1`, 'ee\nfour\n');
	writeFileSync(file, 'five\nsix\n');
	expect(await last(1)).toBe('six\n');
	expect(await last(2)).toBe('five\nsix\n');
	expect(await last(3)).toBe('four\nfive\nsix\n');
	expect(await last(4)).toBe('three\nfour\nfive\nsix\n');
	expect(await last(5)).toBe('two\nthree\nfour\nfive\nsix\n');
	expect(await last(99)).toBe('one\ntwo\nthree\nfour\nfive\nsix\n');
	expect(await last(0)).toBe('');
});

test('an empty newest file, or none, does not hide the older ones', async () => {
	writeFileSync(`${file}.1`, 'one\ntwo\n');
	expect(await last(1)).toBe('two\n');
	writeFileSync(file, '');
	expect(await last(1)).toBe('two\n');
});

test('in the midst of a rotation, when one name is nobody’s, nothing is missing', async () => {
	writeFileSync(`${file}.2`, 'one\n');
	writeFileSync(file, 'two\n');
	expect(await last(9)).toBe('one\ntwo\n');
});

test('a character whose bytes lie in two files or two reads comes whole', async () => {
	const bytes = Buffer.from('a line with an ä in it\n');
	const cut = bytes.indexOf(0xc3) + 1;
	writeFileSync(`${file}.1`, bytes.subarray(0, cut));
	writeFileSync(file, bytes.subarray(cut));
	expect(await last(1)).toBe('a line with an ä in it\n');
	writeFileSync(file, `x${'ä'.repeat(100_000)}\n`);
	expect(await last(1)).toBe(`a line with an \u{fffd}x${'ä'.repeat(100_000)}\n`);
});

test('following loses and doubles nothing, however fast the files rotate, as long as one is left that was read', async () => {
	const gone = new AbortController();
	let text = '';
	let heard = (): void => {};
	writeFileSync(file, 'line 0\n');
	const reading = readLog(file, { lines: 10, follow: true, gone: gone.signal }, (part) => {
		text += part;
		heard();
	});
	while (text === '') await new Promise<void>((resolve) => (heard = resolve));
	let line = 1;
	while (line < 2000) {
		// Several rotations may pass between two looks of the reader.
		for (let rotation = 0; rotation < 3; rotation++) {
			for (let i = 0; i < 20; i++) appendFileSync(file, `line ${line++}\n`);
			for (let number = 20; number > 1; number--) {
				if (existsSync(`${file}.${number - 1}`)) renameSync(`${file}.${number - 1}`, `${file}.${number}`);
			}
			renameSync(file, `${file}.1`);
			writeFileSync(file, `line ${line++}\n`);
		}
		const newest = `line ${line - 1}\n`;
		while (!text.endsWith(newest)) await new Promise<void>((resolve) => (heard = resolve));
	}
	gone.abort();
	await reading;
	expect(text).toBe(Array.from({ length: line }, (_, index) => `line ${index}\n`).join(''));
});
