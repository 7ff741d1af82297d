import { readdirSync, readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Tool } from '../peers/tool.ts';

/** Stands for the version of what is not installed. */
export const MISSING = 'missing';

/** Where a run was made: what a reader needs to judge or repeat its figures. */
export interface Environment {
	/** When it began, ISO 8601 in UTC. */
	readonly at: string;
	/** Of the sources, `-dirty` where they were changed since. */
	readonly commit: string;
	readonly kernel: string;
	readonly cpu: string;
	readonly cpus: number;
	readonly memoryBytes: number;
	/** How the kernel chooses the CPU's frequency; absent where it has no say, as in most virtual machines. */
	readonly governor?: string;
	/** What the kernel reads the time from: `tsc` is quick, others cost each time stamp dearly; absent where it is not told. */
	readonly clockSource?: string;
	/** The CPU's known faults by name, with what the kernel does about each; without those that the CPU does not have. */
	readonly mitigations: Readonly<Record<string, string>>;
	/** Of the minute before the run: above a few tenths, others were at work. */
	readonly loadBefore: number;
	/** Id of the user who ran it. */
	readonly user: number;
	/** The environment variables that change how Node or the C library starts and runs; what may be secret says `(set)`. */
	readonly variables: Readonly<Record<string, string>>;
	/** By name; `missing` where a peer or tool is not installed. */
	readonly versions: Readonly<Record<string, string>>;
}

/** Reads it all from the running machine, with the versions of Node and of the tools. */
export async function readEnvironment(tools: readonly Tool[]): Promise<Environment> {
	const root = join(import.meta.dirname, '..', '..');
	const versions = await Promise.all(tools.map(async (tool) => [tool.name, (await tool.version()) ?? MISSING]));
	const governor = wordsIn('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor');
	const clockSource = wordsIn('/sys/devices/system/clocksource/clocksource0/current_clocksource');
	return {
		at: new Date().toISOString(),
		commit: await commitOf(root),
		kernel: release(),
		cpu: `${cpus()[0]?.model ?? 'unknown'} (${arch()})`,
		cpus: availableParallelism(),
		memoryBytes: totalmem(),
		...(governor === undefined ? {} : { governor }),
		...(clockSource === undefined ? {} : { clockSource }),
		mitigations: mitigationsIn('/sys/devices/system/cpu/vulnerabilities'),
		loadBefore: loadavg()[0] ?? 0,
		user: process.getuid?.() ?? -1,
		variables: startVariables(process.env),
		versions: { node: process.version, ...Object.fromEntries(versions) },
	};
}

/** NODE_EXTRA_CA_CERTS doubles Node's boot, NODE_COMPILE_CACHE halves it, LD_PRELOAD may do anything. */
const CHANGES_STARTS = /^(NODE_|UV_|MALLOC_|LD_|GLIBC_TUNABLES$|OPENSSL_CONF$)/;
/** NODE_AUTH_TOKEN and its like: reports are made to be shown. */
const MAY_BE_SECRET = /TOKEN|SECRET|PASS|AUTH|CREDENTIAL/;

/** Those that change starts, by name in order. */
export function startVariables(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
	const found = Object.entries(env)
		.filter(([name]) => CHANGES_STARTS.test(name))
		.sort(([a], [b]) => (a < b ? -1 : 1));
	return Object.fromEntries(found.map(([name, value]) => [name, MAY_BE_SECRET.test(name) ? '(set)' : (value ?? '')]));
}

/** What the folder of the kernel's says of each fault, without those that the CPU does not have; empty where it is not told. */
export function mitigationsIn(folder: string): Record<string, string> {
	let faults: string[];
	try {
		faults = readdirSync(folder).sort();
	} catch {
		return {};
	}
	const said = faults.map((fault): [string, string] => [fault, wordsIn(join(folder, fault)) ?? 'unknown']);
	return Object.fromEntries(said.filter(([, words]) => words !== 'Not affected'));
}

async function commitOf(root: string): Promise<string> {
	const words = ['-C', root, 'describe', '--always', '--dirty', '--abbrev=12'];
	const { stdout, failed } = await execa('git', words, { reject: false, timeout: 10_000 });
	return failed ? 'unknown' : stdout.trim();
}

function wordsIn(file: string): string | undefined {
	try {
		return readFileSync(file, 'utf8').trim();
	} catch {
		return undefined;
	}
}
