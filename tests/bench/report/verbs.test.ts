import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { runText } from '../../../bench/report/file.ts';
import type { Run } from '../../../bench/report/run.ts';
import { seededRun } from './seededrun.ts';

const folder = mkdtempSync(join(tmpdir(), 'innkeeper-verbs-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Stores a run and gives its file. */
function stored(name: string, run: Run): string {
	const file = join(folder, name);
	writeFileSync(file, runText(run));
	return file;
}
const usual = stored('usual.json', seededRun({ seed: 1, wakes: 40, bare: true }));
const slower = stored('slower.json', seededRun({ seed: 2, wakes: 40, bare: true, cost: { innkeeper: 1.5 } }));
const broken = join(folder, 'broken.json');
writeFileSync(broken, '{"version": 2}');

/** `npm run bench -- WORDS …`, without a terminal. */
async function bench(...words: string[]): Promise<{ exitCode?: number; stdout: string; stderr: string }> {
	const main = join(import.meta.dirname, '../../../bench/main.ts');
	return execa(process.execPath, ['--no-warnings', main, ...words], { reject: false });
}

describe('compare', () => {
	test('ends with 0 where nothing is worse', async () => {
		const { exitCode, stdout } = await bench('compare', usual, usual);
		expect(stdout).toMatch(/nothing changed beyond noise\n\n\d+ unchanged/);
		expect(exitCode).toBe(0);
	});

	test('ends with 1 where something of ours is, in words without colour', async () => {
		const { exitCode, stdout } = await bench('compare', usual, slower);
		expect(stdout).toMatch(/^worse +innkeeper · cold start +\+/m);
		expect(stdout).not.toContain('\x1b');
		expect(exitCode).toBe(1);
	});

	test('gives the other way round as better', async () => {
		const { exitCode, stdout } = await bench('compare', slower, usual);
		expect(stdout).toMatch(/^better +innkeeper · cold start +−/m);
		expect(exitCode).toBe(0);
	});

	test('ends with 2 and says what is wrong: the file, its fault, the words', async () => {
		const outcomes = await Promise.all([
			bench('compare', usual, broken),
			bench('compare', usual),
			bench('compare', usual, join(folder, 'gone.json')),
			bench('nonsense'),
			bench('report', usual, '--html', join(folder, 'no', 'page.html')),
		]);
		expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2, 2]);
		const [fault, few, gone, unknown, nowhere] = outcomes.map(({ stderr }) => stderr);
		expect(fault).toMatch(/broken.json is no run of this bench.*environment/s);
		expect(few).toMatch(/^compare wants A.json B.json/);
		expect(gone).toMatch(/gone.json cannot be read: ENOENT/);
		expect(unknown).toMatch(/^there is no bench nonsense/);
		expect(nowhere).toMatch(/there is no folder/);
	});
});

test('report draws a stored run', async () => {
	const html = join(folder, 'page.html');
	expect((await bench('report', usual, '--html', html)).exitCode).toBe(0);
	expect(readFileSync(html, 'utf8')).toMatch(/^<!doctype html>.*<\/html>\n$/s);
});

test('--help tells verbs, benches and options within 100 columns', async () => {
	const { exitCode, stdout } = await bench('--help');
	expect(exitCode).toBe(0);
	for (const words of ['compare A.json B.json', 'report RUN.json --html FILE', 'benches: cold, ', '--quick'])
		expect(stdout).toContain(words);
	expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
});
