import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import type { KeeperFailure } from '../../../launcher/keeper/frames.ts';
import { compiled, nodeProgram, rootOnly, TestKeeper } from './house.ts';
import { visit } from './visit.ts';

let keeper: TestKeeper;
let doors: boolean;
beforeEach(async () => {
	keeper = new TestKeeper();
	doors = (await keeper.start()).number('doors') === 1;
});
afterEach(() => keeper.close());

/** A test where doors can be shut: root, cgroups and the kernel's programs. */
function withDoors(title: string, body: () => Promise<void>): void {
	rootOnly(title, async () => {
		if (doors) await body();
		else console.log(`${title}: skipped, no door can be shut here`);
	});
}

const python = '/usr/bin/python3';
const node = 'require("http").createServer((q, s) => s.end("pid " + process.pid)).listen(+process.argv[1])';
const selecting = `
import select, socket, sys
own = socket.socket(); own.bind(('', int(sys.argv[1]))); own.listen()
while True:
    select.select([own], [], [])
    visitor, _ = own.accept(); visitor.recv(4096); visitor.send(b'HTTP/1.0 200 OK\\r\\n\\r\\npid'); visitor.close()
`;

/** Lets the keeper have so many more files. */
function leaveRoom(files: number): void {
	const open = new Set(readdirSync(`/proc/${keeper.pid}/fd`).map(Number));
	let limit = 0;
	for (let free = 0; free < files || open.has(limit); limit++) if (!open.has(limit)) free++;
	execFileSync('prlimit', ['--pid', String(keeper.pid), `--nofile=${limit}:`]);
}

/** Programs that wait for visitors in each of the ways there are. */
const servers: Record<string, (port: number) => { arg: (string | number)[]; [key: string]: unknown }> = {
	'one that blocks in accept(2)': (port) => ({ arg: [compiled(keeper.folder, 'server'), port] }),
	'one that blocks in poll(2)': (port) => ({ arg: [compiled(keeper.folder, 'server'), port, 'nonblock'] }),
	'one that blocks in epoll_wait(2)': (port) => nodeProgram('-e', node, port),
	'one that blocks in select(2)': (port) => ({ arg: [python, '-c', selecting, port] }),
};

/** Asks the server from within its VPS; the exit status. */
async function ask(port: number, instance: number, ...how: string[]): Promise<string> {
	const before = keeper.events.filter((event) => event.verb === 'ran').length;
	await keeper.request('run', {
		id: 101,
		instance,
		cwd: keeper.folder,
		arg: [compiled(keeper.folder, 'ask'), port, ...how],
		uid: 70101,
		gid: 70101,
		limit: 5000,
	});
	const isNext = (): boolean => keeper.events.filter((event) => event.verb === 'ran').length > before;
	await keeper.untilEvent(isNext, 'end of the errand');
	return keeper.events.findLast((event) => event.verb === 'ran')?.text('status') ?? '';
}

/** Visits, and remembers which are answered. */
class Visitors {
	readonly answers: string[] = [];
	readonly #all: Promise<unknown>[] = [];
	add(count: number, port: number): void {
		for (let n = 0; n < count; n++) this.#all.push(visit(port).then((answer) => this.answers.push(answer)));
	}
	async settled(): Promise<number> {
		await Promise.all(this.#all);
		return this.answers.length;
	}
}

for (const [title, command] of Object.entries(servers)) {
	if (title.includes('select') && !existsSync(python)) continue;
	withDoors(
		`a door that is shut holds visitors from a server that listens, and lets them in when it opens: ${title}`,
		async () => {
			const port = await keeper.open('tcp/a', 101);
			for (const instance of [1, 2]) {
				const visitors = new Visitors();
				visitors.add(20, port);
				await keeper.launch(101, instance, { ...command(port), socket: 'tcp/a', shut: 'tcp/a' });
				await keeper.event('listening', { id: 101, instance, name: 'tcp/a' });
				visitors.add(20, port);
				expect(await ask(port, instance)).toBe('exit:0');
				expect(visitors.answers).toEqual([]);
				await keeper.request('admit', { name: 'tcp/a' });
				expect(await visitors.settled()).toBe(40);
				visitors.add(20, port);
				expect(await visitors.settled()).toBe(60);
				await keeper.request('kill', { id: 101, instance });
				await keeper.event('empty', { id: 101, instance });
			}
		},
	);
}

withDoors('on IPv6 too', async () => {
	const port = await keeper.open('tcp/a', 101, { address: '::1' });
	const held = visit(port, '/', '::1');
	await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port, 'v6'], socket: 'tcp/a', shut: 'tcp/a' });
	await keeper.event('listening', { instance: 1 });
	expect(await ask(port, 1, 'v6')).toBe('exit:0');
	await keeper.request('admit', { name: 'tcp/a' });
	expect(await held).toMatch(/^pid/);
});

withDoors('sockets that are handed over (listen-fds) have doors as well', async () => {
	const port = await keeper.open('tcp/a', 101);
	const held = visit(port);
	await keeper.launch(101, 1, {
		arg: [compiled(keeper.folder, 'server'), port, 'fd'],
		activation: 'listen-fds',
		socket: 'tcp/a',
		shut: 'tcp/a',
	});
	expect(await ask(port, 1)).toBe('exit:0');
	await keeper.request('admit', { name: 'tcp/a' });
	expect(await held).toMatch(/^pid/);
});

