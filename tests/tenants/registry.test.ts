import {
	chmodSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Registry, type Remembered } from '../../tenants/registry.ts';
import { told, WatchedTenants, yaml } from './house.ts';

let tenants: WatchedTenants;
beforeEach(() => {
	tenants = new WatchedTenants();
});
afterEach(() => tenants.discard());

async function reload(): Promise<unknown> {
	return told(await tenants.registry.reload(), tenants.above);
}

/** The port of a tenant in force, found by its host. */
function portOf(name: string): number | undefined {
	return tenants.registry.find(`host:${name}.test`)?.port;
}

test('at first every tenant.yaml in a folder of the folder is a tenant, and nothing else is', async () => {
	tenants.write('a', yaml(101, 'a'));
	tenants.write('b', yaml(102, 'b'));
	tenants.write('.hidden', yaml(103, 'hidden'));
	tenants.write('empty', '', 'README.md');
	writeFileSync(tenants.path('tenant.yaml'), yaml(104, 'no'));
	expect(await reload()).toEqual({ added: ['a', 'b'], keys: ['host:a.test', 'host:b.test'] });
	expect([...tenants.registry.tenants()].map(({ id }) => id)).toEqual([101, 102]);
	expect(tenants.registry.tenant(101)?.name).toBe('a');
	expect(tenants.registry.faults()).toEqual([]);
});

test('a reload without a change changes nothing', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	expect(await reload()).toEqual({});
});

test('a new folder with a tenant file is taken in', async () => {
	await reload();
	tenants.write('a', yaml(101, 'a'));
	expect(await tenants.next()).toEqual({ added: ['a'], keys: ['host:a.test'] });
});

test('a tenant file that comes later than its folder is taken in', async () => {
	mkdirSync(tenants.path('a'), { mode: 0o755 });
	await reload();
	tenants.write('a', yaml(101, 'a'));
	expect(await tenants.next()).toMatchObject({ added: ['a'] });
});

test('a folder that is moved in with all that is in it is taken in, and one moved away is gone', async () => {
	await reload();
	tenants.write('../prepared', yaml(101, 'a'));
	renameSync(join(tenants.above, 'prepared'), tenants.path('a'));
	expect(await tenants.next()).toMatchObject({ added: ['a'] });
	renameSync(tenants.path('a'), join(tenants.above, 'elsewhere'));
	expect(await tenants.next()).toEqual({ removed: ['a'], keys: ['host:a.test'] });
});

test('a file written in place is taken in', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	tenants.write('a', yaml(101, 'a', 'port: 1\n'));
	expect(await tenants.next()).toEqual({ changed: ['a'], keys: ['host:a.test'] });
	expect(portOf('a')).toBe(1);
});

test('a file replaced by a rename is taken in, again and again', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	for (const port of [1, 2, 3]) {
		tenants.replace('a', yaml(101, 'a', `port: ${port}\n`));
		expect(await tenants.next()).toMatchObject({ changed: ['a'] });
		expect(portOf('a')).toBe(port);
	}
});

test('a folder that is deleted and made again at once is followed afterwards', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	rmSync(tenants.path('a'), { recursive: true });
	tenants.write('a', yaml(101, 'a', 'port: 1\n'));
	expect(await tenants.next()).toMatchObject({ changed: ['a'] });
	tenants.write('a', yaml(101, 'a', 'port: 2\n'));
	expect(await tenants.next()).toMatchObject({ changed: ['a'] });
	expect(portOf('a')).toBe(2);
});

test('the keys of a change are those of before and after', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	tenants.write('a', yaml(101, 'b'));
	expect(await tenants.next()).toEqual({ changed: ['b'], keys: ['host:a.test', 'host:b.test'] });
	expect(tenants.registry.find('host:a.test')).toBeUndefined();
});

test('a file that gets another id is another tenant', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	tenants.write('a', yaml(102, 'a'));
	expect(await tenants.next()).toEqual({ added: ['a'], removed: ['a'], keys: ['host:a.test'] });
	expect([tenants.registry.tenant(101), tenants.registry.find('host:a.test')?.id]).toEqual([undefined, 102]);
});

test('a file that is saved without a change, and other files beside it, change nothing', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	tenants.write('a', yaml(101, 'a'));
	tenants.write('a', 'x', 'server.mjs');
	tenants.write('a', 'x', '.tenant.yaml.swp');
	tenants.write('b', yaml(102, 'b'));
	expect(await tenants.next()).toEqual({ added: ['b'], keys: ['host:b.test'] });
	expect(tenants.pending).toBe(0);
});

