import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCommandLine } from '../../cli/parse.ts';
import { run } from '../../cli/serve.ts';
import { Became, contextOf, type Recorded } from './context.ts';
import { innkeeper, packageFolder } from './innkeeper.ts';

const uid = process.getuid?.() ?? 0;
let base: string;
let file: string;

beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'innkeeper-serve-'));
	file = join(base, 'innkeeper.yaml');
	writeFileSync(file, 'state: ./state\nrun: ./run\n');
});
afterEach(() => rmSync(base, { recursive: true }));

/** A package whose keeper was compiled, or whose bin/setup is the given script. */
function packageWith(keeper: 'built' | { setup: string }): string {
	const folder = join(base, 'package');
	mkdirSync(join(folder, 'bin'), { recursive: true });
	mkdirSync(join(folder, 'build'));
	if (keeper === 'built') writeFileSync(join(folder, 'build', 'keeper'), '');
	else writeFileSync(join(folder, 'bin', 'setup'), keeper.setup);
	return folder;
}

async function serve(context: Recorded): Promise<void> {
	const call = parseCommandLine(['serve', '--config', file]);
	await run(call, context);
}

test('becomes the keeper, told where everything is and how the launcher is started', async () => {
	const env = { HOME: '/home/u', INNKEEPER_HTTP: '127.0.0.1:1', SECRET: 'x', PATH: '/bin' };
	const context = contextOf({ uid, env, packageFolder: packageWith('built') });
	await expect(serve(context)).rejects.toThrow(Became);
	const [program, ...given] = context.became[0] ?? [];
	expect(program).toBe(join(base, 'package', 'build', 'keeper'));
	expect(given).toEqual(
		expect.arrayContaining([`run=${base}/run`, `control=${base}/run/control.sock`, `hall=${uid === 0 ? 1 : 0}`]),
	);
	expect(given.filter((argument) => argument.startsWith('launcher='))).toEqual([
		'launcher=/the/node',
		'launcher=--disable-warning=ExperimentalWarning',
		`launcher=${join(packageFolder, 'launcher', 'main.ts')}`,
	]);
	const environment = given
		.filter((argument) => argument.startsWith('launcher-env='))
		.map((argument) => argument.slice('launcher-env='.length));
	expect(environment).toEqual(
		expect.arrayContaining([
			`INNKEEPER_CONFIG=${file}`,
			expect.stringMatching(/^NODE_COMPILE_CACHE=.*\/cache$/),
			'HOME=/home/u',
			'INNKEEPER_HTTP=127.0.0.1:1',
		]),
	);
	expect(environment.join()).not.toMatch(/SECRET|PATH/);
});

test('has one line said that tells what rights it has, before anything else', async () => {
	const context = contextOf({ uid, packageFolder: packageWith('built') });
	await expect(serve(context)).rejects.toThrow(Became);
	expect(context.printed.out).toBe('');
	expect(context.became[0]).toContainEqual(
		expect.stringMatching(
			/^greeting=innkeeper: running as (root|user \d+): (cgroups|pid namespaces|process trees)[^\n]*$/,
		),
	);
});

test('two servers with folders of their own have cgroups of their own, the same server always the same', async () => {
	const cgroupOf = async (): Promise<string | undefined> => {
		const context = contextOf({ uid, packageFolder: packageFolderOnce });
		await expect(serve(context)).rejects.toThrow(Became);
		return context.became[0]?.find((argument) => argument.startsWith('cgroup=') || argument.startsWith('tag='));
	};
	const packageFolderOnce = packageWith('built');
	const first = await cgroupOf();
	expect(await cgroupOf()).toBe(first);
	writeFileSync(file, 'state: ./state\nrun: ./another\n');
	if (first?.startsWith('cgroup=')) expect(await cgroupOf()).not.toBe(first);
});

