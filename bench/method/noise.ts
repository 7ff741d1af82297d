import { readdirSync, readFileSync } from 'node:fs';
import { median } from './statistics.ts';

/** How much of the machine somebody else had while a bench ran. */
export interface Noise {
	readonly bench: string;
	/** How long it ran. */
	readonly seconds: number;
	/** CPU time that the hypervisor gave to others (steal), as a part (0 … 1) of all CPUs' time. */
	readonly stolen: number;
	/** CPU time of processes that are not the bench's, in CPUs: 0.1 is a tenth of one CPU all the while. */
	readonly others: number;
	/** By how much a known piece of work took longer before or after it than at its quickest in this run: 0.05 is 5 %. */
	readonly slower: number;
	readonly noisy: boolean;
}

/** Above any of these a bench is called noisy; a machine of one's own stays well below all three. */
export const tolerated = { stolen: 0.01, others: 0.05, slower: 0.05 } as const;

/** The machine's CPU time so far, in clock ticks of 10 ms. */
export interface Clock {
	/** performance.now(). */
	readonly at: number;
	/** Of all CPUs and all states. */
	readonly total: number;
	readonly stolen: number;
	/** Of processes that are not the bench's, with those of their children who have ended (ticksOfOthers). */
	readonly others: number;
}

/** Watches a run: one verdict a bench. */
export class NoiseWatch {
	readonly #spin: () => number[];
	readonly #clock: () => Clock;
	#before: Clock;
	/** Of all spins so far, in ms. */
	#quickest: number;
	/** Of the spins since the bench before. */
	#pace: number;

	/** `spin` and `clock` are those of this machine but in tests. */
	constructor(spin: () => number[], clock: () => Clock) {
		this.#spin = spin;
		this.#clock = clock;
		const times = spin();
		this.#quickest = Math.min(...times);
		this.#pace = median(times);
		this.#before = clock();
	}

	/** To be called as the bench ends, once all that it started is gone; the next one begins here. */
	ended(bench: string): Noise {
		const after = this.#clock();
		const times = this.#spin();
		this.#quickest = Math.min(this.#quickest, ...times);
		const paceBefore = this.#pace;
		this.#pace = median(times);
		const noise = judge(bench, this.#before, after, Math.max(paceBefore, this.#pace) / this.#quickest - 1);
		this.#before = this.#clock();
		return noise;
	}
}

/** The verdict on the time between two clocks. */
export function judge(bench: string, before: Clock, after: Clock, slower: number): Noise {
	const total = after.total - before.total;
	const stolen = total > 0 ? (after.stolen - before.stolen) / total : 0;
	const seconds = (after.at - before.at) / 1000;
	// Who ends without anybody waiting for it takes its ticks along: what comes out below nothing is nothing.
	const othersTicks = Math.max(0, after.others - before.others);
	const others = seconds > 0 ? othersTicks / TICKS_A_SECOND / seconds : 0;
	const noisy = stolen > tolerated.stolen || others > tolerated.others || slower > tolerated.slower;
	return { bench, seconds, stolen, others, slower, noisy };
}

/** One line for a terminal: the verdict with its numbers. */
export function noiseLine(noise: Noise): string {
	return `${noise.noisy ? 'NOISY' : 'quiet'}: ${noiseWords(noise)}`;
}

/** The numbers for people, and what was too much. */
export function noiseWords({ seconds, stolen, others, slower }: Noise): string {
	const facts = [
		fact('others used', others, tolerated.others, 'of a CPU'),
		fact('stolen', stolen, tolerated.stolen, 'of the time'),
		fact('the same work took', slower, tolerated.slower, 'longer than at best'),
	];
	return `${facts.join(', ')}; ${Math.round(seconds)} s`;
}

const TICKS_A_SECOND = 100;

function fact(what: string, part: number, limit: number, of: string): string {
	const over = part > limit ? ` (at most ${limit * 100} %)` : '';
	return `${what} ${(part * 100).toFixed(1)} % ${of}${over}`;
}

/** This machine's clock (proc_stat(5), proc_pid_stat(5)). To be made as the run begins: see ticksOfOthers. */
export function machineClock(): () => Clock {
	const ancestors = ancestorsOf(process.pid, readProcesses());
	return () => {
		const { total, stolen } = parseStat(readFileSync('/proc/stat', 'latin1'));
		return { at: performance.now(), total, stolen, others: ticksOfOthers(process.pid, ancestors, readProcesses()) };
	};
}

/** The first line of /proc/stat. */
export function parseStat(text: string): { total: number; stolen: number } {
	const states = /^cpu +(.*)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? [];
	const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = states;
	return { total: user + nice + system + idle + iowait + irq + softirq + steal, stolen: steal };
}

/** A process and its CPU time in ticks. */
export interface Spender {
	readonly pid: number;
	readonly parent: number;
	readonly ticks: number;
	/** Of its children who ended, and of theirs. */
	readonly childTicks: number;
	/** A thread of the kernel: it works for all, the bench too. */
	readonly kernel: boolean;
}

/** PF_KTHREAD of linux/sched.h. */
const KERNEL_THREAD = 0x200000;

/** /proc/PID/stat; the name in it may hold anything, so fields are counted from its closing parenthesis. */
export function parseSpender(text: string): Spender {
	const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
	const sum = (...indices: number[]): number => indices.reduce((total, index) => total + Number(fields[index]), 0);
	const kernel = (Number(fields[6]) & KERNEL_THREAD) !== 0;
	return {
		pid: Number.parseInt(text, 10),
		parent: Number(fields[1]),
		ticks: sum(11, 12),
		childTicks: sum(13, 14),
		kernel,
	};
}

/** Its parent, whose parent, and so on. */
export function ancestorsOf(pid: number, all: readonly Spender[]): ReadonlySet<number> {
	const parents = new Map(all.map((spender) => [spender.pid, spender.parent]));
	const ancestors = new Set<number>();
	for (let next = parents.get(pid); next !== undefined && !ancestors.has(next); next = parents.get(next))
		ancestors.add(next);
	return ancestors;
}

/**
 * Of all but the process `root`, its descendants and the kernel. Daemons of the bench that left its tree end as children of one of its
 * ancestors (the init, or whoever adopts orphans), so these count without their children; who they were as the run began, for
 * the shell may go meanwhile. Summed up and not the rest of /proc/stat: a process's ticks hold what interrupted it, those of
 * /proc/stat do not, and the difference would hide others behind a bench of much network.
 */
export function ticksOfOthers(root: number, ancestors: ReadonlySet<number>, all: readonly Spender[]): number {
	const tree = new Set([root]);
	// The set grows while it is walked.
	for (const pid of tree) for (const spender of all) if (spender.parent === pid) tree.add(spender.pid);
	return all
		.filter(({ pid, kernel }) => !kernel && !tree.has(pid))
		.reduce((sum, { pid, ticks, childTicks }) => sum + ticks + (ancestors.has(pid) ? 0 : childTicks), 0);
}

function readProcesses(): Spender[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.flatMap((pid) => {
			try {
				return [parseSpender(readFileSync(`/proc/${pid}/stat`, 'latin1'))];
			} catch {
				// It ended meanwhile.
				return [];
			}
		});
}
