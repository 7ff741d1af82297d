import { existsSync, mkdirSync, readFileSync, statSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compiled, mayMakeCgroups, rootOnly, TestKeeper, wait } from './house.ts';
import { visit } from './visit.ts';

const tags = mayMakeCgroups() ? (['cgroup', 'tree'] as const) : (['pidns', 'tree'] as const);

/** The text of a file, once it is there with that many lines in it. */
function lineOf(file: string, lines = 1): Promise<string> {
	return wait<string>((resolve) => {
		const look = (): void => {
			const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
			if (text.split('\n').length <= lines) return;
			watcher.close();
			resolve(text.trim());
		};
		const watcher = watch(dirname(file), look);
		look();
	}, file);
}

function lives(pid: number): boolean {
	try {
		return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
	} catch {
		return false;
	}
}

describe.each(tags)('with tag=%s', (tag) => {
	let keeper: TestKeeper;
	beforeEach(async () => {
		keeper = new TestKeeper({ tag });
		await keeper.start();
	});
	afterEach(() => keeper.close());

	test('exit tells the status of the first process, then empty follows', async () => {
		await keeper.launch(101, 1, { arg: ['/bin/sh', '-c', 'exit 7'] });
		expect((await keeper.event('exit', { id: 101, instance: 1 })).text('status')).toBe('exit:7');
		await keeper.event('empty', { id: 101, instance: 1 });
		expect(keeper.events.map((event) => event.verb).filter((verb) => verb === 'exit' || verb === 'empty')).toEqual([
			'exit',
			'empty',
		]);
	});

	test.each([
		['a program that is not there', { arg: ['/no/such/program'] }, 'ENOENT', 'exec'],
		['a file that may not be executed', { arg: ['/etc/passwd'] }, 'EACCES', 'exec'],
		['a working folder that is not there', { arg: ['/bin/true'], cwd: '/no/such' }, 'ENOENT', 'chdir'],
	])('%s is told at once and leaves nothing behind', async (_title, fields, error, what) => {
		await expect(keeper.launch(101, 1, fields)).rejects.toMatchObject({ error, what });
		if (keeper.cgroup !== undefined) expect(existsSync(`${keeper.cgroup}/vps-101`)).toBe(false);
		await keeper.launch(101, 2, { arg: ['/bin/true'] });
		await keeper.event('empty', { id: 101, instance: 2 });
	});

	test('while nothing happens the keeper does nothing', async () => {
		const port = await keeper.open('tcp/a', 101);
		await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
		await keeper.event('listening', { id: 101 });
		await visit(port);
		const turns = (): number =>
			Number(/voluntary_ctxt_switches:\t(\d+)/.exec(readFileSync(`/proc/${keeper.pid}/status`, 'utf8'))?.[1]);
		const ticks = (): number => {
			const fields = readFileSync(`/proc/${keeper.pid}/stat`, 'utf8').split(' ');
			return Number(fields[13]) + Number(fields[14]);
		};
		await new Promise((resolve) => setTimeout(resolve, 150));
		const [before, spent] = [turns(), ticks()];
		await new Promise((resolve) => setTimeout(resolve, 500));
		expect(turns() - before).toBeLessThanOrEqual(3);
		expect(ticks() - spent).toBeLessThanOrEqual(1);
	});

	test('a second start of a living VPS is refused', async () => {
		await keeper.launch(101, 1, { arg: ['/bin/sleep', '1000'] });
		await expect(keeper.launch(101, 2, { arg: ['/bin/true'] })).rejects.toMatchObject({ error: 'EEXIST', what: 'id' });
	});

	test('a grandchild that forked twice, called setsid and ignores SIGTERM is owned, told, and killed whole', async () => {
		const file = join(keeper.dataFor(101), 'pid');
		await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'daemon'), file] });
		await keeper.event('exit', { id: 101 });
		await lineOf(file);
		const pids = (await keeper.request('tell', { id: 101, instance: 1 })).list('pid').map(Number);
		const pid = Math.max(...pids);
		expect(lives(pid)).toBe(true);
		expect((await keeper.request('owner', { pid })).number('id')).toBe(101);
		expect((await keeper.request('owner', { pid: process.pid })).number('id')).toBe(0);
		await keeper.request('signal', { id: 101, instance: 1, signal: 15 });
		expect(lives(pid)).toBe(true);
		await keeper.request('kill', { id: 101, instance: 1 });
		await keeper.event('empty', { id: 101 });
		expect(lives(pid)).toBe(false);
	});

	test('a signal reaches every process of the VPS', async () => {
		const data = keeper.dataFor(101);
		const child = `trap 'echo got > ${data}/$name' TERM; echo up > ${data}/$name.up; while :; do sleep 0.05; done`;
		await keeper.launch(101, 1, {
			arg: ['/bin/sh', '-c', `(name=a; ${child}) & (name=b; ${child})`],
			env: 'PATH=/usr/bin:/bin',
		});
		await Promise.all([lineOf(`${data}/a.up`), lineOf(`${data}/b.up`)]);
		await keeper.request('signal', { id: 101, instance: 1, signal: 15 });
		expect(await Promise.all([lineOf(`${data}/a`), lineOf(`${data}/b`)])).toEqual(['got', 'got']);
		await keeper.request('kill', { id: 101, instance: 1 });
		await keeper.event('empty', { id: 101 });
	});

	test('a fork bomb is killed whole', async () => {
		// Many make many, as fast as they can; but at most 128 at a time and for a while, also where nobody kills them.
		const rounds = 'i=0; while [ $i -lt 500 ]; do i=$((i+1)); sleep 0.01; done';
		const bomb = `f() { if [ $1 -eq 6 ]; then ${rounds}; else f $(($1+1)) & f $(($1+1)); fi; }; f 0`;
		await keeper.launch(101, 1, {
			arg: ['/bin/sh', '-c', bomb],
			env: 'PATH=/usr/bin:/bin',
		});
		while ((await keeper.request('tell', { id: 101, instance: 1 })).list('pid').length < 40);
		await keeper.request('kill', { id: 101, instance: 1 });
		await keeper.event('empty', { id: 101 });
	});

	test('NOTIFY_SOCKET brings the words of the VPS, and hello repeats the last', async () => {
		await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'notify'), 'READY=1\nSTATUS=fine'] });
		expect((await keeper.event('notify', { id: 101, instance: 1 })).text('text')).toBe('READY=1\nSTATUS=fine');
		keeper.events.length = 0;
		await keeper.request('hello', { protocol: 1 });
		const told = await keeper.event('vps', { id: 101, instance: 1 });
		expect(told.text('notified')).toBe('READY=1\nSTATUS=fine');
	});

	test('no datagram to NOTIFY_SOCKET ends the keeper, and a good one behind many is heard', async () => {
		await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'noticenoise')] });
		await keeper.event('notify', { id: 101, text: 'READY=1' });
		expect((await keeper.request('owner', { pid: 1 })).number('id')).toBe(0);
	});

	test("another tenant's word on the NOTIFY_SOCKET is not believed", async () => {
		const file = join(keeper.dataFor(101), 'name');
		await keeper.launch(101, 1, {
			arg: ['/bin/sh', '-c', `echo $NOTIFY_SOCKET > ${file}; exec sleep 1000`],
			env: 'PATH=/bin',
		});
		const name = await lineOf(file);
		await keeper.launch(102, 2, { arg: [compiled(keeper.folder, 'notify'), 'READY=1', name] });
		await keeper.launch(103, 3, { arg: [compiled(keeper.folder, 'notify'), 'READY=1'] });
		await keeper.event('notify', { id: 103 });
		expect(keeper.events.some((event) => event.verb === 'notify' && event.find('id') === '101')).toBe(false);
	});

	test('a program starts with a clean slate: no fds, no pending mask, its own session, the environment asked for', async () => {
		const file = join(keeper.dataFor(101), 'said');
		const script = `ls /proc/self/fd | tr "\\n" " " > ${file}; grep -E "SigBlk|SigIgn" /proc/self/status | tr -d "\\n\\t" >> ${file}; echo " $A $(umask)" >> ${file}`;
		await keeper.launch(101, 1, { arg: ['/bin/sh', '-c', script], env: ['PATH=/usr/bin:/bin', 'A=b'] });
		expect(await lineOf(file)).toBe('0 1 2 3 SigBlk:0000000000000000SigIgn:0000000000000000 b 0022');
	});
});

