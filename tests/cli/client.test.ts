import { join } from 'node:path';
import { execa } from 'execa';
import type { ControlAnswer, TenantExplanation, TenantRow, TenantStatus } from '../../launcher/protocol/control.ts';
import { type Ended, FakeServer, innkeeper, onTerminal, packageFolder } from './innkeeper.ts';

const ready: TenantRow = {
	id: 101,
	name: 'hello',
	owner: null,
	state: 'ready',
	pids: [4711, 4712],
	memory: 44_040_192,
	cpuMs: 1234,
	leases: 1,
	connections: 3,
	since: new Date(Date.now() - 65_000).toISOString(),
	wakes: 7,
	address: '127.0.0.101',
};
const asleep: TenantRow = {
	...ready,
	id: 1002,
	name: 'a-longer-name',
	state: 'stopped',
	pids: [],
	memory: 0,
	cpuMs: 0,
	leases: 0,
	connections: 0,
};

const server = new FakeServer();
const ask = (...commandLine: string[]): Promise<Ended> => innkeeper([...commandLine, '--control', server.control]);

beforeAll(() => server.listen());
afterAll(() => server.close());
beforeEach(() => {
	server.requests.length = 0;
	server.answers = [];
	server.raw = '';
});

const row = (value: unknown): ControlAnswer => ({ type: 'row', value });
const end = (asleep = 0, more = 0): ControlAnswer => ({ type: 'result', value: { asleep, more } });

describe('ps', () => {
	test('prints an aligned row for each tenant, without colours where stdout is no terminal', async () => {
		server.answers = [row(ready), row(asleep), end()];
		const { stdout, stderr, exitCode } = await ask('ps', '--all');
		expect(stdout.split('\n')).toEqual([
			'  ID  NAME           STATE    PIDS  MEMORY   CPU  LEASES  CONN  SINCE  WAKES',
			expect.stringMatching(/^ 101 {2}hello {10}ready {7}2 {5}42M {2}1\.2s {7}1 {5}3 {3}1m\d+s {6}7$/),
			expect.stringMatching(/^1002 {2}a-longer-name {2}stopped {5}0 {7}- {5}- {7}0 {5}0 {3}1m\d+s {6}7$/),
		]);
		expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
	});

	test('shows colours on a terminal, but none with NO_COLOR or on a dumb one', async () => {
		server.answers = [row(ready), end()];
		expect(await onTerminal(`ps --control ${server.control}`, { TERM: 'xterm' })).toContain('\x1b[32mready\x1b[0m');
		expect(await onTerminal(`ps --control ${server.control}`, { TERM: 'xterm', NO_COLOR: '1' })).not.toContain('\x1b');
		expect(await onTerminal(`ps --control ${server.control}`, { TERM: 'dumb' })).not.toContain('\x1b');
	});

	test('--json prints one JSON document with every field of the row', async () => {
		server.answers = [row(ready), row(asleep), end()];
		expect(JSON.parse((await ask('ps', '--json')).stdout)).toEqual([ready, asleep]);
	});

	test('asks for those alone that are awake, and counts the others on stderr', async () => {
		server.answers = [row(ready), end(99_999, 3)];
		const { stdout, stderr } = await ask('ps');
		expect(stdout).not.toMatch(/99999/);
		expect(stderr.split('\n')).toEqual(['99999 asleep; innkeeper ps --all shows them', '3 more than --limit']);
		expect(server.requests).toEqual([{ verb: 'ps', awake: true, sort: 'id' }]);
	});

	test.each<[string[], object]>([
		[['--all'], {}],
		[['--json'], {}],
		[['web-*', '7'], { names: ['web-*', '7'] }],
		[['--state', 'stopped'], { states: ['stopped'] }],
		[['--owner', 'acme', '--sort', 'memory', '--limit', '5'], { awake: true, owner: 'acme', sort: 'memory', limit: 5 }],
	])('ps %j asks for what it says', async (words, selection) => {
		server.answers = [end()];
		await ask('ps', ...words);
		expect(server.requests).toEqual([{ verb: 'ps', ...selection }]);
	});

	test('the columns of a long list stay where its first rows put them', async () => {
		const rows = Array.from({ length: 2500 }, (_, index) =>
			row({ ...asleep, id: 1000 + index, name: `t${1000 + index}` }),
		);
		server.answers = [...rows, end()];
		const lines = (await ask('ps', '--all')).stdout.split('\n');
		expect(lines).toHaveLength(2501);
		expect(new Set(lines.map((line) => line.search(/S(TATE)|stopped/))).size).toBe(1);
	});

	test('--watch looks again until it is interrupted', async () => {
		server.answers = [row(ready), end()];
		const watching = execa(join(packageFolder, 'bin', 'innkeeper'), ['ps', '--watch', '--control', server.control], {
			reject: false,
		});
		let heads = 0;
		for await (const line of watching) if (/^ *ID/.test(line) && ++heads === 2) watching.kill('SIGINT');
		expect((await watching).signal).toBe('SIGINT');
		expect(server.requests.length).toBeGreaterThanOrEqual(2);
	});
});

