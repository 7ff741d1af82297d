import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TenantStatus } from '../../launcher/protocol/control.ts';
import { House } from './house.ts';
import { nodeStart } from './nodestart.ts';
import { lives, type Process, readProcess } from './processes.ts';
import { type Hello, hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

let house: House;
beforeAll(async () => {
	house = await House.start({
		config: { workers: 2, timeouts: { linger: '500ms' } },
		tenants: {
			warm: hello(101, 'warm'),
			asleep: hello(102, 'asleep'),
			later: hello(103, 'later'),
			noisy: hello(104, 'noisy', { log: { size: '64K', files: 2 } }),
		},
	});
});
afterAll(() => house.discard());

function part(name: 'launcher' | 'edge'): Process[] {
	const main = name === 'launcher' ? 'launcher/main.ts' : 'proxy/main.ts';
	// The keeper has the launcher's command line among its arguments.
	return house.processes().filter(({ command }) => !command.includes('launcher=') && command.includes(main));
}

function only(processes: readonly Process[]): Process {
	const [first] = processes;
	if (first === undefined) throw new Error('no such process');
	return first;
}

async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function answer(host: string): Promise<Hello> {
	const reply = await visit(house, host);
	expect(reply.status).toBe(200);
	return JSON.parse(reply.body) as Hello;
}

/** Visits one after the other until told to stop; tells how many failed. */
function traffic(host: string): { stop: () => Promise<{ visits: number; failed: unknown[] }> } {
	let going = true;
	let visits = 0;
	const failed: unknown[] = [];
	const run = (async () => {
		while (going) {
			visits++;
			const reply = await visit(house, host).catch((error: unknown) => error as Error);
			if (reply instanceof Error || reply.status !== 200) failed.push(reply);
		}
	})();
	return {
		stop: async () => {
			going = false;
			await run;
			return { visits, failed };
		},
	};
}

/** A launcher or an edge is a Node that loads a program: it is back in so many times what a Node takes that loads none. */
const BACK_WITHIN = 25;

test('the launcher dies: no warm request fails, sleepers’ visitors are answered as soon as a new one runs, tenants keep their pids', async () => {
	const usual = await nodeStart();
	const before = await answer('warm.test');
	const going = traffic('warm.test');
	const killed = only(part('launcher'));
	process.kill(killed.pid, 'SIGKILL');
	const began = performance.now();
	await answer('asleep.test');
	const took = performance.now() - began;
	expect(took).toBeLessThan(BACK_WITHIN * Math.max(usual, await nodeStart()));
	const { visits, failed } = await going.stop();
	expect(failed).toEqual([]);
	expect(visits).toBeGreaterThan(10);
	expect((await answer('warm.test')).birth).toBe(before.birth);
	await house.pidOf('warm', before.pid);
	expect(only(part('launcher')).pid).not.toBe(killed.pid);
});

test('an edge worker dies: a new one runs at once, tenants keep their pids, and only what it had accepted fails', async () => {
	const usual = await nodeStart();
	const before = await answer('warm.test');
	const [first, second] = part('edge');
	if (first === undefined || second === undefined) throw new Error('there are no two edge workers');
	process.kill(first.pid, 'SIGKILL');
	const began = performance.now();
	await until(() => part('edge').filter(lives).length === 2);
	const took = performance.now() - began;
	expect(took).toBeLessThan(BACK_WITHIN * Math.max(usual, await nodeStart()));
	expect((await answer('warm.test')).birth).toBe(before.birth);
	expect(lives(second)).toBe(true);
});

test('what a killed edge worker had not accepted is served by the other', async () => {
	const [first] = part('edge').filter(lives);
	if (first === undefined) throw new Error('no edge worker');
	process.kill(first.pid, 'SIGSTOP');
	const replies = Array.from({ length: 50 }, () =>
		visit(house, 'warm.test').catch((error: NodeJS.ErrnoException) => error),
	);
	await new Promise((resolve) => setTimeout(resolve, 100));
	process.kill(first.pid, 'SIGKILL');
	const statuses = (await Promise.all(replies)).map((reply) => ('status' in reply ? reply.status : reply.code));
	// A stopped worker accepts nothing, so nothing is lost with it.
	expect(statuses.filter((status) => status !== 200)).toEqual([]);
});

test('a tenant dies: requests that it had accepted fail with 502, waiting ones are served by the next instance', async () => {
	const before = await answer('later.test');
	const accepted = visit(house, 'later.test', '/never');
	while ((await answer('later.test')).left === 0);
	process.kill(await house.pidOf('later', before.pid), 'SIGKILL');
	expect((await accepted).status).toBe(502);
	expect((await answer('later.test')).birth).not.toBe(before.birth);
});

test('a tenant that floods its stdout is neither blocked nor killed, also while the launcher is away', async () => {
	const log = join(house.folder, 'state/logs/104.log');
	const before = await answer('noisy.test');
	expect((await visit(house, 'noisy.test', '/flood')).status).toBe(200);
	process.kill(only(part('launcher')).pid, 'SIGKILL');
	for (let round = 0; round < 10; round++) expect((await answer('noisy.test')).birth).toBe(before.birth);
	const { pids } = await house.row('noisy');
	const flood = pids.map(readProcess).find((one) => one?.command === 'yes');
	if (flood === undefined) throw new Error('the flood has ended');
	expect(lives(flood)).toBe(true);
	const { cpuMs } = flood;
	// A blocked writer uses no CPU.
	await until(() => (readProcess(flood.pid)?.cpuMs ?? 0) > cpuMs);
	// What cannot be written is dropped and counted: the full file cannot make way, for its next place is a folder.
	await until(() => {
		rmSync(`${log}.1`, { force: true });
		try {
			mkdirSync(`${log}.1`);
			return true;
		} catch {
			return false; // the next full file was faster
		}
	});
	while (((await house.control({ verb: 'status', tenant: 'noisy' })) as TenantStatus).logLost === 0) {
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	await house.control({ verb: 'stop', tenant: 'noisy' });
});
