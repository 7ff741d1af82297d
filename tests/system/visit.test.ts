import { readFileSync } from 'node:fs';
import type { Owner, TenantExplanation, TenantStatus } from '../../launcher/protocol/control.ts';
import { House } from './house.ts';
import { lives, type Process, readProcess } from './processes.ts';
import { crashing, escaping, type Hello, hello, stuck } from './tenants/programs.ts';
import { visit } from './visitor.ts';

let house: House;
beforeAll(async () => {
	house = await House.start({
		config: { debugHeaders: true, timeouts: { linger: '100ms' } },
		tenants: {
			hello: hello(101, 'hello'),
			escape: escaping(102, 'escape'),
			crash: crashing(103, 'crash'),
			stuck: stuck(104, 'stuck'),
			brief: hello(105, 'brief', { idle: { stop: '200ms' } }),
			down: hello(106, 'down', { keep: 'down' }),
			always: hello(107, 'always', { keep: 'always' }),
		},
	});
});
afterAll(() => house.discard());

async function says(host: string, path?: string): Promise<Hello> {
	const reply = await visit(house, host, path);
	expect(reply.status).toBe(200);
	return JSON.parse(reply.body) as Hello;
}

function processNow(pid: number): Process {
	const process = readProcess(pid);
	if (process === undefined) throw new Error(`no process ${pid}`);
	return process;
}

/** Resolves once `ps` shows the state; the test's own deadline bounds it. */
async function state(name: string, wanted: string): Promise<void> {
	while ((await house.row(name)).state !== wanted) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('a visitor wakes a tenant and the next one finds it warm', async () => {
	expect((await house.row('hello')).state).toBe('stopped');
	const first = await visit(house, 'hello.test', '/a?b=1');
	expect(first.status).toBe(200);
	expect(first.headers['innkeeper-wake']).toBe('start');
	const answer = JSON.parse(first.body) as Hello;
	expect(answer).toMatchObject({ id: '101', url: '/a?b=1' });
	expect(answer.headers).toMatchObject({
		host: 'hello.test',
		'x-forwarded-for': '127.0.0.1',
		'x-forwarded-proto': 'http',
	});
	const second = await visit(house, 'hello.test');
	expect(second.headers['innkeeper-wake']).toBe('none');
	expect((JSON.parse(second.body) as Hello).birth).toBe(answer.birth);
	expect(await house.row('hello')).toMatchObject({ id: 101, state: 'ready', wakes: 1 });
	expect(lives(processNow(await house.pidOf('hello', answer.pid)))).toBe(true);
});

test('an idle tenant is reaped, and the next visitor wakes another instance', async () => {
	const first = await says('brief.test');
	await state('brief', 'stopped');
	const second = await says('brief.test');
	expect(second.birth).not.toBe(first.birth);
});

test('a tenant that double-forks, calls setsid and ignores SIGTERM leaves nothing behind after stop', async () => {
	const reply = await visit(house, 'escape.test');
	const grandchild = await house.pidOf('escape', Number(reply.body));
	const owner = (await house.control({ verb: 'whois', pid: grandchild })) as Owner;
	expect(owner).toMatchObject({ pid: grandchild, id: 102, name: 'escape' });
	const { pids } = await house.row('escape');
	expect(pids).toContain(grandchild);
	await house.control({ verb: 'stop', tenant: 'escape' });
	expect(pids.map(readProcess).filter((one) => one !== undefined && lives(one))).toEqual([]);
	expect((await house.row('escape')).pids).toEqual([]);
});

test('a process of nobody has no owner', async () => {
	await expect(house.control({ verb: 'whois', pid: 1 })).rejects.toThrow();
});

test('a tenant that ends at its start is 503 with Retry-After, and its words are in its log', async () => {
	const reply = await visit(house, 'crash.test');
	expect(reply.status).toBe(503);
	expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
	expect(reply.body).not.toMatch(/exit|stack|innkeeper/i);
	const status = (await house.control({ verb: 'status', tenant: 'crash' })) as TenantStatus;
	expect(status.lastExit).toBe('exit:3');
	const why = async (): Promise<string> =>
		((await house.control({ verb: 'explain', tenant: 'crash' })) as TenantExplanation).because.join(' ');
	// Each pause is twice as long as the last: the first may be over before a slow machine has looked.
	while (!/back-off|again/.test(await why())) expect((await visit(house, 'crash.test')).status).toBe(503);
});

test('a tenant that is not ready in time is 504', async () => {
	expect((await visit(house, 'stuck.test')).status).toBe(504);
});

test('keep: down is 503, keep: always runs before anybody asked', async () => {
	expect((await visit(house, 'down.test')).status).toBe(503);
	await state('always', 'ready');
	expect((await house.row('always')).wakes).toBeGreaterThanOrEqual(1);
});

test('an unknown host is 404', async () => {
	expect((await visit(house, 'nobody.test')).status).toBe(404);
});

test('the health path is answered on any host', async () => {
	expect((await visit(house, 'nobody.test', '/.innkeeper/health')).status).toBe(200);
});

test('wake and stop by hand leave the proxy in step', async () => {
	await house.control({ verb: 'wake', tenant: 'brief' });
	await house.control({ verb: 'stop', tenant: 'brief' });
	expect((await house.row('brief')).state).toBe('stopped');
	await says('brief.test');
});

test('the environment is the contract’s and nothing of the host’s', async () => {
	const pid = await house.pidOf('hello', (await says('hello.test')).pid);
	const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
		.split('\0')
		.filter(Boolean)
		.map((entry) => entry.split('=')[0]);
	const allowed = [
		'PATH',
		'HOME',
		'LANG',
		'PORT',
		'DATA',
		'VPS_ID',
		'VPS_NAME',
		'NOTIFY_SOCKET',
		'USER',
		'LOGNAME',
		'SHELL',
	];
	expect(names.filter((name) => !allowed.includes(name ?? ''))).toEqual([]);
});
