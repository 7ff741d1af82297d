import { existsSync, readFileSync, watch } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { compiled, mayMakeCgroups, TestKeeper, wait } from './house.ts';

/** Resolves once the program has written that it closed its socket. */
function deafened(log: string): Promise<void> {
	return wait((resolve) => {
		const look = (): void => {
			if (!existsSync(log) || !readFileSync(log, 'utf8').includes('deaf')) return;
			watcher.close();
			resolve();
		};
		const watcher = watch(dirname(log), look);
		look();
	}, 'word in the log');
}

describe.each(mayMakeCgroups() ? ['cgroup', 'tree'] : ['pidns', 'tree'])('with tag=%s', (tag) => {
	let keeper: TestKeeper;
	beforeEach(async () => {
		keeper = new TestKeeper({ tag: tag as 'cgroup' | 'pidns' | 'tree' });
		await keeper.start();
	});
	afterEach(() => keeper.close());

	test.each([
		['a program that closed its socket holds it no more', [], '0'],
		['a child of it that kept the socket holds it', ['heir'], '1'],
	])('%s', async (_title, words, after) => {
		const port = await keeper.open('hall/101', 101);
		const log = join(keeper.folder, '101.log');
		await keeper.launch(101, 1, {
			arg: [compiled(keeper.folder, 'deaf'), port, ...words],
			socket: ['hall/101'],
			log,
			...(tag === 'tree' ? { uid: undefined, gid: undefined } : {}),
		});
		await keeper.event('listening', { id: 101, instance: 1 });
		const holds = async (): Promise<string | undefined> =>
			(await keeper.request('holds', { id: 101, instance: 1, name: 'hall/101' })).find('held');
		expect(await holds()).toBe('1');
		await keeper.request('signal', { id: 101, instance: 1, signal: constants.signals.SIGUSR1 });
		await deafened(log);
		expect(await holds()).toBe(after);
	});

	test('of a socket that is not the tenant’s nothing is told', async () => {
		await keeper.open('hall/102', 102);
		await keeper.launch(101, 1, { arg: ['/bin/sleep', '100'] });
		await expect(keeper.request('holds', { id: 101, instance: 1, name: 'hall/102' })).rejects.toMatchObject({
			error: 'ENOENT',
		});
	});
});
