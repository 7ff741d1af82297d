import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiled, nodeProgram, rootOnly, TestKeeper } from './house.ts';
import { visit } from './visit.ts';

let keeper: TestKeeper;
beforeEach(async () => {
	keeper = new TestKeeper();
	await keeper.start();
});
afterEach(() => keeper.close());

const python = '/usr/bin/python3';
const hello = 'require("http").createServer((q, s) => s.end("pid " + process.pid)).listen(+process.argv[1])';

/** How each program is told to serve a port. */
const servers: Record<string, (port: number) => { arg: (string | number)[]; [key: string]: unknown }> = {
	'a static C server': (port) => ({ arg: [compiled(keeper.folder, 'server'), port] }),
	'a C server that does not block': (port) => ({ arg: [compiled(keeper.folder, 'server'), port, 'nonblock'] }),
	'a C server on IPv6': (port) => ({ arg: [compiled(keeper.folder, 'server'), port, 'v6'] }),
	'a Node server': (port) => nodeProgram('-e', hello, port),
	'a Python server': (port) => ({ arg: [python, '-m', 'http.server', String(port)] }),
};

for (const [title, command] of Object.entries(servers)) {
	if (title.includes('Python') && !existsSync(python)) {
		console.log(`${title}: skipped, there is no ${python}`);
		continue;
	}
	test(`${title} answers visitors queued before its start and while it is stopped`, async () => {
		const port = await keeper.open('tcp/a', 101);
		for (const instance of [1, 2]) {
			const visitors = Array.from({ length: 20 }, () => visit(port));
			await keeper.launch(101, instance, { ...command(port), socket: 'tcp/a' });
			await keeper.event('bound', { id: 101, instance, name: 'tcp/a' });
			await keeper.event('listening', { id: 101, instance, name: 'tcp/a' });
			for (const answer of await Promise.all(visitors)) expect(answer).not.toBe('');
			await keeper.request('kill', { id: 101, instance });
			expect((await keeper.event('exit', { id: 101, instance })).text('status')).toBe('signal:9');
			await keeper.event('empty', { id: 101, instance });
		}
	});
}

test('a port that is none of its sockets is told, once for each call', async () => {
	const port = await keeper.open('tcp/a', 101);
	const other = await keeper.open('tcp/other', 102);
	await keeper.request('close', { name: 'tcp/other' });
	await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), other], socket: 'tcp/a' });
	await keeper.event('elsewhere', { id: 101, instance: 1, call: 'bind', port: other });
	await keeper.event('elsewhere', { id: 101, instance: 1, call: 'listen', port: other });
	expect(keeper.events.filter(({ verb }) => verb === 'elsewhere' || verb === 'listening')).toHaveLength(2);
	expect(other).not.toBe(port);
});

test('the backlog that a program asks for does not shrink ours: 50 visitors queue at a listen of 1', async () => {
	const port = await keeper.open('tcp/a', 101);
	await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
	await keeper.event('listening', { id: 101 });
	await keeper.request('signal', { id: 101, instance: 1, signal: 19 });
	const visitors = Array.from({ length: 50 }, () => visit(port));
	await keeper.request('signal', { id: 101, instance: 1, signal: 18 });
	expect(new Set(await Promise.all(visitors)).size).toBe(1);
});

test('a blocking server follows a non-blocking one on the same socket', async () => {
	const port = await keeper.open('tcp/a', 101);
	await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port, 'nonblock'], socket: 'tcp/a' });
	await keeper.event('listening', { instance: 1 });
	await keeper.request('kill', { id: 101, instance: 1 });
	await keeper.event('empty', { instance: 1 });
	await keeper.launch(101, 2, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
	await keeper.event('listening', { instance: 2 });
	expect(await visit(port)).toMatch(/^pid/);
	expect(keeper.events.some((event) => event.verb === 'exit' && event.find('instance') === '2')).toBe(false);
});

