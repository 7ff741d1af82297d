import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { PATIENCE } from '../patience.ts';

const project = join(import.meta.dirname, '..', '..');

/** A small root of jest's own: each file hangs, or leaves something behind, in a way of its own. */
const files: Readonly<Record<string, string>> = {
	'waits.test.mjs': `
		test('passes before', () => {});
		test('waits for ever', () => new Promise(() => {}));`,
	'spins.test.mjs': `
		function spin() { for (;;); }
		test('spins for ever', () => spin());`,
	'child.test.mjs': `
		import { execFileSync } from 'node:child_process';
		test('waits for a child', () => { execFileSync('sleep', ['1000']); });`,
	'hook.test.mjs': `
		test('passes', () => {});
		afterAll(() => new Promise(() => {}));`,
	'load.test.mjs': `
		await new Promise(() => {});
		test('is never known', () => {});`,
	'server.test.mjs': `
		import { createServer } from 'node:net';
		test('leaves a server', () => new Promise((done) => createServer().listen(0, '127.0.0.1', done)));`,
	'orphan.test.mjs': `
		import { spawn } from 'node:child_process';
		test('leaves a process', async () => {
			// Its parent lives long enough for the run to see whose it is.
			const child = spawn('sh', ['-c', 'sleep 1001 & sleep 3'], { stdio: 'ignore' });
			await new Promise((done) => child.on('exit', done));
		}, 60_000);`,
	'fine.test.mjs': `
		test('passes, whatever hangs beside it', () => {});`,
};

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'innkeeper-runner-'));
	const config = {
		rootDir: folder,
		testEnvironment: join(project, 'tests/runner/environment.mjs'),
		testMatch: ['**/*.test.mjs'],
		transform: {},
		testTimeout: 1000,
		workerIdleMemoryLimit: '1G',
		maxWorkers: 3,
		watchman: false,
	};
	await writeFile(join(folder, 'jest.config.mjs'), `export default ${JSON.stringify(config)};`);
	for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

interface Ran {
	readonly output: string;
	readonly last: string | undefined;
	readonly status: number | undefined;
}

async function run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
	const { all, exitCode } = await execa('sh', [join(project, 'tests/run'), ...words], {
		env,
		all: true,
		reject: false,
	});
	return { output: all, last: all.split('\n').at(-1), status: exitCode };
}

test(
	'a run ends whatever hangs, counts it as failed, names it, says where, and goes on with the rest',
	async () => {
		const { output, last, status } = await run(['--config', join(folder, 'jest.config.mjs')]);
		const told = output.slice(output.indexOf('What did not end by itself:'));
		expect(told).toMatch(/waits\.test\.mjs › waits for ever: did not end within 1000 ms/);
		expect(told).toMatch(/hook\.test\.mjs › afterAll: did not end within 1000 ms/);
		expect(told).toMatch(/spins\.test\.mjs › spins for ever: hung for \d+ s[\s\S]*?at spin \(.*spins\.test\.mjs:2:/);
		expect(told).toMatch(/child\.test\.mjs › waits for a child: hung[\s\S]*?child process: \d+ sleep 1000/);
		expect(told).toMatch(/load\.test\.mjs › loading the file: hung/);
		expect(told).toMatch(/left behind by a test, and ended: \d+ sleep 1001/);
		expect(output).toMatch(/server\.test\.mjs[\s\S]*left open: TCPServerWrap 1/);
		expect([last, status]).toEqual(['5 passed, 7 failed', 1]);
	},
	3 * PATIENCE,
);

test(
	'a run whose time is over says what everybody is at, ends all, and fails',
	async () => {
		const words = ['--config', join(folder, 'jest.config.mjs'), '--testTimeout=100000', 'waits', 'spins'];
		const { output, last } = await run(words, { INNKEEPER_TEST_LIMIT: '10s' });
		// Where the machine is so busy that they have not even begun, there is nothing to be told but their names.
		expect(output).toMatch(/spins\.test\.mjs( › .*: hung for \d+ s|: was not over)/);
		expect(output).toMatch(/waits\.test\.mjs( › .*: hung for \d+ s|: was not over)/);
		expect(output).toMatch(/The run was not over after 10s and was ended/);
		expect(last).toBe('0 passed, 2 failed');
	},
	3 * PATIENCE,
);

test.each([
	{ words: ['tests/nosuch'], why: /no test file matches tests\/nosuch/ },
	{ words: ['tests/rules.test.ts', 'nosuch'], why: /no test file matches nosuch/ },
	{ words: ['tests/cli/figures.test.ts', '-t', 'no such title'], why: /not one test ran/ },
])('a part that is not there fails: $words', async ({ words, why }) => {
	const { output, last, status } = await run(words);
	expect(output).toMatch(why);
	expect([last, status]).toEqual(['0 passed, 1 failed', 1]);
});

test('arguments choose a part, without type check and lint', async () => {
	const { output, last } = await run(['tests/cli/figures.test.ts']);
	const [, count] = /Tests: +(\d+) passed/.exec(output) ?? [];
	expect(last).toBe(`${count} passed, 0 failed`);
});
