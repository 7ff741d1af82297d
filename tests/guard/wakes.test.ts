import { dirname, join } from 'node:path';
import { readMachine } from '../../cli/machine.ts';
import { decideRights } from '../../cli/rights.ts';
import { type Veil, veilFor } from '../../launcher/drivers/veil.ts';
import { processTree } from '../system/processes.ts';
import { type Actor, births, type Cast, castDuring } from './cast.ts';
import { type Counts, countCalls, countWords, each, inWords, isPiece, over, total, WAITS } from './counts.ts';
import { GuardedHouse } from './house.ts';
import { edgeMessages, keeperFrames } from './messages.ts';
import { straceMissing } from './strace.ts';
import { testUnless } from './visible-skip.ts';
import { visitOnce } from './visitor.ts';

/** What one actor may do for one wake, or for one stop. */
interface Budget {
	/** Calls but for waits: as measured, for they do not vary unless it says so. */
	readonly calls: number;
	/** How often its loop may wait: two for each event at most (Node asks first whether one is there); fewer where some come together. */
	readonly waits: number;
}

/**
 * A visit to a tenant that has been awake before. The edge: a connection of its own (see requests.test.ts), `acquire`, `starting`
 * and `granted`, a new connection to the tenant. Events: connection, request, starting, connected, granted, answer.
 * The launcher: reads `acquire` and three frames, looks whether the program and the data folder are as they must be (4), writes
 * `start`, `starting`, `granted` and its line. The keeper: cgroup, log and notify socket, clone, adoption. 22 of its calls look at
 * the options that the program set. Events: start, populated, bind, listen, and now and then another.
 */
const WAKE: Readonly<Record<Exclude<Actor, 'child'>, Budget>> = {
	edge: { calls: 19, waits: 12 },
	launcher: { calls: 12, waits: 10 },
	keeper: { calls: 77, waits: 8 },
};

/** The keeper's child up to its exec, without what a veil costs. */
const CHILD = 19;

/**
 * What a veil costs the child, by what it hides and shows here: a clone below a closed folder has more of both. A namespace of its own
 * is two calls, a cover two (mount, remount), and what is shown three (open_tree, fstat, move_mount) and a mkdir for each level of its path.
 */
function veilCalls({ veil, reveal }: Veil): number {
	if (veil.length === 0) return 0;
	const shown = reveal.map((path) => 3 + path.split('/').length - 1);
	return shown.reduce((sum, calls) => sum + calls, 2 + 2 * veil.length);
}

/**
 * A stop by an operator, whose connection costs the launcher 9 of these. The edge hears `revoke` and says `release`. The keeper: 107
 * of its calls look whether the listening socket has all its options as they were.
 */
const STOP: Readonly<Record<Actor, Budget>> = {
	edge: { calls: 4, waits: 4 },
	launcher: { calls: 17, waits: 16 },
	keeper: { calls: 152, waits: 8 },
	child: { calls: 0, waits: 0 },
};

/** On edge.sock; the route was asked for before. */
const WAKE_MESSAGES: Counts = { acquire: 1, starting: 1, granted: 1 };
const STOP_MESSAGES: Counts = { revoke: 1, release: 1 };

/** Between launcher and keeper. */
const WAKE_FRAMES: Counts = { start: 1, done: 1, bound: 1, listening: 1 };
const STOP_FRAMES: Counts = { signal: 1, done: 1, exit: 1, empty: 1 };

/** A lease is given back by itself after a while; on a slow machine that would be before the stop that asks for it. */
const LEASED = { timeouts: { linger: '5m' } };

/**
 * What the machine does to one trace (a connection that was given up while strace held everybody up) is not in the next; what the
 * program does is in each.
 */
const TRIES = 3;

/** A tenant's user and group, who own nothing here. */
const ANYBODY = 0x7000_0065;

/** Tenants in the smaller trace, in the larger one, and their difference, by which all is divided. */
const FEW = 4;
const MANY = 12;
const MORE = MANY - FEW;

/** A call that comes once in a while falls into one trace alone and counts an eighth; one more a wake counts whole. */
const STRAY = 0.9;

const rights = decideRights(await readMachine(process.getuid?.() ?? 0, process.getgid?.() ?? 0), 'guard');

/** Why the counts of this file do not hold for houses on this machine; undefined where they do. */
const missing =
	straceMissing() ??
	(rights.tag === 'cgroup' && rights.hall ? undefined : 'the counts are those of a house that root runs, with cgroups');

/** Processes that a wake adds: the tenant's, and where it has no cgroup the init that tags it. */
const WAKE_PROCESSES = rights.tag === 'cgroup' ? 1 : 2;