describe('list', () => {
	test('prints a name a line', async () => {
		server.answers = [row('hello'), row('a-longer-name'), { type: 'result', value: null }];
		expect((await ask('list', '*')).stdout).toBe('hello\na-longer-name');
		expect(server.requests).toEqual([{ verb: 'list', names: ['*'] }]);
	});
});

describe('status', () => {
	const status: TenantStatus = {
		...ready,
		file: '/srv/hello/tenant.yaml',
		hosts: ['hello.localhost', '*.hello.localhost'],
		addresses: [],
		unreachable: [],
		instance: 12,
		activation: 'adopt',
		keep: 'on-demand',
		lastExit: 'exit:0',
		lastFailure: null,
		lastWake: { at: '2026-11-01T10:00:00.000Z', by: '127.0.0.1 GET /', ms: 48 },
		logLost: 0,
		openTo: { others: ['further ports', 'tenant.yaml with TOKEN'], itself: [] },
		says: null,
	};

	test('says the state first, then a line for each thing that is known', async () => {
		server.answers = [{ type: 'result', value: status }];
		const { stdout } = await ask('status', 'hello');
		expect(server.requests).toEqual([{ verb: 'status', tenant: 'hello' }]);
		expect(stdout).toMatch(/^hello is ready\n/);
		expect(stdout).toMatch(/^ {2}hosts +hello\.localhost \*\.hello\.localhost$/m);
		expect(stdout).toMatch(/^ {2}last wake +2026-11-01T10:00:00\.000Z by 127\.0\.0\.1 GET \/, took 48ms$/m);
		expect(stdout).toMatch(/^ {2}open to others +further ports, tenant\.yaml with TOKEN$/m);
		expect(stdout).not.toMatch(/open to itself|addresses|says|log lost|null/);
	});

	test('--json prints one JSON document', async () => {
		server.answers = [{ type: 'result', value: status }];
		expect(JSON.parse((await ask('status', 'hello', '--json')).stdout)).toEqual(status);
	});
});