test('a comment changes no tenant', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	tenants.write('a', yaml(101, 'a', '# said\n'));
	expect(await reload()).toEqual({});
});

test('deleting the file removes the tenant, and so does deleting the folder', async () => {
	tenants.write('a', yaml(101, 'a'));
	tenants.write('b', yaml(102, 'b'));
	await reload();
	unlinkSync(tenants.path('a', 'tenant.yaml'));
	expect(await tenants.next()).toEqual({ removed: ['a'], keys: ['host:a.test'] });
	rmSync(tenants.path('b'), { recursive: true });
	expect(await tenants.next()).toEqual({ removed: ['b'], keys: ['host:b.test'] });
	tenants.write('a', yaml(101, 'a'));
	expect(await tenants.next()).toMatchObject({ added: ['a'] });
});

test('a wrong change is told by file, line and key, and the old one stays in force until it is mended', async () => {
	tenants.write('a', yaml(101, 'a', 'port: 1\n'));
	await reload();
	tenants.write('a', yaml(101, 'a', 'port: 1\nkeeep: always\n'));
	expect(await tenants.next()).toEqual({
		faults: ['tenants/a/tenant.yaml:6:1: keeep: there is no such key; did you mean keep? (unknown-key)'],
	});
	expect(portOf('a')).toBe(1);
	expect(tenants.registry.faults()).toHaveLength(1);
	tenants.write('a', yaml(101, 'a', 'port: 2\nkeep: always\n'));
	expect(await tenants.next()).toMatchObject({ changed: ['a'] });
	expect(portOf('a')).toBe(2);
	expect(tenants.registry.faults()).toEqual([]);
});

test('what was wrong from the start keeps no other tenant out, and comes into force once it is mended', async () => {
	tenants.write('a', 'id: [\n');
	tenants.write('b', yaml(102, 'b'));
	expect(await reload()).toMatchObject({
		added: ['b'],
		faults: [expect.stringMatching(/^tenants\/a\/tenant.yaml:2:1: /)],
	});
	tenants.replace('a', yaml(101, 'a'));
	expect(await tenants.next()).toEqual({ added: ['a'], keys: ['host:a.test'] });
});

test('a fault is told once, not with every change of others', async () => {
	tenants.write('a', 'id: 1\n');
	expect(await reload()).toHaveProperty('faults');
	tenants.write('b', yaml(102, 'b'));
	expect(await tenants.next()).toEqual({ added: ['b'], keys: ['host:b.test'] });
	expect(tenants.registry.faults()).not.toEqual([]);
});

test('of two that claim the same the first by path wins, and the other comes into force when the winner goes', async () => {
	tenants.write('b', yaml(102, 'b', 'addresses: ["127.0.5.1:25/tcp"]\n'));
	tenants.write('a', yaml(101, 'a', 'addresses: ["127.0.5.1:25/tcp"]\n'));
	expect(await reload()).toMatchObject({
		added: ['a'],
		faults: [
			`tenants/b/tenant.yaml:5:13: addresses[0]: the address 127.0.5.1:25 is taken by tenants/a/tenant.yaml (duplicate-route)`,
		],
	});
	rmSync(tenants.path('a'), { recursive: true });
	expect(await tenants.next()).toEqual({
		added: ['b'],
		removed: ['a'],
		keys: ['address:127.0.5.1:25', 'host:a.test', 'host:b.test'],
	});
	expect(tenants.registry.faults()).toEqual([]);
	tenants.write('a', yaml(101, 'a', 'addresses: ["127.0.5.1:25/tcp"]\n'));
	expect(await tenants.next()).toMatchObject({ faults: [expect.stringMatching(/taken by tenants\/b/)] });
});

test('two files may trade their ids in one go', async () => {
	tenants.write('a', yaml(101, 'a'));
	tenants.write('b', yaml(102, 'b'));
	await reload();
	tenants.replace('a', yaml(102, 'a'));
	tenants.replace('b', yaml(101, 'b'));
	expect(await reload()).toEqual({ changed: ['a', 'b'], keys: ['host:a.test', 'host:b.test'] });
	expect(tenants.registry.find('host:a.test')?.id).toBe(102);
});

test('a file that others may write is told, and does not count until that is mended', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	tenants.write('a', yaml(101, 'a', 'port: 1\n'));
	chmodSync(tenants.path('a', 'tenant.yaml'), 0o666);
	expect(await tenants.next()).toEqual({
		faults: [
			expect.stringMatching(/^tenants\/a\/tenant.yaml: .*chmod go-w '.*tenant.yaml' \(untrusted\)$|may be written/),
		],
	});
	expect(portOf('a')).toBe(8080);
	chmodSync(tenants.path('a', 'tenant.yaml'), 0o644);
	expect(await tenants.next()).toMatchObject({ changed: ['a'] });
	expect(portOf('a')).toBe(1);
});

