import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageFolder } from './cli/innkeeper.ts';

/** npm fetches what its cache has not: bounded, so that a dead registry fails the test instead of hanging it. */
const PATIENCE = 180_000;

let base: string;
let installed: string;
let innkeeper: string;

beforeAll(async () => {
	base = mkdtempSync(join(tmpdir(), 'innkeeper-pack-'));
	await execa('npm', ['pack', '--pack-destination', base], { cwd: packageFolder });
	const tarball = readdirSync(base).find((name) => name.endsWith('.tgz')) ?? 'none';
	writeFileSync(join(base, 'package.json'), '{ "private": true }\n');
	await execa('npm', ['install', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`], {
		cwd: base,
	});
	installed = join(base, 'node_modules', 'innkeeper');
	innkeeper = join(base, 'node_modules', '.bin', 'innkeeper');
}, PATIENCE);
afterAll(() => rmSync(base, { recursive: true, force: true }));

test('the tarball holds JavaScript, the keeper’s source and the examples, and no TypeScript, test or lockfile', () => {
	const files = readdirSync(installed, { recursive: true }).map(String);
	for (const file of [
		'dist/cli/main.js',
		'dist/launcher/main.js',
		'dist/proxy/main.js',
		'launcher/native/main.c',
		'bin/setup',
		'LICENSE',
	]) {
		expect(files).toContain(file);
	}
	expect(files.filter((file) => /\.ts$|\.test\.|^tests|package-lock/.test(file))).toEqual([]);
});

test('the installed command runs, with the Node that came with it', async () => {
	const { stdout } = await execa(innkeeper, ['--version'], { env: { PATH: '/usr/bin:/bin' }, extendEnv: false });
	expect(stdout).toMatch(/^\d+\.\d+\.\d+$/);
	expect(existsSync(join(base, 'node_modules', '.bin', 'node'))).toBe(true);
});
