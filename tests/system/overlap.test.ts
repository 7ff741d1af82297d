import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { freePort } from './freeport.ts';
import { House, type TenantFiles } from './house.ts';
import { longEnough } from './nodestart.ts';
import { type Hello, hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

let house: House;
let tcpPort: number;
beforeAll(async () => {
	tcpPort = await freePort();
	house = await House.start({
		tenants: {
			web: hello(101, 'web', { overlap: 'on' }),
			alone: hello(102, 'alone', { overlap: 'off', stop: { drain: '1s' } }),
			rolls: hello(103, 'rolls', { overlap: 'on' }),
			stays: hello(104, 'stays', { overlap: 'on', start: { timeout: await longEnough() }, stop: { grace: '200ms' } }),
			new: hello(105, 'new', { overlap: 'on' }),
			single: single(107, 'single'),
			greets: greets(106, 'greets', tcpPort),
		},
		config: { timeouts: { linger: '200ms' } },
	});
});
afterAll(() => house.discard());

/** Ends at once where another one of it runs, as programs with a lock do. */
function single(id: number, name: string): TenantFiles {
	const { yaml, files } = hello(id, name, { overlap: 'on', command: ['node', 'locked.mjs'] });
	const locked = `
import { linkSync, rmSync, writeFileSync } from 'node:fs';
const { DATA } = process.env;
writeFileSync(DATA + '/' + process.pid, '');
linkSync(DATA + '/' + process.pid, DATA + '/lock');
process.on('SIGTERM', () => { rmSync(DATA + '/lock'); process.exit(0); });
await import('./server.mjs');
`;
	return { yaml, files: { ...files, 'locked.mjs': locked } };
}

/** Says a word that no other instance has to whoever connects. */
function greets(id: number, name: string, port: number): TenantFiles {
	const program = `
import { createServer } from 'node:net';
const birth = crypto.randomUUID();
createServer((socket) => socket.end(birth)).listen(${port}, '127.0.0.1');
`;
	const yaml = { id, name, addresses: [`127.0.0.1:${port}/tcp`], command: ['node', 'server.mjs'] };
	return { yaml, files: { 'server.mjs': program } };
}

async function greeting(): Promise<string> {
	const socket = connect(tcpPort, '127.0.0.1');
	let heard = '';
	socket.on('data', (chunk) => {
		heard += chunk;
	});
	await once(socket, 'close');
	return heard;
}

/** A visitor who stays: an answer that never ends, as a silent WebSocket. */
async function stayer(host: string): Promise<Socket> {
	const socket = connect(house.port, '127.0.0.1');
	socket.write(`GET /stream HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
	let heard = '';
	while (!heard.includes('first')) {
		await new Promise<void>((resolve) =>
			socket.once('data', (chunk) => {
				heard += chunk;
				resolve();
			}),
		);
	}
	return socket;
}

async function birth(host: string): Promise<string> {
	const reply = await visit(house, host);
	expect(reply.status).toBe(200);
	return (JSON.parse(reply.body) as Hello).birth;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
	while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('while a visitor who stays holds an instance that is to stop, others get the next one, and neither ends the other', async () => {
	const first = await birth('web.test');
	const stays = await stayer('web.test');
	const stop = house.control({ verb: 'stop', tenant: 'web' });
	await until(async () => (await house.row('web')).state === 'draining');
	const second = await birth('web.test');
	expect(second).not.toBe(first);
	expect(stays.destroyed).toBe(false);
	const { pids } = await house.row('web');
	expect(pids.length).toBeGreaterThan(1);
	for (const pid of pids) expect(await house.control({ verb: 'whois', pid })).toMatchObject({ id: 101, name: 'web' });
	stays.destroy();
	await stop;
	expect(await birth('web.test')).toBe(second);
});

const tenantFile = (name: string): string => join(house.folder, 'tenants', name, 'tenant.yaml');

/** Waits until the file with which it got ready is kept (state/proven): one that is changed before that is not known. */
async function proven(name: string): Promise<void> {
	const good = readFileSync(tenantFile(name), 'utf8');
	const copy = join(house.folder, 'state', 'proven', `${(JSON.parse(good) as { id: number }).id}.yaml`);
	await until(async () => existsSync(copy) && readFileSync(copy, 'utf8') === good);
}

/** Rewrites some keys of a tenant's file. Returns its text. */
function edit(name: string, keys: Readonly<Record<string, unknown>>): string {
	const text = JSON.stringify({ ...JSON.parse(readFileSync(tenantFile(name), 'utf8')), ...keys });
	writeFileSync(tenantFile(name), text);
	return text;
}

interface Told {
	readonly progress: string[];
	readonly error: string;
}

async function restart(tenant: string, rollback = false): Promise<Told> {
	const progress: string[] = [];
	const heard = { progress: (text: string): void => void progress.push(text) };
	const answer = house.control({ verb: 'restart', tenant, ...(rollback ? { rollback } : {}) }, heard);
	return answer.then(
		() => ({ progress, error: '' }),
		(error: Error) => ({ progress, error: error.message }),
	);
}

async function logOf(tenant: string): Promise<string> {
	let text = '';
	const data = (piece: string): void => {
		text += piece;
	};
	await house.control({ verb: 'logs', tenant, lines: 100, follow: false }, { data });
	return text;
}

/** Visitors who come one after the other, four at a time, until the work is done; every status that they got. */
async function steadily(host: string, work: () => Promise<unknown>): Promise<Map<number, number>> {
	const statuses = new Map<number, number>();
	let done = false;
	const come = async (): Promise<void> => {
		while (!done) {
			const { status } = await visit(house, host);
			statuses.set(status, (statuses.get(status) ?? 0) + 1);
		}
	};
	const visitors = [come(), come(), come(), come()];
	try {
		await work();
	} finally {
		done = true;
		await Promise.all(visitors);
	}
	return statuses;
}

test('visitors of a program that cannot run twice wait for the end of the first, and no second one is tried again', async () => {
	const first = await birth('single.test');
	const stays = await stayer('single.test');
	const stop = house.control({ verb: 'stop', tenant: 'single' });
	await until(async () => (await house.row('single')).state === 'draining');
	const others = [birth('single.test'), birth('single.test')];
	await until(async () => house.output.includes('the one before it goes on'));
	others.push(birth('single.test'));
	stays.destroy();
	await stop;
	const births = new Set(await Promise.all(others));
	expect(births.size).toBe(1);
	expect(births).not.toContain(first);
});

describe('restart', () => {
	test('rolls a changed command out without one failed request', async () => {
		const first = await birth('rolls.test');
		const statuses = await steadily('rolls.test', async () => {
			for (const round of ['one', 'two', 'three']) {
				edit('rolls', { env: { ROUND: round } });
				expect(await restart('rolls')).toEqual({ progress: expect.anything(), error: '' });
			}
		});
		expect([...statuses.keys()]).toEqual([200]);
		expect(await birth('rolls.test')).not.toBe(first);
		expect(await house.control({ verb: 'explain', tenant: 'rolls' })).toMatchObject({
			because: expect.not.arrayContaining([expect.stringContaining('has changed')]),
		});
	});

	test.each([
		[
			'ends',
			['node', '-e', 'console.error("no such colour"); process.exit(3)'],
			/ended with status 3 before it was ready/,
		],
		[
			'never listens',
			['node', '-e', 'console.error("no such colour"); setInterval(() => {}, 1000)'],
			/was not ready within \S+/,
		],
		['is not there', ['no-such-server'], /there is no program no-such-server/],
	])('leaves the old one where the new one %s, and says why', async (_how, command, says) => {
		const first = await birth('stays.test');
		const before = readFileSync(tenantFile('stays'), 'utf8');
		edit('stays', { command });
		let told: Told | undefined;
		const statuses = await steadily('stays.test', async () => {
			told = await restart('stays');
		});
		expect(told?.error).toMatch(says);
		expect(told?.error).toMatch(/^stays: the new one .*; the old one goes on; see `innkeeper logs stays`/);
		if (command[0] === 'node') expect(told?.error).toMatch(/\nits last words:\n(?:.*\n)* {2}no such colour/);
		expect([...statuses.keys()]).toEqual([200]);
		expect(await birth('stays.test')).toBe(first);
		writeFileSync(tenantFile('stays'), before);
	});

	test('wakes who sleeps, and takes nothing in that is wrong', async () => {
		await house.control({ verb: 'stop', tenant: 'stays' });
		expect(await restart('stays')).toEqual({ progress: ['stays is stopped; waking it'], error: '' });
		const first = await birth('stays.test');
		await proven('stays');
		const before = readFileSync(tenantFile('stays'), 'utf8');
		edit('stays', { port: 'eighty' });
		expect((await restart('stays')).error).toMatch(
			/^the file of stays is wrong, and nothing was restarted\n.*stays\/tenant\.yaml:1:\d+: port: /,
		);
		expect(await birth('stays.test')).toBe(first);
		writeFileSync(tenantFile('stays'), before);
	});

	test('stops first who may not run twice, and says so', async () => {
		const first = await birth('alone.test');
		edit('alone', { env: { ROUND: 'two' } });
		const { progress, error } = await restart('alone');
		expect({ progress, error }).toEqual({
			progress: [
				'alone may not run twice, because its file says `overlap: off`: it is stopped first, and may finish for 1000 ms',
			],
			error: '',
		});
		expect(await birth('alone.test')).not.toBe(first);
	});

	test('stops first who serves TCP', async () => {
		const first = await greeting();
		edit('greets', { env: { ROUND: 'two' } });
		const { progress, error } = await restart('greets');
		expect(error).toBe('');
		expect(progress).toEqual([expect.stringMatching(/^greets may not run twice, because it serves TCP by itself/)]);
		expect(await greeting()).not.toBe(first);
	});
});

describe('restart --rollback', () => {
	const bad = ['node', '-e', 'process.exit(3)'];

	test('puts the file back, and keeps what it said, where the new one does not get ready', async () => {
		const first = await birth('stays.test');
		await proven('stays');
		chmodSync(tenantFile('stays'), 0o640);
		const good = readFileSync(tenantFile('stays'), 'utf8');
		const rejected = edit('stays', { command: bad });
		const { error } = await restart('stays', true);
		expect(error).toMatch(
			/; the old one goes on; its file was put back, what it said is in \/.*\/stays\/tenant\.yaml\.rejected;/,
		);
		expect(readFileSync(tenantFile('stays'), 'utf8')).toBe(good);
		expect(statSync(tenantFile('stays')).mode & 0o777).toBe(0o640);
		expect(readFileSync(`${tenantFile('stays')}.rejected`, 'utf8')).toBe(rejected);
		expect(readdirSync(join(house.folder, 'tenants', 'stays')).filter((name) => name.startsWith('.'))).toEqual([]);
		expect(await birth('stays.test')).toBe(first);
		await house.control({ verb: 'stop', tenant: 'stays' });
		expect(await birth('stays.test')).not.toBe(first);
	});

	test('starts the old one again where it had to be stopped', async () => {
		await birth('alone.test');
		await proven('alone');
		const good = readFileSync(tenantFile('alone'), 'utf8');
		edit('alone', { command: bad });
		const { error } = await restart('alone', true);
		expect(error).toMatch(
			/^alone: the new one ended with status 3 before it was ready; its file was put back.*; and it runs from that one again;/,
		);
		expect(readFileSync(tenantFile('alone'), 'utf8')).toBe(good);
		expect((await house.row('alone')).state).toBe('ready');
	});

	test('leaves a file alone that was changed again meanwhile', async () => {
		await birth('stays.test');
		await proven('stays');
		const good = readFileSync(tenantFile('stays'), 'utf8');
		edit('stays', { command: ['node', '-e', 'console.log("begun"); setInterval(() => {}, 1000)'] });
		const restarted = restart('stays', true);
		await until(async () => (await logOf('stays')).includes('begun'));
		const again = edit('stays', { env: { LATER: 'yes' } });
		expect((await restarted).error).toMatch(
			/the old one goes on; nothing was put back: \/.* was changed again meanwhile;/,
		);
		expect(readFileSync(tenantFile('stays'), 'utf8')).toBe(again);
		writeFileSync(tenantFile('stays'), good);
	});

	test('says so where nothing is known to go back to, and does nothing', async () => {
		expect((await restart('new', true)).error).toMatch(/^the file with which new was last ready is not known/);
		expect(await house.row('new')).toMatchObject({ state: 'stopped', wakes: 0 });
	});

	test('knows that also after a restart of the launcher, and of the house', async () => {
		await birth('stays.test');
		await proven('stays');
		const good = readFileSync(tenantFile('stays'), 'utf8');
		await house.stop();
		edit('stays', { command: bad });
		await house.serve();
		const { error } = await restart('stays', true);
		expect(error).toMatch(
			/^stays: the new one ended with status 3.*; its file was put back.*; and it runs from that one again;/,
		);
		expect(readFileSync(tenantFile('stays'), 'utf8')).toBe(good);
	});
});
