import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageFolder } from '../cli/innkeeper.ts';
import { testUnless } from '../guard/visible-skip.ts';

/** What bin/setup calls besides npm and the compiler. */
const tools = [
	'cat',
	'chmod',
	'cmp',
	'cp',
	'dirname',
	'find',
	'grep',
	'id',
	'mkdir',
	'mv',
	'readlink',
	'rm',
	'sed',
	'sh',
	'uname',
];

let base: string;
let clone: string;
/** The only folder of PATH: the tools, and what a test puts there. */
let path: string;

beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'innkeeper-setup-'));
	clone = join(base, 'clone');
	path = join(base, 'path');
	mkdirSync(path);
	for (const tool of tools)
		symlinkSync(['/bin', '/usr/bin'].map((folder) => join(folder, tool)).find(existsSync) ?? tool, join(path, tool));
	mkdirSync(join(clone, 'launcher', 'native'), { recursive: true });
	cpSync(join(packageFolder, 'bin'), join(clone, 'bin'), { recursive: true });
	writeFileSync(join(clone, 'launcher', 'native', 'main.c'), 'int main(void) { return 0; }\n');
	writeFileSync(join(clone, 'launcher', 'native', 'Makefile'), 'CFLAGS = -std=gnu11 -Werror\n');
	writeFileSync(join(clone, 'package-lock.json'), '{ "lockfileVersion": 3 }\n');
	tool('npm', `echo "npm $*" >> '${base}/calls'; mkdir -p node_modules`);
	// Says what it was asked to do, and makes what follows -o.
	tool(
		'cc',
		`case "$*" in *-E*) exit 0 ;; esac; echo "cc $*" >> '${base}/calls'; while [ "$1" != -o ]; do shift; done; cp /bin/sh "$2"`,
	);
});
afterEach(() => rmSync(base, { recursive: true }));

function tool(name: string, script: string): void {
	writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`);
	chmodSync(join(path, name), 0o755);
}

function setup(): Promise<{ exitCode?: number | undefined; stderr: string }> {
	return execa(join(clone, 'bin', 'setup'), { env: { PATH: path }, extendEnv: false, reject: false, cwd: '/' });
}

function calls(): string[] {
	return existsSync(join(base, 'calls')) ? readFileSync(join(base, 'calls'), 'utf8').trim().split('\n') : [];
}

testUnless(
	process.getuid?.() === 0 ? undefined : 'only root runs edges and tenants as others',
	'a program that a umask of 077 has closed is opened to the users of edges and tenants, and its secrets stay where they are',
	async () => {
		const umask = process.umask(0o077);
		mkdirSync(join(clone, 'proxy'));
		writeFileSync(join(clone, 'proxy', 'main.ts'), '');
		writeFileSync(join(clone, 'proxy', 'run'), '', { mode: 0o700 });
		writeFileSync(join(clone, 'secret'), '');
		process.umask(umask);
		expect((await setup()).stderr).toMatch(/opening proxy to the users of edges and tenants/);
		const mode = (path: string): string => (statSync(join(clone, path)).mode & 0o777).toString(8);
		expect(['proxy', 'proxy/main.ts', 'proxy/run', 'secret'].map(mode)).toEqual(['755', '644', '755', '600']);
		expect((await setup()).stderr).toBe('');
	},
);

test('a fresh clone gets its packages and its keeper; a second run does nothing', async () => {
	expect(await setup()).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('compiling the keeper') });
	expect(calls()).toEqual([
		expect.stringMatching(/^npm ci /),
		expect.stringMatching(/^cc -std=gnu11 -Werror -o \S+ launcher\/native\/main\.c/),
	]);
	expect(existsSync(join(clone, 'build', 'keeper'))).toBe(true);
	expect(await setup()).toMatchObject({ exitCode: 0, stderr: '' });
	expect(calls()).toHaveLength(2);
});

test('a changed lockfile is installed again, a changed keeper compiled again', async () => {
	await setup();
	writeFileSync(join(clone, 'package-lock.json'), '{ "lockfileVersion": 3, "changed": true }\n');
	await setup();
	expect(calls().slice(2)).toEqual([expect.stringMatching(/^npm ci /)]);
	const later = Date.now() / 1000 + 60;
	utimesSync(join(clone, 'launcher', 'native', 'main.c'), later, later);
	await setup();
	expect(calls().slice(3)).toEqual([expect.stringMatching(/^cc /)]);
});

test('an npm ci that failed is tried again the next time', async () => {
	tool('npm', `echo "npm $*" >> '${base}/calls'; mkdir -p node_modules; exit 7`);
	expect(await setup()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('npm ci failed') });
	await setup();
	expect(calls()).toHaveLength(2);
});

test('an installed package, which has no lockfile, gets its keeper alone and forgives warnings of newer compilers', async () => {
	rmSync(join(clone, 'package-lock.json'));
	expect(await setup()).toMatchObject({ exitCode: 0 });
	expect(calls()).toEqual([expect.stringMatching(/^cc -std=gnu11 -Werror -Wno-error -o /)]);
});

test.each([
	['npm', 'npm is missing'],
	['cc', 'a C compiler is missing'],
])('without %s it says so, and what to install', async (name, words) => {
	rmSync(join(path, name));
	const { exitCode, stderr } = await setup();
	expect(exitCode).toBe(1);
	expect(stderr).toContain(words);
	expect(stderr).toContain('apt-get install');
});

test.each([
	['stdio.h', 'libc6-dev'],
	['linux/seccomp.h', 'linux-libc-dev'],
])('without <%s> it says so, and that %s has it', async (header, debian) => {
	tool('cc', `case "$*" in *-E*) ! grep -q '<${header}>' ;; esac`);
	expect(await setup()).toMatchObject({
		exitCode: 1,
		stderr: expect.stringMatching(new RegExp(`<${header}>.*${debian}`)),
	});
});

test('a keeper that does not compile leaves the old one in its place, and nothing half made', async () => {
	await setup();
	writeFileSync(join(clone, 'build', 'keeper'), 'the old one');
	chmodSync(join(clone, 'build', 'keeper'), 0o755);
	const later = Date.now() / 1000 + 60;
	utimesSync(join(clone, 'launcher', 'native', 'main.c'), later, later);
	tool('cc', 'case "$*" in *-E*) exit 0 ;; esac; exit 1');
	expect(await setup()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('the keeper did not compile') });
	expect(readFileSync(join(clone, 'build', 'keeper'), 'utf8')).toBe('the old one');
});