test('where the run folder leaves no room for a path, the NOTIFY_SOCKET has a name that nobody can guess', async () => {
	const keeper = new TestKeeper({ long: true });
	try {
		await keeper.start();
		const notify = compiled(keeper.folder, 'notify');
		await keeper.launch(101, 1, {
			arg: ['/bin/sh', '-c', `exec ${notify} $NOTIFY_SOCKET`],
			env: 'PATH=/usr/bin:/bin',
		});
		expect((await keeper.event('notify', { id: 101 })).text('text')).toMatch(/^@innkeeper\/[0-9a-f]{32}$/);
	} finally {
		await keeper.close();
	}
});

describe('as root', () => {
	let keeper: TestKeeper;
	beforeEach(async () => {
		keeper = new TestKeeper();
		await keeper.start();
	});
	afterEach(() => keeper.close());

	/*
	 * Attack: another tenant sits on the name of the NOTIFY_SOCKET before the victim is started, or fills its queue. Model: it sees
	 * /proc/net/unix and guesses the next name. Fix: the socket is a file, in a folder of the keeper's, that the victim's user alone
	 * may write to.
	 */
	rootOnly('nobody else can have, find or flood the NOTIFY_SOCKET of a tenant', async () => {
		const name = join(keeper.folder, 'notices', '101-7');
		const squatter = `exec 2>&1; ls ${dirname(name)}; touch ${name}; ln -s /tmp ${name}; exec ${compiled(keeper.folder, 'notify')} x ${name} flood`;
		const log = join(keeper.folder, 'log');
		await keeper.launch(102, 1, { arg: ['/bin/sh', '-c', squatter], env: 'PATH=/usr/bin:/bin', log });
		const said = await lineOf(log, 3);
		expect(said.match(/Permission denied/g)).toHaveLength(3);
		await keeper.launch(101, 7, { arg: [compiled(keeper.folder, 'notify'), 'READY=1'] });
		expect((await keeper.event('notify', { id: 101, instance: 7 })).text('text')).toBe('READY=1');
		expect((await keeper.request('tell', { id: 101, instance: 7 })).number('denied')).toBe(0);
		expect(statSync(name)).toMatchObject({ uid: 70101, mode: 0o140755 });
		await keeper.request('kill', { id: 101, instance: 7 });
		await keeper.event('empty', { id: 101, instance: 7 });
		await keeper.request('hello', { protocol: 1 });
		expect(existsSync(name)).toBe(false);
	});

	rootOnly('a tenant of root that leaves its user behind can still tell that it is ready', async () => {
		const notify = compiled(keeper.folder, 'notify');
		const arg = ['/usr/bin/setpriv', '--reuid=70999', '--clear-groups', notify, 'READY=1'];
		await keeper.launch(101, 1, { arg, uid: 0, gid: 0 });
		expect((await keeper.event('notify', { id: 101 })).text('text')).toBe('READY=1');
	});

	rootOnly('a program has the user asked for, and no other group', async () => {
		const file = join(keeper.dataFor(101), 'said');
		await keeper.launch(101, 1, {
			arg: [
				'/bin/sh',
				'-c',
				`id -u > ${file}.0; id -G >> ${file}.0; cat ${file}.0 | tr "\\n" " " > ${file}; echo >> ${file}`,
			],
			env: 'PATH=/usr/bin:/bin',
		});
		expect(await lineOf(file)).toBe('70101 70101');
	});

	rootOnly('under a veil only what is revealed can be seen, each at its own place', async () => {
		const secret = join(keeper.folder, 'closed');
		mkdirSync(join(secret, 'own/deep'), { recursive: true });
		mkdirSync(join(secret, 'other'));
		writeFileSync(join(secret, 'own/deep/file'), 'mine');
		const file = join(keeper.dataFor(101), 'said');
		await keeper.launch(101, 1, {
			arg: [
				'/bin/sh',
				'-c',
				`echo $(ls ${secret}) $(cat own/deep/file) $(touch ${secret}/x 2>&1 | grep -c .) > ${file}`,
			],
			cwd: secret,
			veil: secret,
			reveal: join(secret, 'own'),
			env: 'PATH=/usr/bin:/bin',
		});
		expect(await lineOf(file)).toBe('own mine 1');
		await keeper.event('empty', { id: 101 });
		expect(existsSync(join(secret, 'other'))).toBe(true);
	});

	rootOnly('a VPS is in its own cgroup from its first instruction', async () => {
		const file = join(keeper.dataFor(101), 'said');
		await keeper.launch(101, 1, {
			arg: ['/bin/sh', '-c', `grep ^0:: /proc/self/cgroup > ${file}`],
			env: 'PATH=/usr/bin:/bin',
		});
		expect(await lineOf(file)).toMatch(/\/vps-101$/);
	});
});

test('an adopted instance under tag=tree is served like any other', async () => {
	const keeper = new TestKeeper({ tag: 'tree' });
	await keeper.start();
	const port = await keeper.open('tcp/a', 101);
	await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
	expect(await visit(port)).toMatch(/^pid/);
	await keeper.close();
});