withDoors(
	'who waits before a shut door is there for the next instance when this one fails, and can be dismissed',
	async () => {
		const port = await keeper.open('tcp/a', 101);
		const visitors = new Visitors();
		visitors.add(10, port);
		await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a', shut: 'tcp/a' });
		await keeper.event('listening', { instance: 1 });
		await expect(keeper.request('dismiss', { name: 'tcp/a' })).rejects.toThrow('EBUSY');
		await keeper.request('kill', { id: 101, instance: 1 });
		await keeper.event('empty', { instance: 1 });
		await keeper.launch(101, 2, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
		expect(await visitors.settled()).toBe(10);
		await keeper.request('kill', { id: 101, instance: 2 });
		await keeper.event('empty', { instance: 2 });
		const dismissed = Promise.allSettled(Array.from({ length: 10 }, () => visit(port)));
		await keeper.request('watch', { name: 'tcp/a' });
		await keeper.event('knock', { name: 'tcp/a' });
		const late = setInterval(() => void keeper.request('dismiss', { name: 'tcp/a' }), 5);
		expect((await dismissed).map(({ status }) => status)).toEqual(Array(10).fill('rejected'));
		clearInterval(late);
	},
);

withDoors(
	'a door that shuts behind a running instance leaves it what it has, and keeps the others for the next',
	async () => {
		const port = await keeper.open('tcp/a', 101);
		await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
		await keeper.event('listening', { instance: 1 });
		const first = connect(port, '127.0.0.1');
		await new Promise((resolve) => first.once('connect', resolve));
		await keeper.request('signal', { id: 101, instance: 1, signal: 19 });
		const queued = visit(port);
		await new Promise((resolve) => setImmediate(resolve));
		await keeper.request('shut', { name: 'tcp/a' });
		const late = new Visitors();
		late.add(10, port);
		await keeper.request('signal', { id: 101, instance: 1, signal: 18 });
		first.write('GET / HTTP/1.0\r\n\r\n');
		const answer = await new Promise<Buffer>((resolve) => first.once('data', resolve));
		expect(String(answer)).toContain('pid');
		const before = await queued;
		expect(late.answers).toEqual([]);
		await keeper.request('kill', { id: 101, instance: 1 });
		await keeper.event('empty', { instance: 1 });
		await keeper.launch(101, 2, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
		expect(await late.settled()).toBe(10);
		expect(late.answers).not.toContain(before);
	},
);

withDoors('nobody else can join the group: an address stays one tenant’s alone while its door is shut', async () => {
	const port = await keeper.open('tcp/a', 101);
	await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a', shut: 'tcp/a' });
	await keeper.event('listening', { instance: 1 });
	const program = `
import socket
other = socket.socket(); other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1); other.bind(('127.0.0.1', ${port})); other.listen()
`;
	await keeper.launch(102, 2, { arg: [python, '-c', program], activation: 'port' });
	expect((await keeper.event('exit', { id: 102 })).text('status')).toBe('exit:1');
});

test('an errand ends with its limit, or with its VPS, and there is one at a time', async () => {
	const server = { arg: [compiled(keeper.folder, 'server'), 1, 'nobind'] };
	await keeper.launch(101, 1, { ...server, arg: ['/bin/sleep', 100], activation: 'port' });
	const errand = { id: 101, instance: 1, cwd: keeper.folder, arg: ['/bin/sleep', '100'] };
	await keeper.request('run', { ...errand, limit: 50 });
	await expect(keeper.request('run', { ...errand, limit: 50 })).rejects.toThrow('EBUSY');
	expect((await keeper.event('ran', { id: 101, instance: 1 })).text('status')).toBe('signal:9');
	await keeper.request('run', { ...errand, limit: 100_000 });
	await keeper.request('kill', { id: 101, instance: 1 });
	await keeper.event('empty', { id: 101 });
	await expect(keeper.request('run', { ...errand, limit: 50 })).rejects.toThrow('ESRCH');
	await expect(keeper.request('run', { ...errand, limit: 50, instance: 9 })).rejects.toThrow('ESRCH');
});

/* Half shut is not shut: whatever file was one too many, the program goes on accepting, or the door opens as any. */
withDoors('a door that cannot be shut for want of files stays open, and its visitors are answered', async () => {
	const port = await keeper.open('tcp/a', 101);
	await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
	await keeper.event('listening', { id: 101 });
	await keeper.request('shut', { name: 'tcp/a' });
	await keeper.request('admit', { name: 'tcp/a' });
	const outcomes = new Set<string>();
	for (let files = 0; files <= 6; files++) {
		leaveRoom(files);
		const shut = await keeper.request('shut', { name: 'tcp/a' }).then(
			() => 'shut',
			({ what }: KeeperFailure) => what,
		);
		leaveRoom(1000);
		outcomes.add(shut);
		if (shut === 'shut') await keeper.request('admit', { name: 'tcp/a' });
		expect(await visit(port)).toContain('pid ');
	}
	expect(outcomes).toEqual(new Set(['door', 'shut']));
});
