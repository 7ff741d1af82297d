import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { FakeLauncher } from './fake-launcher.ts';
import { polite, RawTenant, RawVisitor } from './front.ts';

const main = fileURLToPath(new URL('../../proxy/main.ts', import.meta.url));

let launcher: FakeLauncher;
let tenant: RawTenant;
let worker: ChildProcess;
let listener: Server;
let port: number;

beforeEach(async () => {
	launcher = new FakeLauncher();
	await launcher.start();
	tenant = await RawTenant.open(polite);
	launcher.tenants.set('host:hello.test', {
		id: 101,
		name: 'hello',
		address: '127.0.0.1',
		port: tenant.port,
		connections: 10,
		queue: 10,
		startTimeout: 60_000,
		linger: 5000,
	});
	listener = createServer();
	await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
	port = (listener.address() as AddressInfo).port;
});

afterEach(async () => {
	if (worker.exitCode === null && worker.signalCode === null) {
		worker.kill('SIGKILL');
		await once(worker, 'exit');
	}
	await tenant.close();
	await launcher.close();
});

/** Starts a worker as the keeper does, with its stdout a pipe that the test reads or not, and hands it the listening socket. */
async function start(): Promise<void> {
	worker = fork(main, [launcher.path], {
		execArgv: ['--disable-warning=ExperimentalWarning'],
		stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
	});
	worker.send({ innkeeper: 'worker', worker: 4 });
	// The keeper sends the handle itself, not Node's server around it.
	const { _handle: handle } = listener as unknown as { _handle: Server };
	const message = { innkeeper: 'listen', name: 'edge/http/test', id: 0, address: '127.0.0.1', port };
	// From then on, the worker alone accepts.
	worker.send(message, handle, () => listener.close());
	expect(await launcher.hears('hello')).toMatchObject({ worker: 4, pid: worker.pid });
}

/** Asks on a connection of its own that stays open. */
async function ask(): Promise<RawVisitor> {
	const visitor = new RawVisitor(port);
	visitor.get();
	expect(await visitor.answer()).toMatchObject({ status: 200, body: 'hello' });
	return visitor;
}

test('a worker serves the socket that it is handed and logs to its stdout', async () => {
	await start();
	const visitor = await ask();
	const [line] = (await once(worker.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
	expect(JSON.parse(line.toString())).toMatchObject({ method: 'GET', status: 200, tenant: 'hello' });
	visitor.socket.destroy();
});

test('a worker that is told to retire finishes, accepts no more, and exits with 0', async () => {
	await start();
	const visitor = await ask();
	worker.kill('SIGTERM');
	await visitor.end();
	visitor.socket.destroy();
	expect(await once(worker, 'exit')).toEqual([0, null]);
});

test('a worker exits when its channel to the keeper ends', async () => {
	await start();
	const visitor = await ask();
	await once(worker.stdout as NodeJS.ReadableStream, 'data');
	worker.disconnect();
	expect(await once(worker, 'exit')).toEqual([0, null]);
	visitor.socket.destroy();
});

test('a stdout that nobody reads neither slows visitors nor keeps the worker from ending', async () => {
	await start();
	const visitor = new RawVisitor(port);
	for (let i = 0; i < 3000; i++) {
		visitor.get(`/${'a'.repeat(1000)}`);
		await visitor.answer();
	}
	worker.kill('SIGTERM');
	await visitor.end();
	visitor.socket.destroy();
	await once(worker, 'exit');
});

test('a socket that the keeper closes is served no more; who came by it stays', async () => {
	await start();
	const visitor = await ask();
	worker.send({ innkeeper: 'close', name: 'edge/http/test' });
	for (;;) {
		const late = new RawVisitor(port);
		late.get();
		await late.answer().catch(() => {});
		if (late.error === 'ECONNREFUSED') break;
		late.socket.destroy();
	}
	visitor.get();
	expect(await visitor.answer()).toMatchObject({ status: 200 });
	visitor.socket.destroy();
});
