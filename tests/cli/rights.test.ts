import type { Machine } from '../../cli/machine.ts';
import { cgroup2Mount, effectiveCapabilities, mapsTenantUsers, ownCgroup, readMachine } from '../../cli/machine.ts';
import { decideRights } from '../../cli/rights.ts';

const all = (1n << 41n) - 1n;
const root: Machine = {
	platform: 'linux',
	arch: 'x64',
	release: '6.1.0-18-amd64',
	uid: 0,
	gid: 0,
	capabilities: all,
	tenantUsers: true,
	cgroups: { root: '/sys/fs/cgroup', own: undefined },
	userNamespaces: false,
};
const user: Machine = {
	...root,
	uid: 1000,
	gid: 1000,
	capabilities: 0n,
	cgroups: { root: undefined, own: undefined },
	userNamespaces: true,
};
const delegated = '/sys/fs/cgroup/user.slice/user@1000.service/app.slice';

describe('what the server may do', () => {
	test.each<[string, Machine, object]>([
		[
			'root',
			root,
			{
				root: true,
				tag: 'cgroup',
				cgroup: '/sys/fs/cgroup/innkeeper-abc',
				hall: true,
				line: 'innkeeper: running as root: cgroups, own users, hall',
			},
		],
		[
			'root without cgroup2',
			{ ...root, cgroups: user.cgroups },
			{ root: true, tag: 'pidns', cgroup: undefined, hall: true },
		],
		[
			'a user with a delegated subtree',
			{ ...user, cgroups: { root: undefined, own: delegated } },
			{ root: false, tag: 'cgroup', cgroup: `${delegated}/innkeeper-abc`, hall: false },
		],
		['a user with user namespaces', user, { root: false, tag: 'pidns', cgroup: undefined, hall: false }],
		[
			'a user without',
			{ ...user, userNamespaces: false },
			{ tag: 'tree', line: expect.stringContaining('best effort') },
		],
	])('as %s', (_, machine, rights) => expect(decideRights(machine, 'abc')).toMatchObject(rights));

	test.each<[string, Partial<Machine>, RegExp]>([
		['another system', { platform: 'darwin' }, /Linux alone, not on darwin/],
		['another architecture', { arch: 'riscv64' }, /x86_64 and aarch64, not on riscv64/],
		['an old kernel', { release: '5.10.0-28-amd64' }, /Linux 5\.14 or later .*not 5\.10/],
		['a root without CAP_SYS_ADMIN', { capabilities: all & ~(1n << 21n) }, /this root lacks CAP_SYS_ADMIN/],
		['a root of a user namespace', { tenantUsers: false }, /this root lacks the user ids from 0x70000000/],
	])('%s is refused with words', (_, different, words) =>
		expect(() => decideRights({ ...root, ...different }, 'abc')).toThrow(words),
	);
});

describe('what the machine says', () => {
	test('the cgroup2 tree is found beside the controllers of a hybrid host, also with a blank in its path', () => {
		const hybrid =
			'31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n';
		expect(cgroup2Mount(`${hybrid}41 31 0:38 / /sys/fs/cgroup/uni\\040fied rw shared:9 - cgroup2 cgroup2 rw\n`)).toBe(
			'/sys/fs/cgroup/uni fied',
		);
		expect(cgroup2Mount(hybrid)).toBeUndefined();
	});

	test('the own cgroup is that of the line 0::, unless it lies outside of the cgroup namespace', () => {
		expect(ownCgroup('/sys/fs/cgroup', '5:memory:/a\n0::/user.slice/x.scope\n')).toBe(
			'/sys/fs/cgroup/user.slice/x.scope',
		);
		expect(ownCgroup('/sys/fs/cgroup', '0::/../other\n')).toBeUndefined();
		expect(ownCgroup('/sys/fs/cgroup', '5:memory:/a\n')).toBeUndefined();
	});

	test('capabilities are CapEff, and none where there is none', () => {
		expect(effectiveCapabilities('Name:\tnode\nCapEff:\t0000000000200000\nCapBnd:\t000001ffffffffff\n')).toBe(
			1n << 21n,
		);
		expect(effectiveCapabilities('')).toBe(0n);
	});

	test('the tenants’ user ids exist where the map covers all of them', () => {
		expect(mapsTenantUsers('         0          0 4294967295\n')).toBe(true);
		expect(mapsTenantUsers('0 1000 1\n1 100000 65536\n')).toBe(false);
	});

	test('this machine can be read', async () => {
		const machine = await readMachine(process.getuid?.() ?? 0, process.getgid?.() ?? 0);
		expect(machine).toMatchObject({ platform: 'linux', arch: process.arch });
		expect(machine.capabilities > 0n).toBe(process.getuid?.() === 0);
	});
});