describe('explain', () => {
	const explanation: TenantExplanation = {
		id: 101,
		name: 'hello',
		state: 'ready',
		because: ['It was last used 3 s ago.'],
		lastWords: ['oh \u001b[31mno'],
		wokenBy: '127.0.0.1 GET /',
		next: { rung: 'stop', at: new Date(Date.now() + 3_600_000).toISOString(), heldBy: '1 lease' },
	};

	test('tells why, by whom, and what comes next', async () => {
		server.answers = [{ type: 'result', value: explanation }];
		const { stdout } = await ask('explain', 'hello');
		expect(stdout).toMatch(
			/^hello \(101\) is ready\n {2}It was last used 3 s ago\.\n {2}its last words:\n {4}oh \\x1b\[31mno\n {2}woken by 127\.0\.0\.1 GET \/\n/,
		);
		expect(stdout).toMatch(/\n {2}next: stop in (1h|59m\d+s) \(\d{4}-.*Z\), held off by 1 lease$/);
	});

	test('says so where nothing comes next', async () => {
		server.answers = [{ type: 'result', value: { ...explanation, state: 'stopped', wokenBy: null, next: null } }];
		const { stdout } = await ask('explain', 'hello');
		expect(stdout).toMatch(/next: nothing, until somebody knocks$/);
		expect(stdout).not.toMatch(/woken/);
	});
});

describe('whois', () => {
	test('names the tenant, and says where that is best effort', async () => {
		server.answers = [{ type: 'result', value: { pid: 4711, id: 101, name: 'hello', bestEffort: false } }];
		expect((await ask('whois', '4711')).stdout).toBe('hello (101)');
		expect(server.requests).toEqual([{ verb: 'whois', pid: 4711 }]);
		server.answers = [{ type: 'result', value: { pid: 4711, id: 101, name: 'hello', bestEffort: true } }];
		expect((await ask('whois', '4711')).stdout).toMatch(/^hello \(101\), best effort/);
		expect(JSON.parse((await ask('whois', '4711', '--json')).stdout)).toMatchObject({
			pid: 4711,
			id: 101,
			name: 'hello',
		});
	});

	test('exits with 1 where the process belongs to no tenant', async () => {
		server.answers = [{ type: 'error', code: 'not-a-tenants', message: 'process 1 belongs to no tenant' }];
		expect(await ask('whois', '1')).toEqual({
			stdout: '',
			stderr: 'innkeeper: process 1 belongs to no tenant',
			exitCode: 1,
		});
	});

	test.each(['0', '-1', 'hello', '1e3', '99999999'])('refuses %s as a process id without asking', async (pid) => {
		expect(await ask('whois', '--', pid).then(({ exitCode }) => exitCode)).toBe(2);
		expect(server.requests).toEqual([]);
	});
});

describe('wake, stop, reload', () => {
	test('wake passes progress on to stderr and says on stdout how long it took', async () => {
		server.answers = [
			{ type: 'progress', text: 'starting hello' },
			{ type: 'result', value: null },
		];
		const { stdout, stderr, exitCode } = await ask('wake', 'hello');
		expect(stdout).toMatch(/^hello is ready, after \d+ms$/);
		expect({ stderr, exitCode }).toEqual({ stderr: 'starting hello', exitCode: 0 });
		expect(server.requests).toEqual([{ verb: 'wake', tenant: 'hello' }]);
	});

	test('a wake that fails exits with 1 and the reason', async () => {
		server.answers = [{ type: 'error', code: 'wake-failed', message: 'hello exited with status 3 before it listened' }];
		expect(await ask('wake', 'hello')).toEqual({
			stdout: '',
			stderr: 'innkeeper: hello exited with status 3 before it listened',
			exitCode: 1,
		});
	});

	test('stop says when nothing of the tenant is left', async () => {
		server.answers = [{ type: 'result', value: null }];
		expect((await ask('stop', 'hello')).stdout).toMatch(/^hello is stopped, after \d+ms$/);
		expect(server.requests).toEqual([{ verb: 'stop', tenant: 'hello' }]);
	});

	test('restart says how long it took, and asks for a rollback where that is wanted', async () => {
		server.answers = [
			{ type: 'progress', text: 'hello may not run twice' },
			{ type: 'result', value: null },
		];
		const { stdout, stderr, exitCode } = await ask('restart', 'hello');
		expect(stdout).toMatch(/^hello is restarted, after \d+ms$/);
		expect({ stderr, exitCode }).toEqual({ stderr: 'hello may not run twice', exitCode: 0 });
		await ask('restart', '--rollback', 'hello');
		expect(server.requests).toEqual([
			{ verb: 'restart', tenant: 'hello' },
			{ verb: 'restart', tenant: 'hello', rollback: true },
		]);
	});

	test.each([
		['restart-failed', 'hello: the new one ended with status 3; the old one goes on'],
		['no-rollback', 'the file with which hello was last ready is not known'],
	] as const)('a restart that ends in %s exits with 1 and the reason', async (code, message) => {
		server.answers = [{ type: 'error', code, message }];
		expect(await ask('restart', 'hello')).toEqual({ stdout: '', stderr: `innkeeper: ${message}`, exitCode: 1 });
	});

	test('reload tells each fault on a line of its own and exits with 1', async () => {
		server.answers = [
			{ type: 'data', text: '/t/a/tenant.yaml:1:1: id: missing (missing)\n' },
			{ type: 'data', text: '/t/b/tenant.yaml:2:7: port: out of range (invalid)\n' },
			{ type: 'error', code: 'files-wrong', message: '2 faults; what was wrong stays as it was' },
		];
		const { stderr, exitCode } = await ask('reload');
		expect(stderr.split('\n')).toEqual([
			'/t/a/tenant.yaml:1:1: id: missing (missing)',
			'/t/b/tenant.yaml:2:7: port: out of range (invalid)',
			'innkeeper: 2 faults; what was wrong stays as it was',
		]);
		expect(exitCode).toBe(1);
	});
});

describe('logs', () => {
	test('prints the log as it is and asks for 100 lines unless told otherwise', async () => {
		server.answers = [
			{ type: 'data', text: 'one\ntwo\n' },
			{ type: 'data', text: 'no newline at the end, \x1b[31mred' },
			{ type: 'result', value: null },
		];
		expect((await ask('logs', 'hello')).stdout).toBe('one\ntwo\nno newline at the end, \x1b[31mred');
		await ask('logs', 'hello', '-f', '-n', '5');
		expect(server.requests).toEqual([
			{ verb: 'logs', tenant: 'hello', lines: 100, follow: false },
			{ verb: 'logs', tenant: 'hello', lines: 5, follow: true },
		]);
	});
});

describe('a server that is not there, or goes away', () => {
	test('says where it looked and what to do', async () => {
		const { stderr, exitCode } = await innkeeper(['ps', '--control', '/nowhere/control.sock']);
		expect(stderr).toMatch(/^innkeeper: no server answers at \/nowhere\/control\.sock\n.*innkeeper serve --config/);
		expect(exitCode).toBe(1);
	});

	test('a connection that closes before the answer is a failure', async () => {
		const { stderr, exitCode } = await ask('ps');
		expect(stderr).toMatch(/^innkeeper: the server closed the connection before it answered/);
		expect(exitCode).toBe(1);
	});

	test.each(['null', '[]', '7', '{"type":"sing"}', 'no JSON'])(
		'an answer that is none (%s) is told as such',
		async (line) => {
			server.raw = `${line}\n`;
			const { stdout, stderr, exitCode } = await ask('status', 'hello');
			expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
			expect(stderr).toMatch(/^innkeeper: the server answered in words of another version\n/);
		},
	);

	test('INNKEEPER_CONTROL says where the server is', async () => {
		server.answers = [end()];
		expect((await innkeeper(['ps', '--json'], { INNKEEPER_CONTROL: server.control })).stdout).toBe('[]');
	});
});

/*
 * Attack: words of a tenant's or a visitor's act on the operator's terminal: they move its cursor, set its title, turn the line round.
 * Model: the server passes them on in whatever it answers. Fix: every command escapes what it shows.
 */
describe('hostile words', () => {
	const HOSTILE = 'a\x1b[2J\x9b2J\x7f\u202e\u2028\rb';
	const error: ControlAnswer = { type: 'error', code: 'wake-failed', message: `hello ${HOSTILE}` };
	const progress: ControlAnswer = { type: 'progress', text: HOSTILE };
	const result = (value: unknown): ControlAnswer => ({ type: 'result', value });
	const status = {
		...ready,
		...{ name: HOSTILE, state: HOSTILE, file: HOSTILE, hosts: [HOSTILE], addresses: [], unreachable: [] },
		...{ instance: 1, activation: HOSTILE, keep: HOSTILE, lastExit: HOSTILE, lastFailure: HOSTILE, lastWake: null },
		...{ logLost: 0, openTo: { others: [HOSTILE], itself: [HOSTILE] }, says: HOSTILE },
	};
	const explanation = {
		...{ id: 101, name: HOSTILE, state: HOSTILE, because: [HOSTILE], lastWords: [HOSTILE], wokenBy: HOSTILE },
		next: { rung: HOSTILE, at: null, heldBy: HOSTILE },
	};
	test.each<[string[], ControlAnswer[]]>([
		[
			['ps', '--all'],
			[row({ ...ready, name: HOSTILE, state: HOSTILE }), end()],
		],
		[
			['ps', '--json'],
			[row({ ...ready, name: HOSTILE }), end()],
		],
		[['list'], [row(HOSTILE), result(null)]],
		[['status', 'hello'], [result(status)]],
		[['status', 'hello', '--json'], [result(status)]],
		[['explain', 'hello'], [result(explanation)]],
		[['explain', 'hello', '--json'], [result(explanation)]],
		[['whois', '1'], [result({ pid: 1, id: 101, name: HOSTILE, bestEffort: false })]],
		[
			['wake', 'hello'],
			[progress, error],
		],
		[
			['stop', 'hello'],
			[progress, error],
		],
		[['reload'], [progress, { type: 'data', text: `${HOSTILE}\n` }, error]],
		[['logs', 'hello'], [error]],
	])('%j shows none of them as they are', async (commandLine, answers) => {
		server.answers = answers;
		const { stdout, stderr } = await ask(...commandLine);
		expect(`${stdout}${stderr}`).toMatch(/a\\(x1b|u001b)\[2J\\(x9b|u009b)2J/);
		expect(`${stdout}${stderr}`).toMatch(/^[\n -~]+$/);
	});

	test('logs shows none of them on a terminal, and to a program what the tenant wrote', async () => {
		server.answers = [{ type: 'data', text: `${HOSTILE}\n` }, result(null)];
		expect(await onTerminal(`logs hello --control ${server.control}`, { TERM: 'xterm' })).toContain('a\\x1b[2J\\x9b2J');
		server.answers = [{ type: 'data', text: `${HOSTILE}\n` }, result(null)];
		expect((await ask('logs', 'hello')).stdout).toBe(HOSTILE);
	});
});
