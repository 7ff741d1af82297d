import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { compiled, rootOnly, TestKeeper } from './house.ts';
import { visit } from './visit.ts';

/*
 * Attack: a socket that the keeper hands to a tenant was made in another network namespace (the hall, the host); whoever can turn
 * it into a connecting socket talks from there. Model: the tenant holds the socket and may do any system call on it. Fix: the
 * sockets are made in a cgroup whose BPF programs deny connect and sendmsg, and these follow the socket.
 */
let keeper: TestKeeper;
let victim: Server;
let reached = 0;
beforeEach(async () => {
	keeper = new TestKeeper();
	await keeper.start();
	reached = 0;
	victim = createServer((socket) => {
		reached++;
		socket.destroy();
	});
	await new Promise<void>((resolve) => victim.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
	await new Promise((resolve) => victim.close(resolve));
	await keeper.close();
});

async function attack(kind: string): Promise<string> {
	const port = await keeper.open('tcp/a', 101);
	const report = join(keeper.dataFor(101), 'report');
	const address = victim.address();
	const target = typeof address === 'object' && address !== null ? address.port : 0;
	const prey = kind.startsWith('accepted-') ? visit(port).catch(() => '') : undefined;
	await keeper.launch(101, 1, {
		arg: [compiled(keeper.folder, 'attack'), port, kind, report, target],
		socket: 'tcp/a',
	});
	expect((await keeper.event('exit', { id: 101 })).text('status')).toBe('exit:0');
	await keeper.event('empty', { id: 101, instance: 1 });
	await prey;
	await keeper.launch(101, 2, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
	expect(await visit(port)).toMatch(/^pid/);
	return readFileSync(report, 'utf8').trim();
}

for (const kind of ['shutdown', 'disconnect', 'fastopen', 'accepted-disconnect', 'accepted-fastopen']) {
	rootOnly(`${kind}, then connect to somebody else: EPERM, and the next instance serves the socket`, async () => {
		expect(await attack(kind)).toBe('EPERM');
		expect(reached).toBe(0);
	});
}

test('options that starve visitors are gone with the instance that set them', async () => {
	expect(await attack('options')).not.toBe('connected');
});

test('mend listens again on a socket that was shut down', async () => {
	const port = await keeper.open('tcp/a', 101);
	expect((await keeper.request('mend', { name: 'tcp/a' })).number('mended')).toBe(0);
	const report = join(keeper.dataFor(101), 'report');
	const program = compiled(keeper.folder, 'attack');
	await keeper.launch(101, 1, {
		arg: ['/bin/sh', '-c', `${program} ${port} shutdown ${report} 1; exec sleep 1000`],
		socket: 'tcp/a',
		env: 'PATH=/usr/bin:/bin',
	});
	await keeper.event('listening', { id: 101 });
	let mended = 0;
	while (mended === 0) mended = (await keeper.request('mend', { name: 'tcp/a' })).number('mended');
	const visitor = connect(port, '127.0.0.1');
	await once(visitor, 'connect');
	visitor.destroy();
});
