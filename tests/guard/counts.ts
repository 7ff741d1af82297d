import type { Call } from './strace.ts';

/** How often each thing happened, by name: once altogether, or on average for each request or wake. */
export type Counts = Readonly<Record<string, number>>;

/** The pseudo name of every call by which a loop waits for its next event. */
export const WAITS = 'waits';

const WAITING = new Set(['epoll_wait', 'epoll_pwait', 'epoll_pwait2', 'poll', 'ppoll', 'select', 'pselect6']);

/**
 * What V8 and the C library do in their own time: collections, compiling, memory, threads. These come when they come, whatever
 * the program does, so that they belong to no request; tests/guard/allocations.test.ts counts their cause.
 */
const ENGINE = new Set(
	(
		'futex mmap munmap mprotect madvise mremap brk membarrier getpid gettid getrusage sched_yield sched_getaffinity ' +
		'sched_getparam sched_getscheduler clock_nanosleep rt_sigprocmask rt_sigreturn restart_syscall'
	).split(' '),
);

/** The program's calls by name, waits together, without what is the engine's. */
export function countCalls(calls: readonly Call[]): Counts {
	const counts: Record<string, number> = {};
	for (const call of calls) {
		if (ENGINE.has(call.name) || isWakeUp(call) || isPiece(call)) continue;
		const [name, times] = meaningOf(call);
		counts[name] = (counts[name] ?? 0) + times;
	}
	return counts;
}

/** The words by how often each is there. */
export function countWords(words: readonly string[]): Counts {
	const counts: Record<string, number> = {};
	for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
	return counts;
}

/** What each of `units` more of something cost more; what both counts have alike (a beginning, an end) cancels out. */
export function each(few: Counts, many: Counts, units: number): Counts {
	const names = new Set([...Object.keys(few), ...Object.keys(many)]);
	return Object.fromEntries([...names].map((name) => [name, ((many[name] ?? 0) - (few[name] ?? 0)) / units]));
}

/** All of them together, but for the waits. */
export function total(counts: Counts): number {
	return Object.entries(counts).reduce((sum, [name, count]) => (name === WAITS ? sum : sum + count), 0);
}

/** What is over its budget, as `{ read: '3, at most 2' }`; a name without a budget may not be there. `stray` is let pass everywhere. */
export function over(counts: Counts, budgets: Counts, stray: number): Record<string, string> {
	const broken = Object.entries(counts).filter(([name, count]) => count > (budgets[name] ?? 0) + stray);
	return Object.fromEntries(broken.map(([name, count]) => [name, `${round(count)}, at most ${budgets[name] ?? 0}`]));
}

/** For people: `read 2, write 2.01`. */
export function inWords(counts: Counts): string {
	const words = Object.entries(counts).filter(([, count]) => round(count) !== 0);
	return words.map(([name, count]) => `${name} ${round(count)}`).join(', ');
}

/** libuv changes its epoll through an io_uring where the machine has one, some changes by one call: the same deeds. */
function meaningOf({ name, words }: Call): [name: string, times: number] {
	if (name === 'io_uring_enter') return ['epoll_ctl', Number(words.split(', ')[1])];
	return [WAITING.has(name) ? WAITS : name, 1];
}

/**
 * A file of /proc comes in as many pieces as the machine has sockets or processes; the read that finds its end is counted, and is the
 * only one that is there whatever else runs.
 */
export function isPiece({ name, words, result }: Call): boolean {
	return name === 'read' && /^\d+<\/proc\//.test(words) && result !== '0';
}

/** Threads of one process call each other by an eventfd. */
function isWakeUp({ words }: Call): boolean {
	return /^\d+<anon_inode:\[eventfd\]>/.test(words);
}

function round(count: number): number {
	return Math.round(count * 100) / 100;
}
