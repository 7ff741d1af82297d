import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compiled, rootOnly, TestKeeper } from './house.ts';

/*
 * Attack: a tenant holds a socket of the hall, in which every other tenant's listening socket is too, and may do any system call on
 * it and on what it accepts. Model: it wants another tenant's address, the hall's settings, or to spoil what comes after it. Fix: the
 * guard (launcher/native/guard.c) and the range without a port (sockets.c). docs/hall.md lists every call and what becomes of it.
 */
const PORT = 8080;
const OWN = '127.1.0.101';
const VICTIM = '127.1.0.102';
let keeper: TestKeeper;
beforeEach(async () => {
	keeper = new TestKeeper();
	await keeper.start();
	await open(101, OWN);
});
afterEach(() => keeper.close());

function open(id: number, address: string, port = PORT): Promise<number> {
	return keeper.open(`hall/${id}`, id, { at: 'hall', address, port });
}

/** What a visitor in the hall is answered. */
async function call(address: string, port = PORT): Promise<string> {
	const args = [String(keeper.launcherPid), address, String(port)];
	return (await promisify(execFile)(compiled(keeper.folder, 'caller'), args)).stdout;
}

/** Runs the walker as tenant 101 to its end, and gives its report, by call. */
async function walk(mode: string, instance: number, more = ''): Promise<Map<string, string>> {
	const report = join(keeper.dataFor(101), 'report');
	await keeper.launch(101, instance, {
		arg: [compiled(keeper.folder, 'walk'), mode, OWN, PORT, report, more],
		socket: 'hall/101',
	});
	if (mode === 'calls') await call(OWN);
	expect((await keeper.event('exit', { id: 101, instance })).text('status')).toBe('exit:0');
	await keeper.event('empty', { id: 101, instance });
	const lines = readFileSync(report, 'utf8').trim().split('\n');
	return new Map(lines.map((line) => line.split(' ') as [string, string]));
}

async function serves(id: number, instance: number, address: string, port = PORT): Promise<void> {
	await keeper.launch(id, instance, { arg: [compiled(keeper.folder, 'server'), port], socket: `hall/${id}` });
	await keeper.event('listening', { id, instance });
	expect(await call(address, port)).toContain('pid ');
}

rootOnly(
	'no call on a socket of the hall reaches past it: neither an address, nor a port, nor the hall itself',
	async () => {
		const said = await walk('calls', 1, VICTIM);
		const denied = ['bind', 'bind-any', 'listen', 'connect', 'sendto', 'MSG_FASTOPEN'].map(
			(name) => `dissolved:${name}`,
		);
		denied.push('listening:bind', 'connection:bind', 'connection:listen');
		for (const on of ['listening', 'connection']) {
			denied.push(
				...['SIOCSIFFLAGS', 'SIOCSIFADDR', 'SIOCADDRT', 'SIOCGSKNS', 'SIOCBRADDBR'].map((name) => `${on}:${name}`),
			);
		}
		for (const on of ['listening', 'connection', 'dissolved']) {
			denied.push(
				...['SO_MARK', 'SO_RCVBUFFORCE', 'SO_SNDBUFFORCE', 'IP_TRANSPARENT', 'IP_LOCAL_PORT_RANGE', 'TCP_REPAIR'].map(
					(name) => `${on}:${name}`,
				),
				...['TCP_MD5SIG', 'TCP_MD5SIG_EXT', 'TCP_AO_ADD_KEY', 'TCP_AO_INFO', 'IP_ADD_MEMBERSHIP'].map(
					(name) => `${on}:${name}`,
				),
				`${on}:SO_ATTACH_REUSEPORT_CBPF`,
			);
		}
		expect(denied.filter((name) => said.get(name) === 'ok' || said.get(name) === undefined)).toEqual([]);
		expect(said.get('dissolved:AF_UNSPEC')).toBe('ok');
		// Servers ask for these out of habit: they get the answer that they expect.
		expect(said.get('listening:SO_REUSEADDR')).toBe('ok');
		expect(said.get('listening:SO_REUSEPORT')).toBe('ok');
		await open(102, VICTIM, PORT + 1);
		await serves(102, 2, VICTIM, PORT + 1);
		await serves(101, 3, OWN);
	},
);

rootOnly('every option that an instance sets on its socket is as before when it is gone', async () => {
	let instance = 1;
	const before = await walk('dump', instance++);
	const left: string[] = [];
	const numbers = [...before.keys()].filter((name) => name.includes('/'));
	for (const option of numbers) {
		await walk('spoil', instance++, option);
		const after = await walk('dump', instance++);
		for (const [name, value] of before) if (after.get(name) !== value) left.push(`${name} after ${option}`);
		if (left.length > 0) break;
	}
	expect(left).toEqual([]);
	await serves(101, instance, OWN);
});

rootOnly('a socket that nobody spoiled is the same one afterwards, and who waits at it is not sent away', async () => {
	for (const [id, address] of [
		[102, VICTIM],
		[103, '::1'],
	] as const) {
		await open(id, address, PORT);
		const before = inodes();
		await serves(id, id * 10, address);
		await keeper.request('kill', { id, instance: id * 10 });
		await keeper.event('empty', { id });
		expect(inodes()).toEqual(expect.arrayContaining(before));
	}
});

/** The keeper's sockets, by inode; what it opens and closes meanwhile may be among them or not. */
function inodes(): string[] {
	const folder = `/proc/${keeper.pid}/fd`;
	const target = (fd: string): string => {
		try {
			return readlinkSync(join(folder, fd));
		} catch {
			return '';
		}
	};
	return readdirSync(folder)
		.map(target)
		.filter((link) => link.startsWith('socket:'));
}