test('links are followed: to a tenant’s folder, to its file, and through a folder that is exchanged', async () => {
	tenants.write('../store/v1', yaml(101, 'a', 'port: 1\n'));
	tenants.write('../store/v2', yaml(101, 'a', 'port: 2\n'));
	tenants.write('../store/other', yaml(102, 'b'));
	mkdirSync(tenants.path('a'), { mode: 0o755 });
	symlinkSync('../../store/v1', tenants.path('a', '..data'));
	symlinkSync('..data/tenant.yaml', tenants.path('a', 'tenant.yaml'));
	symlinkSync('../store/other', tenants.path('b'));
	expect(await reload()).toMatchObject({ added: ['a', 'b'] });
	expect(portOf('a')).toBe(1);
	symlinkSync('../../store/v2', tenants.path('a', '..new'));
	renameSync(tenants.path('a', '..new'), tenants.path('a', '..data'));
	expect(await tenants.next()).toMatchObject({ changed: ['a'] });
	expect(portOf('a')).toBe(2);
	tenants.write('../store/other', yaml(102, 'b', 'port: 3\n'));
	expect(await tenants.next()).toMatchObject({ changed: ['b'] });
});

test('links that lead in a circle or nowhere are told, and keep nobody out', async () => {
	tenants.write('good', yaml(101, 'good'));
	symlinkSync('two', tenants.path('one'));
	symlinkSync('one', tenants.path('two'));
	mkdirSync(tenants.path('file'), { mode: 0o755 });
	symlinkSync('tenant.yaml', tenants.path('file', 'tenant.yaml'));
	symlinkSync('nowhere', tenants.path('dangling'));
	expect(await reload()).toEqual({
		added: ['good'],
		keys: ['host:good.test'],
		faults: [
			expect.stringMatching(/^tenants\/dangling\/tenant.yaml: .*\(unreadable\)$/),
			expect.stringMatching(/^tenants\/file\/tenant.yaml: .*links to itself \(link-cycle\)$/),
			expect.stringMatching(/^tenants\/one\/tenant.yaml: .*links to itself \(link-cycle\)$/),
			expect.stringMatching(/^tenants\/two\/tenant.yaml: .*links to itself \(link-cycle\)$/),
		],
	});
});

test('a tenant file that is a folder is told', async () => {
	mkdirSync(tenants.path('a', 'tenant.yaml'), { recursive: true, mode: 0o755 });
	expect(await reload()).toEqual({ faults: ['tenants/a/tenant.yaml: it is no regular file (unreadable)'] });
});

test('a folder of tenants that is not there yet is told, and watched for', async () => {
	rmSync(tenants.folder, { recursive: true });
	expect(await reload()).toEqual({ faults: ['tenants: there is no such folder (unreadable)'] });
	tenants.write('a', yaml(101, 'a'));
	expect(await tenants.next()).toMatchObject({ added: ['a'] });
	expect(tenants.registry.faults()).toEqual([]);
	tenants.write('a', yaml(101, 'a', 'port: 1\n'));
	expect(await tenants.next()).toMatchObject({ changed: ['a'] });
});

const VANISHED = 'there is no such folder; its tenant stays in force until it is there again (vanished)';

test('a folder of tenants that is moved away leaves its tenants in force, and is followed again when it is back', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	renameSync(tenants.folder, join(tenants.above, 'away'));
	expect(await tenants.next()).toEqual({ faults: [`tenants: ${VANISHED}`] });
	expect(portOf('a')).toBe(8080);
	expect(await reload()).toEqual({});
	expect(tenants.registry.faults()).toHaveLength(1);
	tenants.write('../away/a', yaml(101, 'a', 'port: 1\n'));
	renameSync(join(tenants.above, 'away'), tenants.folder);
	expect(await tenants.next()).toMatchObject({ changed: ['a'] });
	expect(tenants.registry.faults()).toEqual([]);
	tenants.write('a', yaml(101, 'a', 'port: 2\n'));
	expect(await tenants.next()).toMatchObject({ changed: ['a'] });
});

