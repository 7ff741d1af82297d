import { EdgeWorkers, isEdgeWorker } from '../../launcher/edgeworkers.ts';
import { type Fields, KeeperFailure, Message } from '../../launcher/keeper/frames.ts';
import { FakeClock } from './fake-clock.ts';

let clock: FakeClock;
let asked: { verb: string; fields: Fields }[];
let gone: number[];
let lines: string[];
let failing: boolean;
let workers: EdgeWorkers;
beforeEach(() => {
	clock = new FakeClock();
	asked = [];
	gone = [];
	lines = [];
	failing = false;
	let instance = 0;
	const request = async (verb: string, fields: Fields): Promise<Message> => {
		asked.push({ verb, fields });
		if (failing) throw new KeeperFailure(verb, 'ENOENT', 'exec');
		return new Message('done', [['pid', String(1000 + Number(fields['instance']))]]);
	};
	workers = new EdgeWorkers({
		keeper: { request, send: (verb, fields) => void request(verb, fields) },
		clock,
		nextInstance: () => ++instance,
		gone: (worker) => gone.push(worker),
		print: (line) => lines.push(line),
	});
});

const program = { cwd: '/', arg: ['/bin/node', 'main.ts'] };
const started = (): unknown[] => asked.filter(({ verb }) => verb === 'start').map(({ fields }) => fields['id']);

/** The keeper tells that a worker ended, and that nothing of it is left. */
async function die(id: number): Promise<void> {
	workers.onKeeperEvent(
		new Message('exit', [
			['id', String(id)],
			['status', 'signal:9'],
		]),
	);
	workers.onKeeperEvent(new Message('empty', [['id', String(id)]]));
	await settled();
}

/** Lets what a fake answer resolves run to its end. */
async function settled(): Promise<void> {
	clock.advance(0);
	for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

async function after(ms: number): Promise<void> {
	clock.advance(ms);
	await settled();
}

test('starts so many workers as are wanted, and tells each its number first', async () => {
	workers.adopt([], 2);
	await workers.open(program, true);
	expect(asked.map(({ fields }) => fields)).toEqual([
		{ ...program, id: 10, instance: 1, ipc: '{"innkeeper":"worker","worker":1}\n' },
		{ ...program, id: 11, instance: 2, ipc: '{"innkeeper":"worker","worker":2}\n' },
	]);
	expect([9, 10, 99, 100].map(isEdgeWorker)).toEqual([false, true, true, false]);
});

test('a worker that lived for 10 s is started again at once, under its number', async () => {
	workers.adopt([], 2);
	await workers.open(program, true);
	clock.advance(10_000);
	await die(11);
	expect(started()).toEqual([10, 11, 11]);
	expect(gone).toEqual([2]);
	expect([...workers.alive()]).toEqual([1, 2]);
	expect(lines).toEqual(['innkeeper: edge worker 2 ended (signal:9)']);
});

test('one that dies young waits for 50 ms, then for twice as long each time, for 2 s at most', async () => {
	workers.adopt([], 1);
	await workers.open(program, true);
	for (const delay of [50, 100, 200, 400, 800, 1600, 2000, 2000]) {
		const before = asked.length;
		await die(10);
		await after(delay - 1);
		expect(asked).toHaveLength(before);
		await after(1);
		expect(asked).toHaveLength(before + 1);
	}
	await after(10_000);
	await die(10);
	await die(10);
	const before = asked.length;
	await after(50);
	expect(asked).toHaveLength(before + 1);
});

test('its exit alone starts nothing, for the keeper refuses a second one before the first is empty', async () => {
	workers.adopt([], 1);
	await workers.open(program, true);
	workers.onKeeperEvent(
		new Message('exit', [
			['id', '10'],
			['status', 'exit:1'],
		]),
	);
	await after(60_000);
	expect(started()).toEqual([10]);
});

test('workers of another launcher are kept, missing ones started, those too many told to retire and not replaced', async () => {
	const found = (id: number, instance: number) => ({ id, instance, pid: id * 10, started: clock.now() - 20_000 });
	workers.adopt([found(11, 7), found(12, 8)], 2);
	await workers.open(program, true);
	expect(asked.map(({ verb, fields }) => [verb, fields['id'], fields['signal']])).toEqual([
		['signal', 12, 15],
		['start', 10, undefined],
	]);
	await die(12);
	await die(11);
	expect(started()).toEqual([10, 11]);
	expect(gone).toEqual([3, 2]);
});

test('a first start that fails is told to who asked; a later one is tried again every 2 s', async () => {
	workers.adopt([], 1);
	failing = true;
	await expect(workers.open(program, true)).rejects.toMatchObject({ error: 'ENOENT', what: 'exec' });
	failing = false;
	await workers.open(program, true);
	failing = true;
	await die(10);
	await after(50);
	expect(lines.at(-1)).toMatch(/^innkeeper: edge worker 1 cannot be started: .*ENOENT/);
	failing = false;
	const before = asked.length;
	await after(1999);
	expect(asked).toHaveLength(before);
	await after(1);
	expect(asked).toHaveLength(before + 1);
});

test('when the house closes, workers end for good', async () => {
	workers.adopt([], 2);
	await workers.open(program, true);
	await die(10);
	workers.close();
	await die(11);
	await after(60_000);
	expect(started()).toEqual([10, 11]);
	expect(gone).toEqual([1, 2]);
});

test('a worker that cannot be started for a new launcher ends no house: it is tried again', async () => {
	workers.adopt([], 1);
	failing = true;
	await workers.open(program, false);
	expect(lines).toEqual([expect.stringContaining('edge worker 1 cannot be started')]);
	failing = false;
	await after(2000);
	expect(started()).toEqual([10, 10]);
});
