import { EventEmitter } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { INTERRUPTED, Interrupted, Interruption } from '../../bench/interruption.ts';
import { lives, processTree } from '../system/processes.ts';

class FakeProcess extends EventEmitter {
	readonly exits: unknown[] = [];

	exit(status: unknown): never {
		this.exits.push(status);
		return undefined as never;
	}
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a run where it asks next, a second one at once', (signal) => {
	const process = new FakeProcess();
	const interruption = new Interruption(process as unknown as NodeJS.Process);
	expect(() => interruption.check()).not.toThrow();
	process.emit(signal);
	expect(() => interruption.check()).toThrow(Interrupted);
	expect(process.exits).toEqual([]);
	process.emit(signal);
	expect(process.exits).toEqual([INTERRUPTED]);
});

// A person's Ctrl-C reaches all that a run has started, a service manager's signal the bench alone.
test.each([['of a terminal', true] as const, ['of a service manager', false] as const])(
	'an interruption %s leaves neither processes nor files nor cgroups behind',
	async (_, whole) => {
		const folder = await mkdtemp(join(tmpdir(), 'innkeeper-interrupted-'));
		await chmod(folder, 0o755);
		try {
			const run = execa('sh', ['bench/run', 'wake', '--quick'], {
				cwd: join(import.meta.dirname, '..', '..'),
				env: { TMPDIR: folder },
				detached: true,
				all: true,
				reject: false,
			});
			const { pid = 0 } = run;
			const isServing = () => processTree(pid).some(({ command }) => command.includes('proxy/main.ts'));
			while (processTree(pid).length > 0 && !isServing()) await delay(20);
			const tree = processTree(pid);
			const theirs = cgroupsOf(tree);
			process.kill(whole ? -pid : pid, 'SIGINT');
			const { exitCode, all } = await run;
			expect({ exitCode, all }).toMatchObject({
				exitCode: INTERRUPTED,
				all: expect.stringContaining('interrupted by SIGINT; what was started has been ended'),
			});
			expect(tree.filter(lives)).toEqual([]);
			expect(readdirSync(folder)).toEqual([]);
			expect(theirs.filter((name) => existsSync(name))).toEqual([]);
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	},
);

/** The folders that servers among these processes have in the cgroup2 tree; none where there is none. */
function cgroupsOf(tree: readonly { readonly pid: number }[]): string[] {
	const [, mount] = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/self/mounts', 'utf8')) ?? [];
	const folders = tree.map(({ pid }) => {
		const [, path] = /^0::(.*?\/innkeeper-[^/\n]+)/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8')) ?? [];
		return path === undefined || mount === undefined ? [] : [join(mount, path)];
	});
	return [...new Set(folders.flat())];
}
