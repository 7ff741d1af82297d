import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Belongings } from '../../../launcher/drivers/belongings.ts';
import { ProcessDriver } from '../../../launcher/drivers/process.ts';
import { blockOf, type House } from '../../../launcher/house.ts';
import { keeperOver } from '../../../launcher/keeper/keeper.ts';
import { hallAddress, vpsId } from '../../../tenants/ids.ts';
import { makeTenant } from '../lodging-house.ts';
import { compiled, ROOT, TestKeeper } from './house.ts';

/** Without a hall the address is the host's, where other tests run too. */
const BLOCK = ROOT ? 0 : blockOf(String(process.pid));

let keeper: TestKeeper;
beforeEach(async () => {
	keeper = new TestKeeper();
	await keeper.start();
});
afterEach(() => keeper.close());

test('a tenant whose place in the hall was taken for a while is started once it is free', async () => {
	const server = compiled(keeper.folder, 'server');
	const folder = join(keeper.folder, 'tenant');
	mkdirSync(folder);
	chmodSync(folder, 0o755);
	const house: House = {
		root: ROOT,
		block: BLOCK,
		tag: 'cgroup',
		cgroup: keeper.cgroup,
		nodeFolder: '/usr/bin',
		state: keeper.folder,
		run: keeper.folder,
		keeperPid: keeper.pid,
		uid: process.getuid?.() ?? 0,
		gid: process.getgid?.() ?? 0,
	};
	mkdirSync(join(keeper.folder, 'logs'));
	const { connection } = keeper;
	if (connection === undefined) throw new Error('there is no keeper');
	const driver = new ProcessDriver(
		keeperOver(connection, () => {}),
		house,
		() => true,
		new Belongings(house, () => {}),
	);
	const tenant = makeTenant(101, { folder, cwd: folder, command: [server, '8080'] });
	await keeper.open('squatter', 200, { at: 'hall', address: hallAddress(vpsId(101), BLOCK), port: 8080 });
	await expect(driver.start(tenant, 1)).rejects.toThrow(/cannot be opened: .*EADDRINUSE/);
	await keeper.request('close', { name: 'squatter' });
	await driver.start(tenant, 2);
	await keeper.event('listening', { id: 101, instance: 2, name: 'hall/101' });
});