test('a folder above that is moved away counts alike', async () => {
	const folder = join(tenants.above, 'deep', 'tenants');
	tenants.write('../deep/tenants/b', yaml(102, 'b'));
	await tenants.registry.reload({ folders: [folder], defaults: {}, reserved: [] });
	renameSync(join(tenants.above, 'deep'), join(tenants.above, 'away'));
	expect(told(await tenants.registry.reload(), tenants.above)).toEqual({ faults: [`deep/tenants: ${VANISHED}`] });
	expect(portOf('b')).toBe(8080);
});

test.each([
	['a file in its place', (folder: string) => writeFileSync(folder, ''), 'ENOTDIR', 'vanished'],
	['a link to itself in its place', (folder: string) => symlinkSync('tenants', folder), 'ELOOP', 'vanished'],
])('a folder of tenants that cannot be read leaves its tenants in force: %s', async (_what, put, code, fault) => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	renameSync(tenants.folder, join(tenants.above, 'away'));
	put(tenants.folder);
	const message = `the folder cannot be read: ${code}; its tenant stays in force until it is there again (${fault})`;
	expect(await reload()).toEqual({ faults: [`tenants: ${message}`] });
	expect(portOf('a')).toBe(8080);
});

test('an empty folder in the place of the folder of tenants, as a mount point without its mount, needs to be confirmed by a reload', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	renameSync(tenants.folder, join(tenants.above, 'away'));
	mkdirSync(tenants.folder, { mode: 0o755 });
	expect((await tenants.next()).faults).toEqual([
		expect.stringMatching(
			/^tenants: another folder .* its tenant stays in force .*`innkeeper reload` confirms .*\(vanished\)$/,
		),
	]);
	expect(portOf('a')).toBe(8080);
	expect(await reload()).toEqual({ removed: ['a'], keys: ['host:a.test'] });
	expect(tenants.registry.faults()).toEqual([]);
});

test('the reload that meets an empty folder first confirms nothing', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	renameSync(tenants.folder, join(tenants.above, 'away'));
	mkdirSync(tenants.folder, { mode: 0o755 });
	expect(await reload()).toEqual({ faults: [expect.stringMatching(/\(vanished\)$/)] });
	expect(portOf('a')).toBe(8080);
});

test('another folder with tenants in the place of the folder of tenants replaces them', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	tenants.write('../prepared/b', yaml(102, 'b'));
	renameSync(tenants.folder, join(tenants.above, 'away'));
	renameSync(join(tenants.above, 'prepared'), tenants.folder);
	expect(await reload()).toMatchObject({ added: ['b'], removed: ['a'] });
});

test('the last tenant that is removed from a folder which can be read is gone', async () => {
	tenants.write('a', yaml(101, 'a'));
	await reload();
	rmSync(tenants.path('a'), { recursive: true });
	expect(await tenants.next()).toEqual({ removed: ['a'], keys: ['host:a.test'] });
});

const asOrdinaryUser = process.getuid?.() === 0 ? test.skip : test;

asOrdinaryUser(
	'a folder of tenants that is closed for a while leaves its tenants in force, and is noticed when it opens',
	async () => {
		tenants.write('a', yaml(101, 'a'));
		await reload();
		chmodSync(tenants.folder, 0o000);
		expect((await tenants.next()).faults).toEqual([expect.stringMatching(/EACCES; its tenant stays in force/)]);
		expect(portOf('a')).toBe(8080);
		chmodSync(tenants.folder, 0o755);
		tenants.write('a', yaml(101, 'a', 'port: 1\n'));
		expect(await tenants.next()).toMatchObject({ changed: ['a'] });
	},
);

test('other defaults change the tenants that leave the key out; another folder replaces the tenants', async () => {
	const { registry } = tenants;
	tenants.write('a', yaml(101, 'a'));
	tenants.write('b', yaml(102, 'b', 'port: 1\n'));
	await reload();
	const other = { folders: [tenants.folder], defaults: { port: 2 }, reserved: [] };
	expect(told(await registry.reload(other), tenants.above)).toEqual({ changed: ['a'], keys: ['host:a.test'] });
	expect([portOf('a'), portOf('b')]).toEqual([2, 1]);
	tenants.write('../more/c', yaml(103, 'c'));
	const moved = { folders: [join(tenants.above, 'more')], defaults: {}, reserved: [] };
	expect(told(await registry.reload(moved), tenants.above)).toMatchObject({ added: ['c'], removed: ['a', 'b'] });
	tenants.write('../more/c', yaml(103, 'c', 'port: 3\n'));
	expect(await tenants.next()).toMatchObject({ changed: ['c'] });
});

