import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiled, rootOnly, TestKeeper } from './house.ts';

/*
 * Attack: a tenant executes a setuid program of the host's that has a hole. Model: it becomes root by it. Fix: no_new_privs, by which
 * exec(2) gains nobody anything; `no-new-privs` is what the launcher says of it.
 */
const USER = 70101;
let keeper: TestKeeper;
let program: string;
beforeEach(async () => {
	keeper = new TestKeeper();
	await keeper.start();
	program = compiled(keeper.folder, 'euid');
	chmodSync(program, 0o4755);
});
afterEach(() => keeper.close());

/** As whom a setuid program of the server's user acts that a tenant executes. */
async function actsAs(instance: number, fields: Readonly<Record<string, number>>): Promise<number> {
	const file = join(keeper.dataFor(101), 'euid');
	await keeper.launch(101, instance, { arg: [program, file], ...fields });
	expect((await keeper.event('exit', { id: 101, instance })).text('status')).toBe('exit:0');
	await keeper.event('empty', { id: 101, instance });
	return Number(readFileSync(file, 'utf8'));
}

/** Where the file system has nosuid, a setuid program gains nobody anything. */
function gainsHere(): boolean {
	const file = join(keeper.dataFor(101), 'euid');
	return spawnSync(program, [file], { uid: USER, gid: USER }).status === 0 && readFileSync(file, 'utf8') === '0\n';
}

rootOnly('a tenant gains nothing by a setuid program, but where it is not told to have no new privileges', async () => {
	if (!gainsHere()) {
		process.stderr.write('setuid programs gain nobody anything in this file system (nosuid): not tried\n');
		return;
	}
	expect(await actsAs(1, { 'no-new-privs': 1 })).toBe(USER);
	expect(await actsAs(2, {})).toBe(0);
});

rootOnly('so with what is run in a VPS that lives', async () => {
	if (!gainsHere()) return;
	await keeper.launch(101, 1, { arg: ['/bin/sleep', '1000'], 'no-new-privs': 1 });
	const run = async (fields: Readonly<Record<string, number>>): Promise<string> => {
		const file = join(keeper.dataFor(101), 'euid');
		const as = { uid: USER, gid: USER, cwd: keeper.folder, arg: [program, file] };
		await keeper.request('run', { id: 101, instance: 1, limit: 5000, ...as, ...fields });
		await keeper.event('ran', { id: 101, status: 'exit:0' });
		keeper.events.length = 0;
		return readFileSync(file, 'utf8');
	};
	expect(await run({ 'no-new-privs': 1 })).toBe(`${USER}\n`);
	expect(await run({})).toBe('0\n');
});
