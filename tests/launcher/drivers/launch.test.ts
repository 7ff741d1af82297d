import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	edgeAddress,
	hallSocket,
	launchFields,
	publicSockets,
	tenantEnvironment,
} from '../../../launcher/drivers/launch.ts';
import { findProgram } from '../../../launcher/drivers/program.ts';
import { blockOf, type House } from '../../../launcher/house.ts';
import { vpsId } from '../../../tenants/ids.ts';
import type { Tenant } from '../../../tenants/tenant.ts';
import { tenantUser } from '../../../tenants/user.ts';

const house: House = {
	root: true,
	block: 0,
	tag: 'cgroup',
	cgroup: '/cgroup/innkeeper-test',
	nodeFolder: '/opt/node/bin',
	state: '/state',
	run: '/run/innkeeper',
	keeperPid: 1,
	uid: 0,
	gid: 0,
};

const tenant: Tenant = {
	id: vpsId(258),
	name: 'hello',
	file: '/tenants/hello/tenant.yaml',
	folder: '/tenants/hello',
	owner: undefined,
	hosts: ['hello.test'],
	addresses: [
		{ address: '127.0.5.1', port: 25, kind: 'tcp' },
		{ address: '127.0.5.2', port: 80, kind: 'http' },
	],
	command: ['node', 'server.mjs'],
	cwd: '/tenants/hello',
	env: { KEY: 'value', PORT: '1' },
	user: undefined,
	noNewPrivileges: undefined,
	envFile: undefined,
	port: 8080,
	activation: 'adopt',
	readiness: undefined,
	limits: { connections: 1, queue: 1 },
	overlap: 'auto',
	keep: 'on-demand',
	idle: { stop: undefined },
	start: { timeout: 1 },
	stop: { signal: 'SIGTERM', grace: 1, drain: 1 },
	log: { size: 1, files: 1 },
};

const nobody = (): never => {
	throw new Error('no name to look up');
};

describe('a launch', () => {
	test('gives the tenant its own environment and nothing of the host’s; the file’s own entries win', () => {
		expect(tenantEnvironment(tenant, house, {}).sort()).toEqual(
			[
				'DATA=/state/data/258',
				'HOME=/state/data/258',
				'KEY=value',
				'LANG=C.UTF-8',
				'LOGNAME=tenant-258',
				'PATH=/opt/node/bin:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin',
				'PORT=1',
				'SHELL=/bin/sh',
				'USER=tenant-258',
				'VPS_ID=258',
				'VPS_NAME=hello',
			].sort(),
		);
	});

	test('has its data folder for a home also in a house of a user whom the machine’s list does not know', () => {
		expect(tenantEnvironment(tenant, { ...house, root: false, uid: 54321, gid: 54321 }, {})).toContain(
			'HOME=/state/data/258',
		);
	});

	test('is told who it is: its own name, that of its file, or that of the server’s user, by number where that has none', () => {
		const userOf = (user: Tenant['user'], where = house): string | undefined =>
			tenantEnvironment({ ...tenant, user }, where, {}).find((entry) => entry.startsWith('USER='));
		expect([userOf(undefined), userOf('www-data'), userOf(0), userOf(54321)]).toEqual([
			'USER=tenant-258',
			'USER=www-data',
			'USER=root',
			'USER=54321',
		]);
		expect(userOf(undefined, { ...house, root: false, uid: 54321, gid: 54321 })).toBe('USER=54321');
	});

	test('its envFile wins over its file, which wins over what everybody has', () => {
		const env = tenantEnvironment(tenant, house, { KEY: 'secret', LANG: 'C', TOKEN: 'a=b c' });
		expect(env).toEqual(expect.arrayContaining(['KEY=secret', 'LANG=C', 'TOKEN=a=b c', 'PORT=1']));
		expect(env).toHaveLength(new Set(env.map((entry) => entry.split('=')[0])).size);
	});

	test('is reached at another address in another house without a hall, for both share the machine’s loopback', () => {
		const houses = ['/run/user/1/innkeeper', '/run/user/2/innkeeper'].map((run) => ({ ...house, block: blockOf(run) }));
		const reached = houses.map((each) => edgeAddress(tenant, each));
		expect(new Set([...reached, '127.0.1.2']).size).toBe(3);
		expect(houses.map((each) => hallSocket(tenant, each)?.address)).toEqual(reached);
		for (const address of reached) expect(isIPv4(address)).toBe(true);
	});

	test('has a user of its own under root, and the server’s otherwise', () => {
		expect(tenantUser(tenant, house, nobody)).toEqual({ uid: 0x7000_0102, gid: 0x7000_0102 });
		expect(tenantUser(tenant, { ...house, root: false, uid: 1000, gid: 100 }, nobody)).toEqual({ uid: 1000, gid: 100 });
		expect(tenantUser({ ...tenant, user: 7 }, house, nobody)).toEqual({ uid: 7, gid: 7 });
		expect(tenantUser({ ...tenant, user: 'www' }, house, () => ({ uid: 8, gid: 9 }))).toEqual({ uid: 8, gid: 9 });
	});

	test('has a socket in the hall at the address of its id, and public ones for its addresses', () => {
		expect(hallSocket(tenant, house)).toMatchObject({ name: 'hall/258', address: '127.0.1.2', port: 8080, at: 'hall' });
		expect(edgeAddress(tenant, house)).toBe('127.0.1.2');
		expect(hallSocket({ ...tenant, hosts: [], addresses: [] }, house)).toBeUndefined();
		expect(publicSockets(tenant).map(({ name, to }) => [name, to])).toEqual([
			['tcp/127.0.5.1:25', 'tenant'],
			['http/127.0.5.2:80', 'edges'],
		]);
	});
});

describe('a program', () => {
	const folder = mkdtempSync(join(tmpdir(), 'innkeeper-program-'));
	writeFileSync(join(folder, 'run'), '#!/bin/sh\n', { mode: 0o755 });
	writeFileSync(join(folder, 'text'), 'no program', { mode: 0o644 });
	mkdirSync(join(folder, 'folder'));
	afterAll(() => rmSync(folder, { recursive: true }));

	test('is looked up in PATH, the first folder first', () => {
		expect(findProgram('run', '/', `/nowhere:${folder}:/bin`)).toBe(join(folder, 'run'));
		expect(findProgram('sh', '/', `${folder}:/bin`)).toBe('/bin/sh');
	});

	test('with a slash is taken from the working folder', () => {
		expect(findProgram('./run', folder, '/bin')).toBe(join(folder, 'run'));
		expect(findProgram('./run', '/', folder)).toBeUndefined();
	});

	test('is neither a folder nor a file that cannot be executed', () => {
		expect(findProgram('folder', '/', folder)).toBeUndefined();
		expect(findProgram('text', '/', folder)).toBeUndefined();
	});
});

test('with listen-fds the program is told how many sockets it has, and their names (sd_listen_fds(3))', () => {
	const env = (activation: Tenant['activation']): unknown =>
		launchFields({ ...tenant, activation }, house, 1, ['hall/258', 'tcp/127.0.5.1:25', 'tcp/::1:53'], {})['env'];
	expect(env('listen-fds')).toEqual([
		...tenantEnvironment(tenant, house, {}),
		'LISTEN_FDS=3',
		'LISTEN_FDNAMES=http:127.0.5.1-25:--1-53',
	]);
	expect(env('adopt')).toEqual(tenantEnvironment(tenant, house, {}));
});
