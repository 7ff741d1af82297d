import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Front, polite, stalled } from './front.ts';

let front: Front;
afterEach(() => front.close());

test('a head that does not come whole in time gets 408 and a closed connection', async () => {
	front = await Front.open({ timeouts: { head: 40, idle: 60_000, body: 60_000, connect: 60_000, answer: 60_000 } });
	const visitor = front.visitor();
	visitor.send('GET / HTTP/1.1\r\nHos');
	expect(await visitor.all()).toMatch(/^HTTP\/1\.1 408 [\s\S]*\r\nConnection: close\r\n/);
	expect(await front.logs()).toMatchObject({ status: 408, error: 'slow-head' });
});

test('a head that is fed byte by byte gets no more time than another', async () => {
	front = await Front.open({ timeouts: { head: 60, idle: 60_000, body: 60_000, connect: 60_000, answer: 60_000 } });
	const visitor = front.visitor();
	const feeding = setInterval(() => visitor.send('a'), 5);
	expect(await visitor.all()).toMatch(/^HTTP\/1\.1 408 /);
	clearInterval(feeding);
});

test('a connection that never says anything is closed without a word', async () => {
	front = await Front.open({ timeouts: { head: 40, idle: 60_000, body: 60_000, connect: 60_000, answer: 60_000 } });
	expect(await front.visitor().all()).toBe('');
	expect(front.rawLog).toBe('');
});

test('a connection that is idle between requests is closed without a word', async () => {
	front = await Front.open({ timeouts: { head: 60_000, idle: 40, body: 60_000, connect: 60_000, answer: 60_000 } });
	await front.tenant(polite);
	const visitor = front.visitor();
	visitor.get();
	await visitor.answer();
	expect(await visitor.all()).toBe('');
	await front.logs();
	expect(front.log).toHaveLength(1);
});

test('a body that stalls gets 408, and the tenant’s connection is closed', async () => {
	front = await Front.open({ timeouts: { head: 60_000, idle: 60_000, body: 40, connect: 60_000, answer: 60_000 } });
	const tenant = await front.tenant(() => {});
	const visitor = front.visitor();
	visitor.send('POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 10\r\n\r\nhalf');
	expect(await visitor.all()).toMatch(/^HTTP\/1\.1 408 /);
	await tenant.connections[0]?.end();
	expect(await front.logs()).toMatchObject({ status: 408, error: 'slow-body' });
});

test('a visitor who does not take the answer is cut', async () => {
	front = await Front.open({ timeouts: { head: 60_000, idle: 60_000, body: 200, connect: 60_000, answer: 60_000 } });
	const tenant = await front.tenant(async (connection) => {
		await connection.head();
		connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${64 << 20}\r\n\r\n`);
		for (let i = 0; i < 64; i++) connection.send('x'.repeat(1 << 20));
	});
	const visitor = front.visitor();
	visitor.socket.pause();
	visitor.get();
	expect(await front.logs()).toMatchObject({ status: 200, error: 'slow-body' });
	await tenant.connections[0]?.end();
	visitor.socket.resume();
	await visitor.end();
});

test('a tenant that takes the request and never answers gives 504', async () => {
	front = await Front.open({ timeouts: { head: 60_000, idle: 60_000, body: 60_000, connect: 60_000, answer: 40 } });
	const tenant = await front.tenant(() => {});
	const visitor = front.visitor();
	visitor.get();
	expect(await visitor.answer()).toMatchObject({ status: 504 });
	expect(await front.logs()).toMatchObject({ status: 504, error: 'answer-timeout' });
	await tenant.connections[0]?.end();
	visitor.get('/.innkeeper/health');
	expect(await visitor.answer()).toMatchObject({ status: 200 });
});

test('a tenant that does not take the body is to blame, not the visitor', async () => {
	front = await Front.open({ timeouts: { head: 60_000, idle: 60_000, body: 60_000, connect: 60_000, answer: 150 } });
	await front.tenant((connection) => void connection.socket.pause());
	const visitor = front.visitor();
	visitor.send(`POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: ${64 << 20}\r\n\r\n`);
	for (let i = 0; i < 1024; i++) visitor.send('x'.repeat(64 << 10));
	await stalled(visitor);
	expect(await front.logs()).toMatchObject({ status: 504, error: 'answer-timeout' });
});

test('an answer that stops half-way is cut, so that the visitor knows that it is not whole', async () => {
	front = await Front.open({ timeouts: { head: 60_000, idle: 60_000, body: 60_000, connect: 60_000, answer: 40 } });
	await front.tenant(async (connection) => {
		await connection.head();
		connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
	});
	const visitor = front.visitor();
	visitor.get();
	expect(await visitor.all()).toMatch(/half$/);
	expect(await front.logs()).toMatchObject({ status: 200, bytes: 4, error: 'answer-stalled' });
});

test('an event stream may be silent for longer than any deadline', async () => {
	front = await Front.open({ timeouts: { head: 40, idle: 40, body: 40, connect: 40, answer: 40 } });
	await front.tenant(async (connection) => {
		await connection.head();
		connection.send('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\ndata: 1\n\n');
		setTimeout(() => connection.send('data: 2\n\n'), 200);
	});
	const visitor = front.visitor();
	visitor.get();
	await visitor.upTo('data: 2\n\n');
});

test('a tenant whose queue takes no more connections gives 504', async () => {
	front = await Front.open({ timeouts: { head: 60_000, idle: 60_000, body: 60_000, connect: 100, answer: 60_000 } });
	const program = `require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},function(){console.log(this.address().port)})`;
	const stopped = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
	const [line] = await once(stopped.stdout, 'data');
	stopped.kill('SIGSTOP');
	const port = Number(line);
	const fillers = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}));
	await once(fillers[1] as Socket, 'connect');
	front.know(port);
	const visitor = front.visitor();
	visitor.get();
	expect(await visitor.answer()).toMatchObject({ status: 504 });
	expect(await front.logs()).toMatchObject({ error: 'connect-timeout' });
	for (const filler of fillers) filler.destroy();
	stopped.kill('SIGKILL');
	await once(stopped, 'exit');
});
