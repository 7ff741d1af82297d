import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PATIENCE } from '../patience.ts';

/** One system call as strace(1) tells it. */
export interface Call {
	/** The thread that made it. */
	readonly thread: number;
	readonly name: string;
	/** What stands between the parentheses, fds with what they are. */
	readonly words: string;
	/** What it returned, as text (`0`, `-1 EAGAIN (…)`); empty where it never did. */
	readonly result: string;
}

/** Longer than any message between two processes here. */
const STRING_BYTES = 8192;

const PROBE_MS = 300;
const ATTACHED_WITHIN_MS = PATIENCE / 2;

/** Behind the last answer come the calls that sent it, and what is tidied up then. */
const SETTLED_AFTER_MS = 100;

/** Why strace cannot look at an edge worker here; undefined where it can. */
export function straceMissing(): string | undefined {
	// Under root an edge is another user's, which takes the right to trace anybody (CAP_SYS_PTRACE).
	const other = process.getuid?.() === 0 ? { uid: 65534 } : {};
	const sleeper = spawn('sleep', ['10'], { stdio: 'ignore', ...other });
	try {
		const words = ['-qq', '-o', '/dev/null', '-p', String(sleeper.pid)];
		const strace = spawnSync('strace', words, { timeout: PROBE_MS, killSignal: 'SIGINT', encoding: 'utf8' });
		if (strace.status === null && strace.signal === 'SIGINT') return undefined;
		if ((strace.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return 'strace(1) is not installed';
		return strace.stderr.trim() || 'strace(1) ends at once';
	} finally {
		sleeper.kill('SIGKILL');
	}
}

/** Every system call that the processes, and the children they make meanwhile, begin while `body` runs. Rejects where strace cannot attach. */
export async function callsDuring(pids: readonly number[], body: () => Promise<void>): Promise<readonly Call[]> {
	const folder = mkdtempSync(join(tmpdir(), 'innkeeper-strace-'));
	const file = join(folder, 'calls');
	const who = pids.flatMap((pid) => ['-p', String(pid)]);
	const strace = spawn('strace', ['-f', '-y', '-s', String(STRING_BYTES), '-o', file, ...who], {
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	const closed = once(strace, 'close');
	try {
		await attached(strace, pids.length);
		await body();
		await delay(SETTLED_AFTER_MS);
		strace.kill('SIGINT');
		await closed;
		return readCalls(readFileSync(file, 'latin1'));
	} finally {
		// To detach is what it does when it is told to end; killed, it would take nobody with it either.
		strace.kill('SIGINT');
		await closed;
		rmSync(folder, { recursive: true });
	}
}

/** The calls in strace's output; one that another thread's line cuts in two is put together again. */
export function readCalls(text: string): Call[] {
	const calls: Call[] = [];
	const begun = new Map<number, { index: number; words: string }>();
	for (const line of text.split('\n')) {
		const [, id, said = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
		if (id === undefined) continue;
		const thread = Number(id);
		const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(said);
		const [, name, rest = ''] = /^(\w+)\((.*)$/.exec(said) ?? [];
		if (resumed !== null) {
			const start = begun.get(thread);
			begun.delete(thread);
			const call = start === undefined ? undefined : calls[start.index];
			if (start === undefined || call === undefined) continue;
			calls[start.index] = { ...call, ...split(start.words + (resumed[1] ?? '')) };
		} else if (name !== undefined) {
			const unfinished = /^(.*?) ?<(?:unfinished \.\.\.|detached \.\.\.)>$/.exec(rest);
			if (unfinished !== null) begun.set(thread, { index: calls.length, words: unfinished[1] ?? '' });
			calls.push({ thread, name, ...(unfinished === null ? split(rest) : { words: unfinished[1] ?? '', result: '' }) });
		}
	}
	return calls;
}

/** All strings among a call's words, one behind the other, as bytes of latin1. */
export function stringsOf({ words }: Call): string {
	return [...words.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => plainText(text)).join('');
}

/** `words) = result`: the last such place, for strings may hold anything. */
function split(text: string): { words: string; result: string } {
	const end = /\) += ([^"]*)$/.exec(text);
	return end === null ? { words: text, result: '' } : { words: text.slice(0, end.index), result: end[1] ?? '' };
}

const NAMED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' };

function plainText(text: string): string {
	return text.replaceAll(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
		/^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (NAMED[code] ?? code),
	);
}

/** Resolves once strace says of that many processes that it is attached to all their threads. */
async function attached(strace: ChildProcess, count: number): Promise<void> {
	let said = '';
	const all = new Promise<void>((resolve) => {
		strace.stderr?.setEncoding('utf8').on('data', (text: string) => {
			said += text;
			if ((said.match(/^strace: Process \d+ attached/gm)?.length ?? 0) >= count) resolve();
		});
	});
	const timer = new AbortController();
	const late = delay(ATTACHED_WITHIN_MS, 'late' as const, { signal: timer.signal });
	const outcome = await Promise.race([all, once(strace, 'close').then(() => 'ended' as const), late]);
	timer.abort();
	late.catch(() => {});
	if (outcome !== undefined) throw new Error(`strace does not attach: ${said}`);
}
