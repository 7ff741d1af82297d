import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { packageFolder } from '../cli/innkeeper.ts';

const program = join(packageFolder, 'bin', 'innkeeper');
let base: string;

beforeAll(() => {
	base = mkdtempSync(join(tmpdir(), 'innkeeper-bin-'));
});
afterAll(() => rmSync(base, { recursive: true }));

/** A `node` that says it is of some version and does no more. */
function nodeOfVersion(version: string): string {
	const folder = mkdtempSync(join(base, 'node-'));
	const node = join(folder, 'node');
	writeFileSync(node, `#!/bin/sh\n[ "$1" = --version ] && echo ${version} || echo "ran by the node in PATH"\n`);
	chmodSync(node, 0o755);
	return folder;
}

/** bin/innkeeper in a package that brought no Node of its own. */
function packageWithoutNode(): string {
	const folder = mkdtempSync(join(base, 'package-'));
	mkdirSync(join(folder, 'bin'));
	copyFileSync(program, join(folder, 'bin', 'innkeeper'));
	return join(folder, 'bin', 'innkeeper');
}

test('runs through a link, through a link to the link, and from another folder', async () => {
	symlinkSync(program, join(base, 'one'));
	symlinkSync('one', join(base, 'two'));
	for (const path of [join(base, 'one'), join(base, 'two'), './two']) {
		expect((await execa(path, ['--version'], { cwd: base })).stdout).toMatch(/^\d+\.\d+\.\d+$/);
	}
});

test('takes its own Node where an older one stands first in PATH', async () => {
	const PATH = `${nodeOfVersion('v20.20.2')}:/usr/bin:/bin`;
	expect((await execa(program, ['--version'], { env: { PATH }, extendEnv: false })).stdout).toMatch(/^\d+\.\d+\.\d+$/);
});

test('runs from a folder with a blank and a quote in its name', async () => {
	const folder = join(base, "an inn's own");
	cpSync(join(packageFolder, 'cli'), join(folder, 'cli'), { recursive: true });
	for (const shared of ['launcher', 'config', 'tenants', 'node_modules'])
		symlinkSync(join(packageFolder, shared), join(folder, shared));
	for (const file of ['bin/innkeeper', 'package.json']) cpSync(join(packageFolder, file), join(folder, file));
	expect((await execa(join(folder, 'bin', 'innkeeper'), ['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+$/);
});

test('takes a Node of 24 or later from PATH where the package has none', async () => {
	const PATH = `${nodeOfVersion('v25.1.0')}:/usr/bin:/bin`;
	expect((await execa(packageWithoutNode(), ['--version'], { env: { PATH }, extendEnv: false })).stdout).toBe(
		'ran by the node in PATH',
	);
});

test.each(['v20.20.2', 'nonsense'])('says what is missing where the only Node is %s', async (version) => {
	const PATH = `${nodeOfVersion(version)}:/usr/bin:/bin`;
	const { exitCode, stderr } = await execa(packageWithoutNode(), ['--version'], {
		env: { PATH },
		extendEnv: false,
		reject: false,
	});
	expect(exitCode).toBe(1);
	expect(stderr).toMatch(/^innkeeper: no Node of version 24 or later was found/);
	expect(stderr).toMatch(/npm install --include=optional/);
});

test("the package's own Node is run once, and asked nothing before", async () => {
	const command = packageWithoutNode();
	const folder = join(dirname(dirname(command)), 'node_modules', 'node-linux-any', 'bin');
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'node'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
	expect((await execa(command, ['ps', 'a b'])).stdout).toMatch(/^--disable-warning=\S+ \S*main\.js ps a b$/);
});

test('a short command takes hardly longer than Node itself', async () => {
	// CPU seconds of ten runs, as the shell was told of its children: waiting for a CPU is none of it.
	const cost = async (file: string, words: string[]): Promise<number> => {
		const script = 'for run in 1 2 3 4 5 6 7 8 9 10; do "$@" >&2; done; times';
		const { stdout } = await execa('sh', ['-c', script, 'sh', file, ...words]);
		const [, userMinutes, user, systemMinutes, system] = (/\n(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/.exec(stdout) ?? []).map(
			Number,
		);
		return 60 * (Number(userMinutes) + Number(systemMinutes)) + Number(user) + Number(system);
	};
	const short = (): Promise<number> => cost(program, ['ps', '--control', '/nowhere']);
	await short(); // fills the caches
	const node = await cost(process.execPath, ['-e', '0']);
	expect(node).toBeGreaterThan(0);
	expect((await short()) / node).toBeLessThan(3);
});
