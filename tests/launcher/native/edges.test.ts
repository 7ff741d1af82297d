import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	renameSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { veilFor } from '../../../launcher/drivers/veil.ts';
import type { Fields } from '../../../launcher/keeper/frames.ts';
import { FIXTURES, ROOT, rootOnly, TestKeeper } from './house.ts';
import { visit } from './visit.ts';

let keeper: TestKeeper;
let script: string;
beforeEach(async () => {
	keeper = new TestKeeper();
	await keeper.start();
	// Edge workers have a user of their own, who may read nothing of a clone that was made under a umask of 077.
	script = join(keeper.folder, 'edge.mjs');
	copyFileSync(join(FIXTURES, 'edge.mjs'), script);
	chmodSync(script, 0o644);
});
afterEach(() => keeper.close());

const openEdge = (): Promise<number> => keeper.open('edge/http', 0, { to: 'edges' });

/** The scribe writes soon, not at once. */
async function untilThere(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Starts worker `number` as the launcher does; resolves with its pid. */
async function startWorker(number: number, fields: Fields = {}): Promise<number> {
	const answer = await keeper.request('start', {
		id: 9 + number,
		instance: number,
		cwd: '/',
		activation: 'port',
		arg: [process.execPath, script],
		env: ['NODE_CHANNEL_FD=3', 'NODE_CHANNEL_SERIALIZATION_MODE=json'],
		ipc: `{"innkeeper":"worker","worker":${number}}\n`,
		...(ROOT ? veilFor(60002, 60002, [process.execPath, script]) : {}),
		...fields,
	});
	return answer.number('pid');
}

test('two workers serve one shared socket, and are told of one that is opened later', async () => {
	const port = await openEdge();
	for (const number of [1, 2]) await startWorker(number);
	const workers = new Set<number>();
	while (workers.size < 2)
		for (const answer of await Promise.all(Array.from({ length: 20 }, () => visit(port))))
			workers.add(JSON.parse(answer).worker);
	expect([...workers].sort()).toEqual([1, 2]);
	const later = await keeper.open('edge/later', 55, { to: 'edges' });
	expect(JSON.parse(await visit(later))).toMatchObject({ id: 55, name: 'edge/later' });
});

test('a worker that comes too late for a lone visitor is not held by accept(2)', async () => {
	const port = await openEdge();
	const workers = [await startWorker(1), await startWorker(2)];
	for (let lone = 0; lone < 50; lone++) {
		await visit(port);
		for (const worker of workers) expect(await sleepsIn(worker)).not.toBe('inet_csk_accept');
	}
});

/** The kernel's function that the process waits in (proc_pid_wchan(5)), once it waits. */
async function sleepsIn(pid: number): Promise<string> {
	for (;;) {
		const where = readFileSync(`/proc/${pid}/wchan`, 'utf8');
		if (where !== '0' || !ROOT) return where;
		await new Promise(setImmediate);
	}
}

test('a killed worker is told and can be started again; what is in the queue is served by the other meanwhile', async () => {
	const port = await openEdge();
	const first = await startWorker(1);
	const second = await startWorker(2);
	await visit(port);
	process.kill(second, 'SIGSTOP');
	process.kill(first, 'SIGSTOP');
	const queued = Array.from({ length: 30 }, () => visit(port));
	process.kill(first, 'SIGKILL');
	const exit = await keeper.event('exit', { id: 10, instance: 1 });
	expect(exit.text('status')).toBe('signal:9');
	await keeper.event('empty', { id: 10, instance: 1 });
	process.kill(second, 'SIGCONT');
	await Promise.all(queued);
	expect(await startWorker(1, { instance: 3 })).not.toBe(first);
});

test('a worker is told to retire by SIGTERM, and close takes a socket away', async () => {
	const port = await openEdge();
	for (const number of [1, 2]) await startWorker(number);
	await visit(port);
	for (const number of [1, 2]) {
		await keeper.request('signal', { id: 9 + number, instance: number, signal: 15 });
		await keeper.event('empty', { id: 9 + number });
	}
	await keeper.request('close', { name: 'edge/http' });
	await expect(visit(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a socket that is closed is closed by the workers too', async () => {
	const port = await openEdge();
	await startWorker(1);
	await visit(port);
	await keeper.request('close', { name: 'edge/http' });
	for (let code: unknown; code !== 'ECONNREFUSED'; )
		code = await visit(port).then(
			() => 0,
			(error: NodeJS.ErrnoException) => error.code,
		);
});

test('a worker is told of hundreds of sockets', async () => {
	const ports: number[] = [];
	for (let number = 0; number < 600; number++) ports.push(await keeper.open(`edge/${number}`, 0, { to: 'edges' }));
	await startWorker(1);
	expect(JSON.parse(await visit(ports[599] ?? 0))).toMatchObject({ name: 'edge/599' });
});

test('a visitor keeps its place in a backlog of thousands', async () => {
	const port = await openEdge();
	const visitors = Array.from({ length: 800 }, () => visit(port));
	await startWorker(1);
	expect(new Set((await Promise.all(visitors)).map((answer) => JSON.parse(answer).worker))).toEqual(new Set([1]));
});

test('a worker that cannot be started is told with the step', async () => {
	await expect(startWorker(1, { arg: '/no/such' })).rejects.toMatchObject({ error: 'ENOENT', what: 'exec' });
});

test('what workers write to stdout is appended to the access log, also to another one from then on', async () => {
	const port = await openEdge();
	const log = join(keeper.folder, 'access.log');
	writeFileSync(log, 'before\n');
	await keeper.request('access-log', { path: log });
	await startWorker(1);
	await visit(port, '/write');
	await untilThere(() => readFileSync(log, 'utf8') === 'before\nwritten\n');
	renameSync(log, `${log}.1`);
	await keeper.request('access-log', { path: log });
	await visit(port, '/write');
	await untilThere(() => existsSync(log) && readFileSync(log, 'utf8') === 'written\n');
	expect(readFileSync(`${log}.1`, 'utf8')).toBe('before\nwritten\n');
});

/* As logrotate's postrotate, which compresses the moved file behind `reload`. */
test('once the access log was answered for, the file that was moved away is written to no more', async () => {
	const log = join(keeper.folder, 'access.log');
	await keeper.request('access-log', { path: log });
	for (let round = 0; round < 200; round++) {
		const moved = `${log}.${round}`;
		renameSync(log, moved);
		await keeper.request('access-log', { path: log });
		expect(filesOf(keeper.pid)).not.toContain(moved);
		expect(filesOf(keeper.pid)).toContain(log);
	}
});

test('an access log that cannot be opened is told in the answer, and is tried again', async () => {
	const log = join(keeper.folder, 'later', 'access.log');
	await expect(keeper.request('access-log', { path: log })).rejects.toMatchObject({ error: 'ENOENT', what: 'open' });
	const port = await openEdge();
	await startWorker(1);
	await visit(port, '/write');
	mkdirSync(join(keeper.folder, 'later'));
	await untilThere(() => existsSync(log) && readFileSync(log, 'utf8') === 'written\n');
});

/** What a process has open, by path. */
function filesOf(pid: number): string[] {
	return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
		try {
			return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
		} catch {
			// Closed meanwhile.
			return [];
		}
	});
}

rootOnly('a worker has its own user, no capability and no new privileges', async () => {
	const port = await openEdge();
	await startWorker(1);
	const status = await visit(port, '/status');
	expect(status).toMatch(/Uid:\t60002\t60002\t60002\t60002/);
	expect(status).toMatch(/Groups:\t ?\n/);
	expect(status).toMatch(/CapEff:\t0+\n/);
	expect(status).toMatch(/CapPrm:\t0+\n/);
	expect(status).toMatch(/NoNewPrivs:\t1/);
});

rootOnly('a worker is in the hall', async () => {
	const worker = await startWorker(1);
	const spaceOf = (pid: number): string => readlinkSync(`/proc/${pid}/ns/net`);
	expect(spaceOf(worker)).not.toBe(spaceOf(keeper.pid));
	expect(spaceOf(worker)).toBe(spaceOf(keeper.launcherPid));
});

rootOnly('under veil=/ a worker sees nothing but what is revealed', async () => {
	const port = await openEdge();
	await startWorker(1, {
		veil: '/',
		reveal: [process.execPath, script, '/lib', '/usr/lib', '/lib64', join(keeper.folder, 'edge.sock')],
	});
	const seen = (await visit(port, '/root')).split(' ');
	expect(seen).not.toContain('etc');
	expect(seen).not.toContain('proc');
	expect(seen).toContain('lib64');
});
