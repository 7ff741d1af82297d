import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Belongings } from '../../../launcher/drivers/belongings.ts';
import { ProcessDriver } from '../../../launcher/drivers/process.ts';
import type { House } from '../../../launcher/house.ts';
import { type Fields, KeeperFailure, Message } from '../../../launcher/keeper/frames.ts';
import type { Tenant } from '../../../tenants/tenant.ts';
import { makeTenant } from '../lodging-house.ts';

/** A keeper that remembers what it was asked, and fails what a test says. */
class FakeKeeper {
	readonly asked: { readonly verb: string; readonly fields: Fields }[] = [];
	/** How the next request of a verb fails. */
	readonly failing = new Map<string, { readonly error: string; readonly what: string }>();

	async request(verb: string, fields: Fields): Promise<Message> {
		this.asked.push({ verb, fields });
		const failure = this.failing.get(verb);
		this.failing.delete(verb);
		if (failure !== undefined) throw new KeeperFailure(verb, failure.error, failure.what);
		return new Message('done', [['pid', '1']]);
	}

	send(verb: string, fields: Fields): void {
		void this.request(verb, fields);
	}

	/** The verbs since the last call. */
	verbs(): string[] {
		return this.asked.splice(0).map(({ verb }) => verb);
	}
}

const uid = process.getuid?.() ?? 0;
let folder: string;
let keeper: FakeKeeper;
let house: House;
let driver: ProcessDriver;
let told: string[];
let tenant: Tenant;
beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'innkeeper-driver-')));
	chmodSync(folder, 0o755);
	mkdirSync(join(folder, 'tenant'), { mode: 0o755 });
	writeFileSync(join(folder, 'tenant', 'server'), '#!/bin/sh\n', { mode: 0o755 });
	chmodSync(join(folder, 'tenant', 'server'), 0o755);
	mkdirSync(join(folder, 'run', 'notices'), { recursive: true });
	keeper = new FakeKeeper();
	house = {
		block: 0,
		root: uid === 0,
		tag: 'cgroup',
		cgroup: undefined,
		nodeFolder: '/usr/bin',
		state: join(folder, 'state'),
		run: join(folder, 'run'),
		keeperPid: process.pid,
		uid,
		gid: process.getgid?.() ?? 0,
	};
	driver = new ProcessDriver(keeper, house, () => true, new Belongings(house, (line) => told.push(line)));
	told = [];
	tenant = makeTenant(101, { folder: join(folder, 'tenant'), cwd: join(folder, 'tenant'), command: ['./server'] });
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the socket in the hall is opened at the first start alone', async () => {
	await driver.start(tenant, 1);
	expect(keeper.verbs()).toEqual(['open', 'start']);
	await driver.start(tenant, 2);
	expect(keeper.verbs()).toEqual(['start']);
});

test('a socket that could not be opened is told as the reason, and opened at the next start', async () => {
	keeper.failing.set('open', { error: 'EADDRINUSE', what: 'bind' });
	keeper.failing.set('start', { error: 'ENOENT', what: 'socket' });
	await expect(driver.start(tenant, 1)).rejects.toThrow(/socket in the hall cannot be opened: .*EADDRINUSE \(bind\)/);
	keeper.verbs();
	await driver.start(tenant, 2);
	expect(keeper.verbs()).toEqual(['close', 'open', 'start']);
	await driver.start(tenant, 3);
	expect(keeper.verbs()).toEqual(['start']);
});

test('a socket that the keeper refuses at a start is opened anew at the next one', async () => {
	await driver.start(tenant, 1);
	keeper.failing.set('start', { error: 'EPERM', what: 'socket' });
	await expect(driver.start(tenant, 2)).rejects.toMatchObject({ error: 'EPERM', what: 'socket' });
	keeper.verbs();
	await driver.start(tenant, 3);
	expect(keeper.verbs()).toEqual(['close', 'open', 'start']);
});

test('a data folder whose making was cut short is made whole at the next start', async () => {
	const data = join(folder, 'state', 'data');
	mkdirSync(data, { recursive: true });
	writeFileSync(join(data, '101.new'), 'in the way');
	await expect(driver.start(tenant, 1)).rejects.toMatchObject({ code: 'EEXIST' });
	expect(existsSync(join(data, '101'))).toBe(false);
	rmSync(join(data, '101.new'));
	mkdirSync(join(data, '101.new'));
	await driver.start(tenant, 2);
	expect(existsSync(join(data, '101'))).toBe(true);
	expect(existsSync(join(data, '101.new'))).toBe(false);
});

test('what a tenant executes gains it nothing, unless its file says so or its user is root; nor in an errand', async () => {
	const asked = async (changes: Partial<Tenant>): Promise<unknown[]> => {
		const changed = { ...tenant, ...changes };
		await driver.start(changed, 1);
		const ran = driver.run(changed, 1, ['./server'], 1000);
		await new Promise(setImmediate);
		driver.errandEnded(1, 'exit:0');
		await ran;
		const fields = keeper.asked.filter(({ verb }) => verb === 'start' || verb === 'run').map((one) => one.fields);
		keeper.asked.length = 0;
		return fields.map((one) => one['no-new-privs']);
	};
	expect(await asked({})).toEqual([1, 1]);
	expect(await asked({ noNewPrivileges: false })).toEqual([undefined, undefined]);
	expect(await asked({ user: 0 })).toEqual([undefined, undefined]);
	expect(await asked({ user: 0, noNewPrivileges: true })).toEqual([1, 1]);
});

