import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { lives, type Process, processTree } from '../../../tests/system/processes.ts';
import { bareEnvironment, type Command } from '../../cold/server.ts';

const LOOK_EVERY_MS = 2;
const LISTENS_WITHIN_MS = 10_000;
const ENDS_WITHIN_MS = 5000;
const WORDS_KEPT = 2000;

export interface DaemonOptions {
	/** It is started when it listens here: a port of the loopback, or the path of a unix socket. */
	readonly at: number | string;
	readonly cwd?: string;
	/** Beside the bare one. */
	readonly env?: Readonly<Record<string, string>>;
}

/** A waker's process, in the environment of a tenant: whatever it starts gets no more than a tenant does. */
export class Daemon {
	readonly pid: number;
	readonly #ended: Promise<unknown>;

	/** Resolves once it listens, which nobody tries by connecting: a connection would wake what is to sleep. */
	static async start([program, ...words]: Command, { at, cwd, env }: DaemonOptions): Promise<Daemon> {
		const subprocess = execa(program, words, {
			...(cwd === undefined ? {} : { cwd }),
			env: { ...bareEnvironment, ...env },
			extendEnv: false,
			stdin: 'ignore',
			all: true,
			buffer: false,
			reject: false,
		});
		let output = '';
		subprocess.all.on('data', (chunk: Buffer) => {
			output = (output + chunk.toString()).slice(-WORDS_KEPT);
		});
		let over = false;
		const ended = subprocess.then((result) => {
			over = true;
			return result;
		});
		const until = performance.now() + LISTENS_WITHIN_MS;
		while (!listens(at)) {
			const late = performance.now() > until;
			if (late) subprocess.kill('SIGKILL');
			if (late || over || subprocess.pid === undefined) {
				const { code } = await ended;
				throw new Error(`${program} ${late ? 'does not listen' : (code ?? 'ended at once')}: ${lastLine(output)}`);
			}
			await delay(LOOK_EVERY_MS);
		}
		if (subprocess.pid === undefined) throw new Error(`${program} has no pid`);
		return new Daemon(subprocess.pid, ended);
	}

	private constructor(pid: number, ended: Promise<unknown>) {
		this.pid = pid;
		this.#ended = ended;
	}

	/** All that descend from it now, those included that are dead and not yet waited for. */
	descendants(): readonly Process[] {
		return processTree(this.pid).slice(1);
	}

	/** Tells it to end, and kills what is left of its tree in time; what is `also` there is killed with it. */
	async end(signal: 'SIGTERM' | 'SIGKILL' | 'SIGINT' = 'SIGTERM', also: readonly Process[] = []): Promise<void> {
		const seen = [...processTree(this.pid), ...also];
		sendSignal(this.pid, signal);
		const timer = new AbortController();
		await Promise.race([this.#ended, delay(ENDS_WITHIN_MS, undefined, { signal: timer.signal }).catch(() => {})]);
		timer.abort();
		for (const process of seen.filter(lives)) sendSignal(process.pid, 'SIGKILL');
		await this.#ended;
		while (seen.some(lives)) await delay(LOOK_EVERY_MS);
	}
}

/** False where there is no such process any more. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
	try {
		return process.kill(pid, signal);
	} catch {
		return false;
	}
}

/** True where somebody listens on the port, of whatever local address, or on the unix socket of this path. */
function listens(at: number | string): boolean {
	const tables = typeof at === 'string' ? ['unix'] : ['tcp', 'tcp6'];
	return tables.some((table) => isListed(readFileSync(`/proc/self/net/${table}`, 'latin1'), at));
}

/** True where a table of proc_pid_net(5) has a listening socket (TCP's state 0A, unix's flag 00010000) of this port or path. */
export function isListed(table: string, at: number | string): boolean {
	if (typeof at === 'string') {
		return table.split('\n').some((line) => line.split(' ')[3] === '00010000' && line.endsWith(` ${at}`));
	}
	const hex = at.toString(16).toUpperCase().padStart(4, '0');
	return new RegExp(`^ *\\d+: [0-9A-F]+:${hex} \\S+ 0A `, 'm').test(table);
}

function lastLine(output: string): string {
	return output.trim().split('\n').at(-1) ?? '';
}
