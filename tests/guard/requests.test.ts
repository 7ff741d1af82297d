import { median } from '../../bench/method/statistics.ts';
import { type Counts, countCalls, each, over, total, WAITS } from './counts.ts';
import { GuardedHouse } from './house.ts';
import { ioMissing, readIo, readSwitches } from './proc.ts';
import { callsDuring, straceMissing } from './strace.ts';
import { testUnless } from './visible-skip.ts';
import { Regular, visitOnce } from './visitor.ts';

/**
 * A warm request on kept connections: the request is read and written on, the answer is read and written on. Measured: 2.00 and
 * 2.00, nothing else.
 */
const WARM: Counts = { read: 2, write: 2 };

/**
 * How often the loop waits: Node asks epoll without patience first, and with patience where nothing had come. Two events a request
 * on one connection, so four waits at most however slow the machine; measured: 1.9 to 4.0, by how fast the others answer.
 */
const WARM_WAITS = 4;

/**
 * With 64 connections one wait finds many events. Measured: 0.04 to 0.1 here; one for each two requests would still be no loop
 * that turns for each of them.
 */
const CROWDED_WAITS = 0.5;

/**
 * A request on a connection of its own is accepted (accept4, getpeername), watched and unwatched (epoll_ctl twice, the first by
 * io_uring where there is one) and closed. Measured: just so. Its three events are the connection, the request and the answer.
 */
const NEW: Counts = { ...WARM, accept4: 1, getpeername: 1, epoll_ctl: 2, close: 1, [WAITS]: 6 };

/** What happens once in a while, whatever is asked: a timer, a line of V8's own. Ten of them in 200 requests are no regression. */
const STRAY = 0.05;

/**
 * V8's threads call the event loop by an eventfd, and the kernel counts that with all other reads and writes. It comes in bursts: one of
 * 33 to 1,021 pairs was measured behind some 600 requests, while the heap grew for the first time, and nearly none later. What each
 * request costs is in every window, a burst in one or two.
 */
const WINDOWS = 9;

const noStrace = straceMissing();
const noIo = ioMissing();

let guarded: GuardedHouse;
let visitor: Regular;
beforeAll(async () => {
	guarded = await GuardedHouse.start(1, { open: true });
	visitor = await Regular.arrive(guarded.house.port, guarded.host(0));
	await asks(500);
});
afterAll(async () => {
	visitor.leave();
	await guarded.end();
});

testUnless(
	noIo,
	'a warm request costs an edge worker two reads and two writes, as the kernel counts them',
	async () => {
		const windows: Counts[] = [];
		for (let n = 0; n < WINDOWS; n++) windows.push(each({}, await ioDuring(() => asks(200)), 200));
		const counts = medians(windows);
		expect(over(counts, WARM, STRAY)).toEqual({});
		expect(total(counts)).toBeGreaterThan(1);
	},
);

test('a warm request wakes neither launcher nor keeper', async () => {
	const before = [readSwitches(guarded.launcher), readSwitches(guarded.keeper)] as const;
	await asks(1000);
	const launcher = (readSwitches(guarded.launcher) - before[0]) / 1000;
	const keeper = (readSwitches(guarded.keeper) - before[1]) / 1000;
	expect(over({ launcher, keeper }, {}, STRAY)).toEqual({});
});

testUnless(noStrace, 'a warm request makes an edge worker read, write, read and write, and no other call', async () => {
	const counts = await edgeCalls(200, asks);
	expect(over(counts, { ...WARM, [WAITS]: WARM_WAITS }, STRAY)).toEqual({});
	expect(total(counts)).toBeGreaterThan(1);
});

testUnless(noStrace, 'with 64 connections a request costs no call more, and hardly a wait', async () => {
	const crowd = await Promise.all(
		Array.from({ length: 64 }, () => Regular.arrive(guarded.house.port, guarded.host(0))),
	);
	const rounds = async (requests: number): Promise<void> => {
		for (let done = 0; done < requests; done += crowd.length) await Promise.all(crowd.map((each) => each.ask()));
	};
	try {
		await rounds(64 * 5);
		expect(over(await edgeCalls(64 * 5, rounds), { ...WARM, [WAITS]: CROWDED_WAITS }, STRAY)).toEqual({});
	} finally {
		for (const one of crowd) one.leave();
	}
});

testUnless(noStrace, 'a connection of its own costs a request five calls more', async () => {
	const visits = async (count: number): Promise<void> => {
		for (let n = 0; n < count; n++) await visitOnce(guarded.house.port, guarded.host(0));
	};
	await visits(100);
	expect(over(await edgeCalls(100, visits), NEW, STRAY)).toEqual({});
});

async function asks(count: number): Promise<void> {
	for (let n = 0; n < count; n++) await visitor.ask();
}

/**
 * The edge's calls for each request: twice as many are made as `requests`, and once as many, to tell them from what comes but once.
 * Of three such windows the median: a connection to the tenant that was idle for too long before one is made anew within it.
 */
async function edgeCalls(requests: number, make: (count: number) => Promise<void>): Promise<Counts> {
	const windows: Counts[] = [];
	for (let n = 0; n < 3; n++) {
		const few = countCalls(await callsDuring([guarded.edge], () => make(requests)));
		const many = countCalls(await callsDuring([guarded.edge], () => make(2 * requests)));
		windows.push(each(few, many, requests));
	}
	return medians(windows);
}

/** Of each name the median. */
function medians(windows: readonly Counts[]): Counts {
	const names = new Set(windows.flatMap(Object.keys));
	return Object.fromEntries([...names].map((name) => [name, median(windows.map((counts) => counts[name] ?? 0))]));
}

async function ioDuring(body: () => Promise<void>): Promise<Counts> {
	const before = readIo(guarded.edge);
	await body();
	return each(before, readIo(guarded.edge), 1);
}