test('what its envFile says is in the environment of the next start and of errands; one that is wrong fails them by its name', async () => {
	const envFile = join(folder, 'tenant', 'secrets.env');
	const secret = { ...tenant, env: { TOKEN: 'known' }, envFile };
	const tokens = (): unknown[] =>
		keeper.asked
			.splice(0)
			.filter(({ verb }) => verb === 'start' || verb === 'run')
			.map(({ fields }) => (fields['env'] as string[]).filter((entry) => entry.startsWith('TOKEN=')));
	await expect(driver.start(secret, 1)).rejects.toMatchObject({
		code: 'env-file',
		message: `its envFile is refused: ${envFile}: there is no ${envFile} (unreadable)`,
	});
	expect(tokens()).toEqual([]);
	for (const token of ['first', 'second']) {
		writeFileSync(envFile, `TOKEN=${token}\n`, { mode: 0o600 });
		await driver.start(secret, 2);
		const ran = driver.run(secret, 2, ['./server'], 1000);
		driver.errandEnded(2, 'exit:0');
		await ran;
		expect(tokens()).toEqual([[`TOKEN=${token}`], [`TOKEN=${token}`]]);
	}
	writeFileSync(envFile, 'secret');
	await expect(driver.start(secret, 3)).rejects.toThrow(`${envFile}:1: there is no = in it (syntax)`);
});

const asRoot = uid === 0 ? test : test.skip;

asRoot('a folder that was closed since the last start is looked at again by the one that it fails', async () => {
	await driver.start(tenant, 1);
	chmodSync(folder, 0o700);
	keeper.asked.length = 0;
	keeper.failing.set('start', { error: 'EACCES', what: 'chdir' });
	await driver.start(tenant, 2);
	const starts = keeper.asked.filter(({ verb }) => verb === 'start').map(({ fields }) => fields['veil']);
	expect(starts).toEqual([[], [folder]]);
});

asRoot('a start that fails for another reason is not tried twice', async () => {
	await driver.start(tenant, 1);
	keeper.asked.length = 0;
	keeper.failing.set('start', { error: 'ENOMEM', what: 'clone' });
	await expect(driver.start(tenant, 2)).rejects.toMatchObject({ error: 'ENOMEM' });
	expect(keeper.verbs()).toEqual(['start']);
});

asRoot('after an instance that failed by itself the next start looks again', async () => {
	await driver.start(tenant, 1);
	chmodSync(folder, 0o700);
	driver.lookAgain(tenant);
	keeper.asked.length = 0;
	await driver.start(tenant, 2);
	expect(keeper.asked.map(({ fields }) => fields['veil'])).toEqual([[folder]]);
});

test('another name with the same id gets nothing of what the former left, which is set aside and told; a moved folder keeps all', async () => {
	const data = join(folder, 'state', 'data', '101');
	const log = join(folder, 'state', 'logs', '101.log');
	await driver.start(tenant, 1);
	writeFileSync(join(data, 'secret'), 'of alice');
	mkdirSync(join(folder, 'state', 'logs'));
	writeFileSync(log, 'said by alice');
	writeFileSync(`${log}.1`, 'said before');
	cpSync(join(folder, 'tenant'), join(folder, 'moved'), { recursive: true });
	const moved = { ...tenant, folder: join(folder, 'moved'), cwd: join(folder, 'moved') };
	await new ProcessDriver(keeper, house, () => true, new Belongings(house, (line) => told.push(line))).start(moved, 2);
	expect(readdirSync(data)).toEqual(['secret']);
	expect(told).toEqual([]);
	keeper.verbs();
	// The launcher was restarted in between.
	const belongings = new Belongings(house, (line) => told.push(line));
	const later = new ProcessDriver(keeper, house, () => true, belongings);
	const bob = makeTenant(101, { name: 'bob', folder: tenant.folder, cwd: tenant.cwd, command: ['./server'] });
	expect(belongings.isOf(bob)).toBe(false);
	await later.start(bob, 3);
	expect(belongings.isOf(bob)).toBe(true);
	expect(readdirSync(data)).toEqual([]);
	expect(existsSync(log)).toBe(false);
	const [aside = ''] = readdirSync(join(folder, 'state', 'aside'));
	const place = join(folder, 'state', 'aside', aside);
	expect(aside).toMatch(new RegExp(`^101-${tenant.name}-2[0-9-]*T[0-9-]*$`));
	expect(readFileSync(join(place, 'data', 'secret'), 'utf8')).toBe('of alice');
	expect(readdirSync(place).sort()).toEqual(['101.log', '101.log.1', 'data']);
	expect(statSync(join(place, 'data'))).toMatchObject({ uid, mode: 0o40700 });
	expect(told).toEqual([
		`innkeeper: bob has the id 101 that ${tenant.name} had; what ${tenant.name} left is set aside in ${place}`,
	]);
});
