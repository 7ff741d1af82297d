import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { packageFolder, withoutRoom } from './cli/innkeeper.ts';
import { PATIENCE } from './patience.ts';
import { freePort } from './system/freeport.ts';

/** npm fetches what its cache has not: bounded, so that a dead registry fails the test instead of hanging it. */
const LIMIT = 4 * PATIENCE;

let base: string;
let installed: string;
let innkeeper: string;

beforeAll(async () => {
	base = mkdtempSync(join(tmpdir(), 'innkeeper-pack-'));
	await execa('npm', ['pack', '--pack-destination', base], { cwd: packageFolder, timeout: LIMIT / 2 });
	const tarball = readdirSync(base).find((name) => name.endsWith('.tgz')) ?? 'none';
	writeFileSync(join(base, 'package.json'), '{ "private": true }\n');
	await execa('npm', ['install', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`], {
		cwd: base,
		timeout: LIMIT / 2,
	});
	installed = join(base, 'node_modules', 'innkeeper');
	innkeeper = join(base, 'node_modules', '.bin', 'innkeeper');
}, LIMIT);
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

test('the installed command checks a config', async () => {
	const { stdout, stderr } = await execa(innkeeper, [
		'check',
		'--config',
		join(installed, 'tenants', 'examples', 'innkeeper.yaml'),
	]);
	expect({ stdout: withoutRoom(stdout), stderr }).toEqual({
		stdout: '',
		stderr: expect.stringMatching(/^until tenants are sandboxed .*\n[1-9]\d* tenants in force$/),
	});
});

test(
	'the installed command compiles the keeper, opens the front door, wakes a tenant, and ends clean',
	async () => {
		const port = await freePort();
		const tenant = join(base, 'tenants', 'hello');
		mkdirSync(tenant, { recursive: true });
		writeFileSync(
			join(tenant, 'server.mjs'),
			"import { createServer } from 'node:http'; createServer((_, answer) => answer.end('installed')).listen(8080);",
		);
		writeFileSync(join(tenant, 'tenant.yaml'), 'id: 201\nname: hello\nhosts: ["*"]\ncommand: [node, server.mjs]\n');
		writeFileSync(
			join(base, 'innkeeper.yaml'),
			`listen: { http: ["127.0.0.1:${port}"] }\nstate: ./state\nrun: ./run\n`,
		);
		const server = execa(innkeeper, ['serve', '--config', 'innkeeper.yaml'], { cwd: base, all: true, reject: false });
		try {
			await new Promise<void>((ready, never) => {
				createInterface({ input: server.all }).on('line', (line) => line === 'innkeeper: ready' && ready());
				server.then(({ all }) => never(new Error(`it ended: ${all}`)));
			});
			expect(existsSync(join(installed, 'build', 'keeper'))).toBe(true);
			expect(await body(`http://127.0.0.1:${port}/`)).toBe('installed');
		} finally {
			server.kill('SIGTERM');
		}
		const { exitCode, all } = await server;
		expect({ exitCode, all }).toEqual({ exitCode: 0, all: expect.stringContaining('compiling the keeper') });
		expect(readdirSync(join(base, 'run'))).toEqual([]);
	},
	LIMIT,
);

function body(url: string): Promise<string> {
	return new Promise((resolve, reject) => {
		get(url, { agent: false }, (answer) => {
			let text = '';
			answer.setEncoding('utf8');
			answer.on('data', (piece: string) => {
				text += piece;
			});
			answer.on('end', () => resolve(text));
		}).on('error', reject);
	});
}