test('a config that is wrong is told fault by fault on stderr, with status 1', async () => {
	writeFileSync(file, 'workers: x\nlisten: { htp: [] }\n');
	const { stdout, stderr, exitCode } = await innkeeper(['serve', '--config', file]);
	expect(stderr.split('\n')).toEqual([
		`innkeeper: ${file} is refused:`,
		expect.stringMatching(/innkeeper\.yaml:\d+:\d+: .*\((invalid|unknown-key)\)$/),
		expect.stringMatching(/innkeeper\.yaml:\d+:\d+: .*\((invalid|unknown-key)\)$/),
	]);
	expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
});

test('an INNKEEPER_HTTP that is no address is refused', async () => {
	const context = contextOf({ uid, env: { INNKEEPER_HTTP: 'eight' }, packageFolder: packageWith('built') });
	await expect(serve(context)).rejects.toThrow('INNKEEPER_HTTP is no address and port: eight');
});

test('without --config it is refused with status 2', async () => {
	expect(await innkeeper(['serve'])).toMatchObject({
		exitCode: 2,
		stderr: expect.stringContaining('serve needs --config FILE'),
	});
});

test('a second server with the same control socket is refused, and the first keeps it', async () => {
	mkdirSync(join(base, 'run'));
	const first = createServer((socket) => socket.end()).listen(join(base, 'run', 'control.sock'));
	const context = contextOf({ uid, packageFolder: packageWith('built') });
	await expect(serve(context)).rejects.toThrow(/another Innkeeper serves at/);
	expect(context.became).toEqual([]);
	expect(statSync(join(base, 'run', 'control.sock')).isSocket()).toBe(true);
	await new Promise((done) => first.close(done));
});

test('a keeper that was not compiled yet is, by bin/setup', async () => {
	const folder = packageWith({ setup: 'touch "$(dirname "$0")/../build/keeper"' });
	const context = contextOf({ uid, packageFolder: folder });
	await expect(serve(context)).rejects.toThrow(Became);
	expect(context.became[0]?.[0]).toBe(join(folder, 'build', 'keeper'));
});

test('a keeper that cannot be compiled is said so, with what to run', async () => {
	const folder = packageWith({ setup: 'exit 1' });
	const failing = serve(contextOf({ uid, packageFolder: folder }));
	await expect(failing).rejects.toMatchObject({
		message: 'the keeper is not built',
		advice: [expect.stringContaining(join(folder, 'bin', 'setup'))],
	});
});

test('a user for the edges who does not exist is refused, where the server is root', async () => {
	writeFileSync(file, 'state: ./state\nrun: ./run\nuser: nobody-of-that-name\n');
	const context = contextOf({ uid, packageFolder: packageWith('built') });
	if (uid === 0) await expect(serve(context)).rejects.toThrow(/there is no user nobody-of-that-name/);
	else await expect(serve(context)).rejects.toThrow(Became);
});

test('a config that others may write does not count', async () => {
	chmodSync(file, 0o666);
	await expect(serve(contextOf({ uid, packageFolder: packageWith('built') }))).rejects.toMatchObject({
		advice: [expect.stringContaining('(untrusted)')],
	});
});

test('an access log that cannot be written is refused, with what to do, before anything runs', async () => {
	writeFileSync(file, 'state: ./state\nrun: ./run\naccessLog: { file: ./no/such/access.log }\n');
	const context = contextOf({ uid, packageFolder: packageWith('built') });
	await expect(serve(context)).rejects.toMatchObject({
		message: `the access log ${base}/no/such/access.log cannot be written: ENOENT`,
		advice: [`mkdir -p '${base}/no/such'`, `or choose another accessLog.file in ${file}.`],
	});
	writeFileSync(file, 'state: ./state\nrun: ./run\naccessLog: { file: ./state }\n');
	await expect(serve(context)).rejects.toThrow(/cannot be written: EISDIR/);
	writeFileSync(file, 'state: ./state\nrun: ./run\naccessLog: { file: ./access.log }\n');
	await expect(serve(context)).rejects.toThrow(Became);
});

test('an access log on a full disk is not refused: the server starts, and the log goes on when there is room', async () => {
	writeFileSync(file, 'state: ./state\nrun: ./run\naccessLog: { file: /dev/full }\n');
	await expect(serve(contextOf({ uid, packageFolder: packageWith('built') }))).rejects.toThrow(Became);
});
