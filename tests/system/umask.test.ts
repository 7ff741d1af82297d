import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { testUnless } from '../guard/visible-skip.ts';
import { House } from './house.ts';
import { visit } from './visitor.ts';

const project = join(import.meta.dirname, '..', '..');
const ordinary = process.getuid?.() === 0 ? undefined : 'only root runs edges and tenants as others';

const tenant = {
	yaml: { id: 101, name: 'hello', hosts: ['hello.test'], command: ['node', 'server.mjs'] },
	files: {
		'server.mjs': `
			import { createServer } from 'node:http';
			import { writeFileSync } from 'node:fs';
			writeFileSync(process.env.DATA + '/made', '');
			createServer((_, response) => response.end('hello')).listen(8080);`,
	},
};

test('started under a umask of 077 a server makes what it makes with the rights that others need, and serves', async () => {
	const house = await House.start({ open: true, tenants: { hello: tenant } });
	try {
		await house.stop();
		for (const name of ['run', 'state']) rmSync(join(house.folder, name), { recursive: true });
		const umask = process.umask(0o077);
		try {
			await house.serve();
		} finally {
			process.umask(umask);
		}
		expect(await visit(house, 'hello.test')).toMatchObject({ status: 200, body: 'hello' });
		const mode = (path: string): string => (statSync(join(house.folder, path)).mode & 0o777).toString(8);
		expect([mode('run'), mode('state'), mode('state/data/101/made')]).toEqual(['755', '711', '644']);
	} finally {
		await house.discard();
	}
});

describe('a clone made under a umask of 077', () => {
	let folder: string;
	let config: string;
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), 'innkeeper-umask-'));
		config = join(folder, 'innkeeper.yaml');
		writeFileSync(
			config,
			JSON.stringify({ listen: { http: [] }, state: join(folder, 'state'), run: join(folder, 'run') }),
		);
		for (const name of [
			'bin',
			'build',
			'cli',
			'config',
			'launcher',
			'proxy',
			'tenants',
			'package.json',
			'package-lock.json',
		]) {
			if (existsSync(join(project, name)))
				cpSync(join(project, name), join(folder, name), { recursive: true, preserveTimestamps: true });
		}
		symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	testUnless(
		ordinary,
		'is refused before anything was made, with the command that opens it, and serves once it was given',
		async () => {
			chmodSync(join(folder, 'proxy', 'main.ts'), 0o600);
			const refused = await serve();
			expect(refused.stderr).toContain(`${join(folder, 'proxy', 'main.ts')} cannot be read by user`);
			expect(existsSync(join(folder, 'run'))).toBe(false);
			const [, command = ''] = /^ {2}(chmod -R go\+rX .*)$/m.exec(refused.stderr) ?? [];
			await execa('sh', ['-c', command]);
			expect((await serve()).stdout).toContain('innkeeper: ready');
		},
	);

	/** Runs the clone's server to its end; it is told to end when it is ready. */
	async function serve(): Promise<{ stdout: string; stderr: string }> {
		const server = execa(join(folder, 'bin', 'innkeeper'), ['serve', '--config', config], {
			reject: false,
			cwd: folder,
		});
		server.stdout.on('data', (bytes: Buffer) => {
			if (String(bytes).includes('innkeeper: ready')) server.kill('SIGTERM');
		});
		const { stdout, stderr } = await server;
		return { stdout, stderr };
	}
});
