import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** Where a run was made: what a reader needs to judge or repeat its figures. */
export interface Environment {
	readonly at: string;
	readonly commit: string;
	readonly kernel: string;
	readonly cpu: string;
	readonly cpus: number;
	readonly memoryBytes: number;
	/** Of the minute before the run: above a few tenths, others were at work. */
	readonly loadBefore: number;
	readonly user: number;
	/** By name; `missing` where a peer or tool is not installed. */
	readonly versions: Readonly<Record<string, string>>;
}

/** Reads it all from the running machine. */
export async function readEnvironment(): Promise<Environment> {
	const root = join(import.meta.dirname, '..', '..');
	const [commit, nginx, wrk, cc] = await Promise.all([
		firstLine('git', ['-C', root, 'describe', '--always', '--dirty', '--abbrev=12']),
		firstLine('nginx', ['-v']),
		firstLine('wrk', ['-v']),
		firstLine('cc', ['--version']),
	]);
	const peer = JSON.parse(readFileSync(join(root, 'node_modules', 'http-proxy', 'package.json'), 'utf8'));
	return {
		at: new Date().toISOString(),
		commit,
		kernel: release(),
		cpu: `${cpus()[0]?.model ?? 'unknown'} (${arch()})`,
		cpus: availableParallelism(),
		memoryBytes: totalmem(),
		loadBefore: loadavg()[0] ?? 0,
		user: process.getuid?.() ?? -1,
		versions: { node: process.version, nginx, wrk, cc, 'http-proxy': String(peer.version) },
	};
}

/** Of either stream: nginx and wrk tell their version on stderr, and wrk with status 1. */
async function firstLine(command: string, arguments_: readonly string[]): Promise<string> {
	const { all, code } = await execa(command, arguments_, { all: true, reject: false, timeout: 10_000 });
	return code === 'ENOENT' ? 'missing' : (all.split('\n')[0] ?? '').trim();
}
