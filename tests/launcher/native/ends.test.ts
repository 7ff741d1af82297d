import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { childrenOf, compiled, rootOnly, TestKeeper } from './house.ts';
import { visit } from './visit.ts';

let keeper: TestKeeper;
beforeEach(async () => {
	keeper = new TestKeeper();
	await keeper.start();
});
afterEach(() => keeper.close());

/** How long our sleepers sleep, in s: nobody else's do for so long. */
const OURS = 100_000 + process.pid;

/** One of each: a tenant that ignores SIGTERM, one that serves, one with a log. */
async function furnish(): Promise<{ port: number }> {
	const port = await keeper.open('tcp/a', 101);
	await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
	await keeper.launch(102, 2, {
		arg: ['/bin/sh', '-c', `trap "" TERM; sleep ${OURS} & sleep ${OURS}`],
		env: 'PATH=/usr/bin:/bin',
		log: join(keeper.folder, 'log'),
	});
	await keeper.event('listening', { id: 101 });
	return { port };
}

function processesOf(folder: string): string[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.filter((pid) => {
			try {
				return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
			} catch {
				return false;
			}
		});
}

test('end leaves no process, cgroup, mount or socket file, and exits with the status asked for', async () => {
	const { port } = await furnish();
	const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
	expect(await keeper.end(42)).toBe(42);
	expect(processesOf(keeper.folder)).toEqual([]);
	if (keeper.cgroup !== undefined) expect(existsSync(keeper.cgroup)).toBe(false);
	for (const name of ['edge.sock', 'control.sock', 'keeper.lock'])
		expect(existsSync(join(keeper.folder, name))).toBe(false);
	expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(mounts);
	await expect(visit(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('SIGTERM is told as stop, also to a launcher that comes later; a second one ends at once', async () => {
	await furnish();
	keeper.process?.kill('SIGTERM');
	expect((await keeper.event('stop')).number('signal')).toBe(15);
	keeper.events.length = 0;
	process.kill(keeper.launcherPid, 'SIGKILL');
	await keeper.lost();
	await keeper.greeted();
	await keeper.event('stop', { signal: 15 });
	keeper.process?.kill('SIGTERM');
	expect(await keeper.gone()).toBe(1);
	expect(processesOf(keeper.folder)).toEqual([]);
});

test('SIGHUP is told as reload', async () => {
	keeper.process?.kill('SIGHUP');
	await keeper.event('reload');
});

test('a killed launcher is started again; tenants keep their pids, hello tells all, and the work goes on', async () => {
	const began = Date.now();
	const { port } = await furnish();
	const before = await visit(port);
	keeper.events.length = 0;
	process.kill(keeper.launcherPid, 'SIGKILL');
	await keeper.lost();
	expect(await visit(port)).toBe(before);
	const hello = await keeper.greeted();
	expect(hello.number('last')).toBe(2);
	expect(hello.text('tag')).toBe(keeper.tag);
	const vps = await keeper.event('vps', { id: 101, instance: 1 });
	expect(vps.list('listening')).toEqual(['tcp/a']);
	expect(vps.number('exited')).toBe(0);
	expect(vps.number('started')).toBeGreaterThanOrEqual(began);
	expect(vps.number('started')).toBeLessThanOrEqual(Date.now());
	await keeper.event('vps', { id: 102, instance: 2 });
	await keeper.event('socket', { name: 'tcp/a', id: 101, at: 'host', port, to: 'tenant' });
	await keeper.request('kill', { id: 101, instance: 1 });
	await keeper.event('empty', { id: 101 });
	await keeper.launch(101, 3, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
	expect(await visit(port)).toMatch(/^pid/);
});

test('what a launcher had remembered is told to the next, of the house and of an instance as long as it lives', async () => {
	await keeper.launch(101, 1, { arg: ['/bin/sleep', '1000'], memo: 'as it was = started' });
	await keeper.launch(102, 2, { arg: ['/bin/sleep', '1000'] });
	const next = async (): Promise<string[]> => {
		keeper.events.length = 0;
		process.kill(keeper.launcherPid, 'SIGKILL');
		await keeper.lost();
		const hello = await keeper.greeted();
		const told = keeper.events.filter(({ verb }) => verb === 'vps');
		return [hello.text('memo'), ...told.map((vps) => `${vps.text('id')}: ${vps.text('memo')}`).sort()];
	};
	expect(await next()).toEqual(['', '101: as it was = started', '102: ']);
	await keeper.request('remember', { memo: 'x'.repeat(300_000) });
	await keeper.request('remember', { memo: 'the house’s\n' });
	await keeper.request('remember', { id: 102, instance: 2, memo: 'another' });
	await expect(keeper.request('remember', { id: 102, instance: 3, memo: 'no' })).rejects.toMatchObject({
		error: 'ESRCH',
	});
	expect(await next()).toEqual(['the house’s\n', '101: as it was = started', '102: another']);
	await keeper.request('kill', { id: 102, instance: 2 });
	await keeper.event('empty', { id: 102 });
	expect(await next()).toEqual(['the house’s\n', '101: as it was = started']);
});

test('the keeper killed: its tenants die with it, and the next keeper sweeps what is left', async () => {
	const { port } = await furnish();
	keeper.process?.kill('SIGKILL');
	await keeper.lost();
	await keeper.gone();
	await keeper.start();
	expect(processesOf(`sleep\x00${OURS}`).length).toBe(0);
	expect(await keeper.open('tcp/a', 101, { port })).toBe(port);
	await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
	expect(await visit(port)).toMatch(/^pid/);
});

test('a second keeper in the same run folder ends with 3 and one line', async () => {
	const second = new TestKeeper({ beside: keeper });
	await expect(second.start()).rejects.toThrow();
	expect(second.process?.exitCode).toBe(3);
	expect(second.stderr).toMatch(/^innkeeper: keeper: .*another keeper is running there\n$/);
	await keeper.request('owner', { pid: 1 });
});

test('a control socket on which somebody else answers is left to him', async () => {
	await keeper.end();
	await keeper.lost();
	const path = join(keeper.folder, 'control.sock');
	const other = createServer();
	await new Promise<void>((resolve) => other.listen(path, resolve));
	await expect(keeper.start()).rejects.toThrow();
	expect(keeper.process?.exitCode).toBe(3);
	expect(existsSync(path)).toBe(true);
	await new Promise((resolve) => other.close(resolve));
	writeFileSync(join(keeper.folder, 'unrelated'), '');
});

rootOnly('the launcher lives in the house, beside the tenants', async () => {
	const cgroup = keeper.cgroup ?? '';
	const house = readFileSync(`${cgroup}/house/cgroup.procs`, 'utf8').trim().split('\n').map(Number);
	expect(house.sort()).toEqual(
		childrenOf(keeper.pid)
			.map((child) => child.pid)
			.sort(),
	);
	expect(readFileSync(`${cgroup}/keeper/cgroup.procs`, 'utf8').trim()).toBe(String(keeper.pid));
});