test(`processes that a wake adds: ${WAKE_PROCESSES}`, async () => {
	const guarded = await GuardedHouse.start(3, { open: true });
	try {
		const before = processTree(guarded.keeper).length;
		for (let n = 0; n < 3; n++) await visitOnce(guarded.house.port, guarded.host(n));
		const rows = await guarded.house.ps();
		expect(rows.map(({ pids }) => pids.length)).toEqual(Array.from({ length: 3 }, () => WAKE_PROCESSES));
		expect(processTree(guarded.keeper)).toHaveLength(before + 3 * WAKE_PROCESSES);
	} finally {
		await guarded.end();
	}
});

describe.each([
	{ where: 'in an open folder', open: true },
	{ where: 'in a folder that is closed to its user', open: false },
])('of a tenant $where', ({ where, open }) => {
	let guarded: GuardedHouse;
	let wakes: readonly [few: Cast, many: Cast];
	let stops: readonly [few: Cast, many: Cast];

	// jest leaves this out where every test below is skipped.
	beforeAll(async () => {
		guarded = await GuardedHouse.start(MANY, { open, config: LEASED });
		await wake(MANY);
		await stop(MANY);
		for (let tries = 0; tries < TRIES; tries++) {
			const fewWakes = await castDuring(guarded, () => wake(FEW));
			const fewStops = await castDuring(guarded, () => stop(FEW));
			wakes = [fewWakes, await castDuring(guarded, () => wake(MANY))];
			stops = [fewStops, await castDuring(guarded, () => stop(MANY))];
			if (Object.keys({ ...allBroken(WAKE, wakes), ...allBroken(STOP, stops) }).length === 0) break;
		}
	});
	afterAll(() => guarded.end());

	testUnless(missing, `a wake ${where} costs edge, launcher and keeper no call more than they need`, async () => {
		expect(allBroken(WAKE, wakes)).toEqual({});
	});

	testUnless(missing, `a wake ${where} costs no call more between clone and exec`, async () => {
		const { folder } = guarded.house;
		const own = [join(folder, 'tenants', 'any'), join(folder, 'state', 'data', 'any'), join(folder, 'run', 'notices')];
		const needed = [...own, dirname(process.execPath)];
		const calls = CHILD + veilCalls(veilFor(ANYBODY, ANYBODY, needed));
		expect(broken({ calls, waits: 0 }, wakes, 'child')).toEqual({});
	});

	testUnless(missing, `a wake ${where} makes one process`, async () => {
		expect((births(wakes[1]) - births(wakes[0])) / MORE).toBe(1);
		expect(births(stops[1])).toBe(0);
	});

	testUnless(missing, `a stop ${where} costs no call more than it needs`, async () => {
		expect(allBroken(STOP, stops)).toEqual({});
	});

	testUnless(missing, `a wake ${where} is three messages between edge and launcher, a stop two`, async () => {
		const count = ({ edge }: Cast): Counts => countWords(edgeMessages(edge));
		expect(each(count(wakes[0]), count(wakes[1]), MORE)).toEqual(WAKE_MESSAGES);
		expect(each(count(stops[0]), count(stops[1]), MORE)).toEqual(STOP_MESSAGES);
	});

	testUnless(missing, `a wake ${where} is four frames between launcher and keeper, and so is a stop`, async () => {
		const count = ({ keeper }: Cast): Counts => countWords(keeperFrames(keeper));
		expect(each(count(wakes[0]), count(wakes[1]), MORE)).toEqual(WAKE_FRAMES);
		expect(each(count(stops[0]), count(stops[1]), MORE)).toEqual(STOP_FRAMES);
	});

	async function wake(count: number): Promise<void> {
		for (let n = 0; n < count; n++) await visitOnce(guarded.house.port, guarded.host(n));
	}

	async function stop(count: number): Promise<void> {
		for (let n = 0; n < count; n++) await guarded.stop(n);
	}
});

/** What each actor did beyond its budget, with all that it did. */
function allBroken(budgets: Readonly<Record<string, Budget>>, casts: readonly [Cast, Cast]): Record<string, unknown> {
	return Object.assign({}, ...Object.entries(budgets).map(([actor, budget]) => broken(budget, casts, actor as Actor)));
}

/** All that the actor did for one, where that is too much. */
function broken(budget: Budget, [few, many]: readonly [Cast, Cast], actor: Actor): Record<string, unknown> {
	const counts = each(countCalls(few[actor]), countCalls(many[actor]), MORE);
	const sums = { calls: total(counts), waits: counts[WAITS] ?? 0 };
	// Each piece is read in another thread, whose word is waited for.
	const pieces = (many[actor].filter(isPiece).length - few[actor].filter(isPiece).length) / MORE;
	const above = over(sums, { calls: budget.calls, waits: budget.waits + 2 * pieces }, STRAY);
	return Object.keys(above).length > 0 ? { [actor]: { ...above, did: inWords(counts) } } : {};
}