test('a reload sees what no watch of ours can: the file elsewhere that a link leads to', async () => {
	tenants.write('../store/x', yaml(101, 'a'));
	mkdirSync(tenants.path('a'), { mode: 0o755 });
	symlinkSync(join(tenants.above, 'store', 'x', 'tenant.yaml'), tenants.path('a', 'tenant.yaml'));
	await reload();
	tenants.write('../store/x', yaml(101, 'a', 'port: 1\n'));
	expect(await reload()).toMatchObject({ changed: ['a'] });
});

test('many changes in one go are all taken in', async () => {
	for (let index = 0; index < 300; index++) tenants.write(`t${index}`, yaml(200 + index, `t${index}`));
	await reload();
	for (let index = 0; index < 300; index++) tenants.replace(`t${index}`, yaml(200 + index, `t${index}`, 'port: 7\n'));
	const changed = new Set<string>();
	while (changed.size < 300) for (const name of (await tenants.next()).changed ?? []) changed.add(name);
	expect(portOf('t299')).toBe(7);
});

test('at rest there is no timer; after close no watch', async () => {
	const timersBefore = timers();
	tenants.write('a', yaml(101, 'a'));
	await reload();
	tenants.write('a', yaml(101, 'a', 'port: 1\n'));
	await tenants.next();
	// A last event may still be settling; a timer that stays would keep us here for ever.
	while (timers() > timersBefore) await new Promise(setImmediate);
	expect(inotifyWatches()).toBeGreaterThanOrEqual(2);
	const before = inotifyWatches();
	tenants.registry.close();
	expect(inotifyWatches()).toBe(before - 2);
});

function timers(): number {
	return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

/** How many watches this process has (proc_pid_fdinfo(5)). */
function inotifyWatches(): number {
	const infos = readdirSync('/proc/self/fdinfo').map((fd) => {
		try {
			return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
		} catch {
			return ''; // the one that the listing itself had
		}
	});
	return infos.join('').match(/^inotify /gm)?.length ?? 0;
}

describe('what another registry had in force', () => {
	let remembered: Remembered[];
	beforeEach(async () => {
		for (const [id, name] of [
			[101, 'a'],
			[102, 'b'],
		] as const)
			tenants.write(name, yaml(id, name));
		const before = new Registry({ folders: [tenants.folder], defaults: {}, reserved: [] }, process.getuid?.() ?? 0);
		await before.reload();
		// As the keeper carries it.
		remembered = JSON.parse(JSON.stringify([101, 102].map((id) => before.remembered(id)))) as Remembered[];
		before.close();
	});

	test('is so again where the folder has vanished, and is the files’ again when it is back', async () => {
		renameSync(tenants.folder, tenants.path('..', 'away'));
		await reload();
		expect(told(await tenants.registry.recall(remembered), tenants.above)).toEqual({
			added: ['a', 'b'],
			keys: ['host:a.test', 'host:b.test'],
			faults: ['tenants: there is no such folder; its 2 tenants stay in force until it is there again (vanished)'],
		});
		renameSync(tenants.path('..', 'away'), tenants.folder);
		tenants.write('b', yaml(102, 'b', 'port: 9000\n'));
		tenants.write('c', yaml(103, 'c'));
		while (tenants.registry.tenant(103) === undefined) await tenants.next();
		expect(portOf('b')).toBe(9000);
		expect(tenants.registry.faults()).toEqual([]);
		rmSync(tenants.path('a'), { recursive: true });
		expect(await tenants.next()).toMatchObject({ removed: ['a'] });
	});

	test('is so again where its file is wrong now, but not where it is gone, or says something else', async () => {
		writeFileSync(tenants.path('a', 'tenant.yaml'), 'id: 101\nnme: a\n');
		tenants.write('c', yaml(102, 'c'));
		rmSync(tenants.path('b'), { recursive: true });
		await reload();
		expect(told(await tenants.registry.recall(remembered), tenants.above)).toEqual({
			added: ['a'],
			keys: ['host:a.test'],
		});
		expect(tenants.registry.tenant(102)?.name).toBe('c');
		expect(tenants.registry.faults()).not.toEqual([]);
		tenants.write('a', yaml(101, 'a', 'port: 9000\n'));
		expect(await tenants.next()).toMatchObject({ changed: ['a'] });
		expect(portOf('a')).toBe(9000);
	});

	test('is gone where its folder of tenants is none any more', async () => {
		const other = new Registry({ folders: [], defaults: {}, reserved: [] }, process.getuid?.() ?? 0);
		await other.reload();
		expect((await other.recall(remembered)).added).toEqual([]);
	});
});
