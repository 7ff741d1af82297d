import { join } from 'node:path';
import { veilFor } from '../../../launcher/drivers/veil.ts';
import { FIXTURES, ROOT, rootOnly, TestKeeper } from './house.ts';
import { visit } from './visit.ts';

let keeper: TestKeeper;
beforeEach(async () => {
	keeper = new TestKeeper();
	await keeper.start();
});
afterEach(() => keeper.close());

const script = join(FIXTURES, 'edge.mjs');
const plan = {
	arg: [process.execPath, script],
	log: 'stdout',
	...(ROOT ? veilFor(60002, 60002, [process.execPath, script]) : {}),
};
const openEdge = (): Promise<number> => keeper.open('edge/http', 0, { to: 'edges' });

test('two workers serve one shared socket, and are told of one that is opened later', async () => {
	const port = await openEdge();
	await keeper.request('edges', { ...plan, count: 2 });
	const workers = new Set<number>();
	while (workers.size < 2)
		for (const answer of await Promise.all(Array.from({ length: 20 }, () => visit(port))))
			workers.add(JSON.parse(answer).worker);
	expect([...workers].sort()).toEqual([1, 2]);
	const later = await keeper.open('edge/later', 55, { to: 'edges' });
	expect(JSON.parse(await visit(later))).toMatchObject({ id: 55, name: 'edge/later' });
});

test('a killed worker is told and started again under its number; what is in the queue is served by the other meanwhile', async () => {
	const port = await openEdge();
	await keeper.request('edges', { ...plan, count: 2 });
	const first = (await keeper.event('edge', { worker: 1 })).number('pid');
	const second = (await keeper.event('edge', { worker: 2 })).number('pid');
	await visit(port);
	process.kill(second, 'SIGSTOP');
	process.kill(first, 'SIGSTOP');
	const queued = Array.from({ length: 30 }, () => visit(port));
	process.kill(first, 'SIGKILL');
	const exit = await keeper.event('edge-exit', { worker: 1, pid: first });
	expect(exit.text('status')).toBe('signal:9');
	process.kill(second, 'SIGCONT');
	await Promise.all(queued);
	await keeper.untilEvent(
		(event) => event.verb === 'edge' && event.find('worker') === '1' && event.number('pid') !== first,
		'new worker',
	);
});

test('the count goes down by SIGTERM, and close takes a socket away', async () => {
	const port = await openEdge();
	await keeper.request('edges', { ...plan, count: 2 });
	await visit(port);
	await keeper.request('edges', { ...plan, count: 0 });
	for (const worker of [1, 2]) await keeper.event('edge-exit', { worker });
	await keeper.request('close', { name: 'edge/http' });
	await expect(visit(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a visitor keeps its place in a backlog of thousands', async () => {
	const port = await openEdge();
	const visitors = Array.from({ length: 800 }, () => visit(port));
	await keeper.request('edges', { ...plan, count: 1 });
	expect(new Set((await Promise.all(visitors)).map((answer) => JSON.parse(answer).worker))).toEqual(new Set([1]));
});

test('a worker that cannot be started is told with the step', async () => {
	await expect(keeper.request('edges', { arg: '/no/such', count: 1 })).rejects.toMatchObject({
		error: 'ENOENT',
		what: 'exec',
	});
	await keeper.request('edges', { count: 0 });
});

rootOnly('a worker has its own user, no capability and no new privileges, and is in the hall', async () => {
	const port = await openEdge();
	await keeper.request('edges', { ...plan, count: 1 });
	const status = await visit(port, '/status');
	expect(status).toMatch(/Uid:\t60002\t60002\t60002\t60002/);
	expect(status).toMatch(/Groups:\t ?\n/);
	expect(status).toMatch(/CapEff:\t0+\n/);
	expect(status).toMatch(/CapPrm:\t0+\n/);
	expect(status).toMatch(/NoNewPrivs:\t1/);
});

rootOnly('under veil=/ a worker sees nothing but what is revealed', async () => {
	const port = await openEdge();
	await keeper.request('edges', {
		...plan,
		count: 1,
		veil: '/',
		reveal: [process.execPath, script, '/lib', '/usr/lib', '/lib64', join(keeper.folder, 'edge.sock')],
	});
	const seen = (await visit(port, '/root')).split(' ');
	expect(seen).not.toContain('etc');
	expect(seen).not.toContain('proc');
	expect(seen).toContain('lib64');
});
