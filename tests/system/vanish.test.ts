import { chmodSync, renameSync } from 'node:fs';
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
