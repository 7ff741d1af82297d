import { chmodSync, mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { House } from './house.ts';
import { hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

let house: House;
beforeAll(async () => {
	house = await House.start({ tenants: { one: hello(101, 'one'), two: hello(102, 'two') }, open: true });
});
afterAll(() => house.discard());

async function untilPrinted(text: string): Promise<void> {
	while (!house.output.includes(text)) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('a folder that is closed between two starts costs no visitor anything', async () => {
	expect((await visit(house, 'one.test')).status).toBe(200);
	await house.control({ verb: 'stop', tenant: 'one' });
	chmodSync(house.folder, 0o700);
	expect((await visit(house, 'one.test')).status).toBe(200);
	await house.control({ verb: 'stop', tenant: 'one' });
	chmodSync(house.folder, 0o755);
	expect((await visit(house, 'one.test')).status).toBe(200);
});

test('a folder of tenants that is moved away for a moment drops nobody, and is told loudly', async () => {
	expect((await visit(house, 'two.test')).status).toBe(200);
	const { pids } = await house.row('two');
	const tenants = join(house.folder, 'tenants');
	renameSync(tenants, `${tenants}.away`);
	await untilPrinted('its 2 tenants stay in force');
	expect((await visit(house, 'two.test')).status).toBe(200);
	let said = '';
	const reload = house.control({ verb: 'reload' }, { data: (text) => (said += text) });
	await expect(reload).rejects.toThrow(/one fault/);
	expect(said).toContain('its 2 tenants stay in force');
	renameSync(`${tenants}.away`, tenants);
	await house.control({ verb: 'stop', tenant: 'one' });
	expect((await visit(house, 'one.test')).status).toBe(200);
	expect((await house.row('two')).pids).toEqual(pids);
});

test('a launcher that is started again while the folder is away adopts who is awake, and serves their visitors', async () => {
	expect((await visit(house, 'two.test')).status).toBe(200);
	const { pids } = await house.row('two');
	const tenants = join(house.folder, 'tenants');
	renameSync(tenants, `${tenants}.away`);
	await house.relaunch();
	await untilPrinted('there is no such folder; its');
	expect((await visit(house, 'two.test')).status).toBe(200);
	expect((await house.row('two')).pids).toEqual(pids);
	renameSync(`${tenants}.away`, tenants);
	while ((await visit(house, 'one.test')).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
	expect((await house.row('two')).pids).toEqual(pids);
	await house.control({ verb: 'reload' });
});

test('so it does where another folder is in its place, without a tenant', async () => {
	expect((await visit(house, 'two.test')).status).toBe(200);
	const { pids } = await house.row('two');
	const tenants = join(house.folder, 'tenants');
	renameSync(tenants, `${tenants}.away`);
	mkdirSync(tenants);
	await house.relaunch();
	await untilPrinted('another folder is in its place, without a tenant; its');
	expect((await visit(house, 'two.test')).status).toBe(200);
	expect((await house.row('two')).pids).toEqual(pids);
	rmdirSync(tenants);
	renameSync(`${tenants}.away`, tenants);
	while ((await visit(house, 'one.test')).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
	expect((await house.row('two')).pids).toEqual(pids);
});

test('so it does where the file of one who is awake was broken meanwhile; a file that is gone is gone', async () => {
	for (const host of ['one.test', 'two.test']) expect((await visit(house, host)).status).toBe(200);
	const { pids } = await house.row('two');
	await house.tenant('two', { yaml: 'id: 102\nnme: two\n' });
	await untilPrinted('nme');
	renameSync(join(house.folder, 'tenants', 'one'), join(house.folder, 'one.away'));
	await house.relaunch();
	expect((await visit(house, 'two.test')).status).toBe(200);
	expect((await house.row('two')).pids).toEqual(pids);
	expect((await visit(house, 'one.test')).status).toBe(404);
	await house.tenant('two', hello(102, 'two'));
	await house.control({ verb: 'reload' });
	expect((await house.row('two')).pids).toEqual(pids);
});

test('what its file says since it was awake holds over the restart, too', async () => {
	expect((await visit(house, 'two.test')).status).toBe(200);
	await house.tenant('two', hello(102, 'two', { hosts: ['two.test', 'zwei.test'] }));
	await house.control({ verb: 'reload' });
	const { pids } = await house.row('two');
	const tenants = join(house.folder, 'tenants');
	renameSync(tenants, `${tenants}.away`);
	await house.relaunch();
	expect((await visit(house, 'zwei.test')).status).toBe(200);
	expect((await house.row('two')).pids).toEqual(pids);
	renameSync(`${tenants}.away`, tenants);
});