test('a port that is not ours is bound as if nobody looked', async () => {
	const port = await keeper.open('tcp/a', 101);
	const other = await keeper.open('tcp/b', 101);
	await keeper.request('close', { name: 'tcp/b' });
	await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), other], socket: 'tcp/a' });
	await expect(untilAnswered(other)).resolves.toMatch(/^pid/);
	expect(keeper.events.some((event) => event.verb === 'bound')).toBe(false);
	expect(port).not.toBe(other);
});

/** A plain start is not told to anybody: the only sign of it is that connections succeed. */
async function untilAnswered(port: number): Promise<string> {
	for (let tries = 0; ; tries++) {
		try {
			return await visit(port);
		} catch (error) {
			if (tries > 200) throw error;
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	}
}

test('activation port is a plain start', async () => {
	const port = await keeper.open('tcp/b', 101);
	await keeper.request('close', { name: 'tcp/b' });
	await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port], activation: 'port' });
	await expect(untilAnswered(port)).resolves.toMatch(/^pid/);
});

test('listen-fds: the sockets are there from fd 3 on, in order, and LISTEN_PID names the program (sd_listen_fds(3))', async () => {
	const port = await keeper.open('tcp/127.0.0.1:25', 101);
	await keeper.open('hall/101', 101);
	const said = join(keeper.dataFor(101), 'said');
	const script = `echo $((LISTEN_PID - $$)) $(ls /proc/$$/fd | tr "\\n" " ")> ${said}.part; mv ${said}.part ${said}; exec ${compiled(keeper.folder, 'server')} 1 fd`;
	const early = visit(port);
	await keeper.launch(101, 1, {
		arg: ['/bin/sh', '-c', script],
		activation: 'listen-fds',
		socket: ['tcp/127.0.0.1:25', 'hall/101'],
		env: 'PATH=/usr/bin:/bin',
	});
	expect(await early).toMatch(/^pid/);
	expect(readFileSync(said, 'utf8')).toMatch(/^0 0 1 2 3 4\b/);
});

test('a socket of another tenant is not handed out', async () => {
	await keeper.open('tcp/a', 102);
	await expect(keeper.launch(101, 1, { arg: ['/bin/true'], socket: 'tcp/a' })).rejects.toMatchObject({
		error: 'EPERM',
		what: 'socket',
	});
});

test('a flood of binds is held back, counted, and delays nobody else', async () => {
	await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'bindflood')] });
	const port = await keeper.open('tcp/a', 102);
	const early = visit(port);
	await keeper.launch(102, 1, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
	expect(await early).toMatch(/^pid/);
	let denied = 0;
	while (denied === 0) denied = (await keeper.request('tell', { id: 101, instance: 1 })).number('denied');
	await keeper.request('kill', { id: 101, instance: 1 });
	await keeper.event('empty', { id: 101 });
});

rootOnly('in the hall every tenant may have the same port, and only the hall reaches it', async () => {
	for (const id of [101, 102]) {
		await keeper.request('open', {
			name: `hall/${id}`,
			id,
			at: 'hall',
			address: `127.0.0.${id}`,
			port: 8080,
			to: 'tenant',
		});
		await keeper.launch(id, id, { arg: [compiled(keeper.folder, 'server'), 8080], socket: `hall/${id}` });
		await keeper.event('listening', { id });
	}
	await expect(visit(8080, '/', '127.0.0.101')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('watch tells of the next visitor once, or of one who is queued already; used says how long ago', async () => {
	const port = await keeper.open('tcp/a', 101);
	expect((await keeper.request('used', { name: 'tcp/a' })).number('idle')).toBe(-1);
	await keeper.request('watch', { name: 'tcp/a' });
	const visitor = visit(port);
	await keeper.event('knock', { name: 'tcp/a', id: 101 });
	expect((await keeper.request('used', { name: 'tcp/a' })).number('idle')).toBeGreaterThanOrEqual(0);
	keeper.events.length = 0;
	await keeper.request('watch', { name: 'tcp/a' });
	await keeper.event('knock', { name: 'tcp/a' });
	await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/a' });
	await visitor;
});
