import { execa } from 'execa';
import { lives, processTree, readProcess } from './processes.ts';

describe('processes', () => {
	test('the tree of a process holds its grandchildren, and each is known to live until it is gone', async () => {
		const shell = execa('sh', ['-c', 'sh -c "sleep 60 & echo up; wait" & wait'], {
			stdin: 'pipe',
			buffer: false,
			reject: false,
		});
		await new Promise((resolve) => shell.stdout.once('data', resolve));
		const pid = shell.pid ?? 0;
		const tree = processTree(pid);
		expect(tree[0]?.pid).toBe(pid);
		expect(tree).toHaveLength(3);
		expect(tree.every(lives)).toBe(true);
		// From the top: who loses its child first may end by itself.
		for (const process of tree) globalThis.process.kill(process.pid, 'SIGKILL');
		await shell;
		expect(readProcess(pid)).toBeUndefined();
		expect(processTree(pid)).toEqual([]);
		expect(tree.filter(({ pid: each }) => each === pid).some(lives)).toBe(false);
	});

	test('a process with the same pid but another start is another process', () => {
		const own = readProcess(process.pid);
		if (own === undefined) throw new Error('this process is not in /proc');
		expect(lives(own)).toBe(true);
		expect(lives({ ...own, started: '1' })).toBe(false);
	});

	test('CPU time grows with work', () => {
		const before = readProcess(process.pid)?.cpuMs ?? Number.NaN;
		const began = process.cpuUsage();
		while (process.cpuUsage(began).user < 60_000);
		expect(readProcess(process.pid)?.cpuMs).toBeGreaterThanOrEqual(before + 10);
	});
});
