import { faultLine } from '../../config/fault.ts';
import { readTenant } from '../../tenants/read.ts';
import type { Tenant } from '../../tenants/tenant.ts';

const FILE = '/srv/tenants/hello/tenant.yaml';
const LEAST = 'id: 101\nname: hello\ncommand: [node, server.mjs]\n';

function read(text: string, defaults: Record<string, unknown> = {}): Tenant | undefined {
	return readTenant(FILE, text, defaults).tenant;
}

function told(text: string, defaults: Record<string, unknown> = {}): string[] {
	return readTenant(FILE, text, defaults).faults.map((fault) => faultLine(fault).replace(`${FILE}:`, ''));
}

/** A value for a key of an otherwise good file: what is told of it. */
function toldOf(keys: string): string[] {
	return told(`${LEAST}${keys}\n`);
}

test('id, name and command make a tenant; every other key has a default', () => {
	expect(readTenant(FILE, LEAST, {})).toEqual({
		tenant: {
			id: 101,
			name: 'hello',
			file: FILE,
			folder: '/srv/tenants/hello',
			hosts: [],
			addresses: [],
			command: ['node', 'server.mjs'],
			cwd: '/srv/tenants/hello',
			env: {},
			user: undefined,
			port: 8080,
			activation: 'adopt',
			readiness: undefined,
			limits: {},
			overlap: 'auto',
			keep: 'on-demand',
			idle: { stop: 300_000 },
			start: { timeout: 30_000 },
			stop: { signal: 'SIGTERM', grace: 10_000, drain: 30_000 },
			log: { size: 10_485_760, files: 2 },
		},
		faults: [],
	});
});

test('PORT is the port of the one TCP address of a tenant without hosts, unless its file says otherwise', () => {
	const port = (rest: string): number | undefined => readTenant(FILE, `${LEAST}\n${rest}`, {}).tenant?.port;
	expect(port('addresses: ["127.0.5.1:25/tcp"]')).toBe(25);
	expect(port('addresses: ["127.0.5.1:25/tcp"]\nport: 2525')).toBe(2525);
	expect(port('addresses: ["127.0.5.1:25/tcp", "127.0.5.1:26/tcp"]')).toBe(8080);
	expect(port('addresses: ["127.0.5.1:25/tcp"]\nhosts: [a.example]')).toBe(8080);
	expect(port('addresses: ["127.0.5.2:80/http"]')).toBe(8080);
	expect(readTenant(FILE, `${LEAST}\naddresses: ["127.0.5.1:25/tcp"]`, { port: 90 }).tenant?.port).toBe(90);
});

test('every key of the contract that is built is taken', () => {
	expect(
		read(`
id: 16777215
name: a-1
hosts: ["Hello.LocalHost.", "*.hello.localhost", "bücher.example", "*"]
addresses: ["127.0.5.1:25/tcp", "[::1]:80/http"]
tls: { passthrough: false }
command: [sleep, 1.50, "true", yes]
cwd: sub/folder
env: { VERSION: 1.10, DEBUG: true, EMPTY: , QUOTED: "5" }
envFile: sub/secrets.env
user: tenant-101
noNewPrivileges: false
port: 8081
activation: listen-fds
readiness: { http: /healthz }
isolation: process
network: host
limits: { connections: 5, queue: 0 }
overlap: on
keep: always
idle: { freeze: off, stop: off }
start: { timeout: 1s, page: off }
stop: { signal: SIGINT, grace: 0s, drain: 1s }
log: { size: 64K, files: 1 }
wake: { except: [] }
requires: []
schedule: []
`),
	).toEqual({
		id: 16_777_215,
		name: 'a-1',
		file: FILE,
		folder: '/srv/tenants/hello',
		hosts: ['hello.localhost', '*.hello.localhost', 'xn--bcher-kva.example', '*'],
		addresses: [
			{ address: '127.0.5.1', port: 25, kind: 'tcp' },
			{ address: '::1', port: 80, kind: 'http' },
		],
		command: ['sleep', '1.50', 'true', 'yes'],
		cwd: '/srv/tenants/hello/sub/folder',
		env: { VERSION: '1.10', DEBUG: 'true', EMPTY: '', QUOTED: '5' },
		envFile: '/srv/tenants/hello/sub/secrets.env',
		user: 'tenant-101',
		noNewPrivileges: false,
		port: 8081,
		activation: 'listen-fds',
		readiness: { http: '/healthz' },
		limits: { connections: 5, queue: 0 },
		overlap: 'on',
		keep: 'always',
		idle: { stop: undefined },
		start: { timeout: 1000 },
		stop: { signal: 'SIGINT', grace: 0, drain: 1000 },
		log: { size: 65_536, files: 1 },
	});
});

test.each([
	'addresses: ["127.0.0.1:53/udp"]',
	'tls: { passthrough: true }',
	'activation: inetd',
	'isolation: sandbox',
	'isolation: container',
	'isolation: vm',
	'network: none',
	'network: nat',
	'limits: { memory: 256M }',
	'limits: { cpu: 50% }',
	'limits: { pids: 64 }',
	'start: { page: on }',
	'wake: { except: [{ path: /favicon.ico }] }',
	'requires: [db]',
	'schedule: ["*/15 * * * *"]',
])('%s is refused as not built yet', (keys) => {
	expect(toldOf(keys)).toEqual([expect.stringMatching(/^4:\d+: .*not built yet \(not-built-yet\)$/)]);
});

test('rungs that are not built yet count as off, with one notice for all of them', () => {
	const { tenant, faults } = readTenant(
		FILE,
		`${LEAST}idle: { freeze: 10s, reclaim: 30s, checkpoint: off, stop: 1h }\n`,
		{},
	);
	expect(tenant?.idle).toEqual({ stop: 3_600_000 });
	expect(faults.map(({ severity }) => severity)).toEqual(['notice']);
	expect(faults.map(faultLine)).toEqual([
		`${FILE}:4:9: idle.freeze: not built yet, counts as off: idle.freeze, idle.reclaim (not-built-yet)`,
	]);
});

test('a rung of the config’s defaults gives no notice in each tenant file', () => {
	expect(told(LEAST, { idle: { freeze: '10s' } })).toEqual([]);
});

test.each([
	['id: 99', 'id'],
	['id: 16777216', 'id'],
	['id: "101"', 'id'],
	['id: 101.5', 'id'],
	['name: 123', 'name'],
	['name: -a', 'name'],
	['name: Hello', 'name'],
	['name: a_b', 'name'],
	['command: node server.mjs', 'command'],
	['command: []', 'command'],
	['command: [""]', 'command'],
	['command: [[node]]', 'command'],
])('%s is refused', (line, key) => {
	const text = LEAST.replace(new RegExp(`^${key}: .*$`, 'm'), line);
	expect(told(text)).toEqual([expect.stringMatching(new RegExp(`^\\d:\\d+: ${key}: must be .* \\(invalid\\)$`))]);
});

test.each([
	['hosts: a.example', 'hosts'],
	['hosts: ["a.example:80"]', 'hosts[0]'],
	['hosts: ["a b"]', 'hosts[0]'],
	['hosts: ["a.*.example"]', 'hosts[0]'],
	['hosts: [A.example, a.EXAMPLE]', 'hosts[1]'],
	['addresses: ["127.0.0.1:80"]', 'addresses[0]'],
	['addresses: ["localhost:80/tcp"]', 'addresses[0]'],
	['addresses: ["127.0.0.1:80/tcp", "127.0.0.1:80/http"]', 'addresses[1]'],
	['cwd: ""', 'cwd'],
	['env: [a]', 'env'],
	['env: { "A=B": c }', 'env'],
	['env: { A: [1] }', 'env'],
	['user: root', 'user'],
	['user: 0', 'user'],
	['port: 0', 'port'],
	['port: "8080"', 'port'],
	['activation: socket', 'activation'],
	['readiness: { http: healthz }', 'readiness'],
	['readiness: { http: /a, tcp: 1 }', 'readiness'],
	['limits: { connections: 0 }', 'limits.connections'],
	['limits: 5', 'limits'],
	['limits:', 'limits'],
	['keep: sometimes', 'keep'],
	['idle: { stop: 5 }', 'idle.stop'],
	['idle: { freeze: soon }', 'idle.freeze'],
	['start: { timeout: 0s }', 'start.timeout'],
	['stop: { signal: TERM }', 'stop.signal'],
	['log: { size: 1 }', 'log.size'],
	['log: { files: 0 }', 'log.files'],
	['isolation: jail', 'isolation'],
])('%s is refused, at the key %s', (keys, key) => {
	expect(toldOf(keys)).toEqual([expect.stringMatching(/^4:\d+: .* \(invalid\)$/)]);
	expect(readTenant(FILE, `${LEAST}${keys}\n`, {}).faults[0]?.key).toBe(key);
	expect(read(`${LEAST}${keys}\n`)).toBeUndefined();
});

test('a TCP address at the port by which hosts are served is refused, naming both: one bind(2) cannot stand for two sockets', () => {
	const both = /^5:\d+: addresses\[0\]: .*port \(\d+\).*`port`.* \(invalid\)$/;
	const hosts = 'hosts: [a.localhost]';
	expect(toldOf(`${hosts}\naddresses: ["127.0.0.1:8080/tcp"]`)).toEqual([expect.stringMatching(both)]);
	expect(toldOf(`${hosts}\naddresses: ["127.0.0.1:81/tcp"]\nport: 81`)).toEqual([expect.stringMatching(both)]);
	expect(toldOf(`port: 81\naddresses: ["127.0.0.1:81/tcp", "127.0.0.1:80/http"]`)).toHaveLength(1);
	expect(toldOf(`${hosts}\naddresses: ["127.0.0.1:81/tcp"]`)).toEqual([]);
	expect(toldOf(`${hosts}\naddresses: ["127.0.0.1:8080/http"]`)).toEqual([]);
	expect(toldOf(`${hosts}\naddresses: ["127.0.0.1:8080/tcp"]\nactivation: listen-fds`)).toEqual([]);
});

test('all faults of a file are told at once, in the order of the text', () => {
	expect(told('nmae: x\nid: 7\nlimits: { conections: 4, queue: -1 }\nlimits: {}\n')).toEqual([
		'1:1: name: must be there: at most 63 of a-z, 0-9 and -, with a letter, no - at either end (missing)',
		'1:1: command: must be there: a list of words: the program and its arguments (missing)',
		'1:1: nmae: there is no such key; did you mean name? (unknown-key)',
		'2:5: id: must be a whole number from 100 to 16777215, the VPS id (invalid)',
		'4:1: limits: it stands twice (duplicate-key)',
	]);
});

test('a file that is no map at all is refused', () => {
	for (const text of ['- a\n', 'text\n', '5\n'])
		expect(told(text)).toEqual(['1:1: must be a map of keys and values (invalid)']);
});

test('keys of the prototype are unknown keys like others', () => {
	expect(told(`${LEAST}__proto__: { port: 1 }\nconstructor: x\n`)).toEqual([
		'4:1: __proto__: there is no such key (unknown-key)',
		'5:1: constructor: there is no such key (unknown-key)',
	]);
});

test('an alias within what it names is refused, not followed for ever', () => {
	expect(toldOf('env: &x { A: *x }')).toEqual([expect.stringMatching(/^4:9: env: must be/)]);
});

test('what the file says goes before the config’s defaults, key by key within limits, env and their like', () => {
	const defaults = {
		command: ['node', 'default.mjs'],
		env: { A: '1', B: '2' },
		idle: { stop: '1m' },
		stop: { grace: '1s', drain: '2s' },
		readiness: { http: '/health' },
		cwd: 'app',
	};
	expect(read('id: 101\nname: hello\nenv: { B: 3 }\nstop: { grace: 9s }\nreadiness: notify\n', defaults)).toMatchObject(
		{
			command: ['node', 'default.mjs'],
			env: { A: '1', B: '3' },
			idle: { stop: 60_000 },
			stop: { grace: 9000, drain: 2000 },
			readiness: 'notify',
			cwd: '/srv/tenants/hello/app',
		},
	);
});

test('no fault quotes a value of env or of command', () => {
	const texts = [
		'env: { PASSWORD: [hunter2] }',
		'env: hunter2',
		'env: { "BAD NAME": hunter2 }',
		'command: hunter2',
		'user: "hunter2 x"',
		'readiness: hunter2',
	];
	for (const keys of texts) {
		const lines = told(`id: 101\nname: a\n${keys}\n`);
		expect(lines).not.toEqual([]);
		expect(lines.join('\n')).not.toContain('hunter2');
	}
});

test('each readiness is taken where it can come about, and refused with its reason where it cannot', () => {
	const readiness = (rest: string): unknown => {
		const { tenant, faults } = readTenant(FILE, `${LEAST}\n${rest}`, {});
		return tenant?.readiness ?? faults.map(({ message }) => message).join();
	};
	const address = 'addresses: ["127.0.5.1:25/tcp"]\n';
	expect(readiness(`${address}readiness: { tcp: banner }`)).toEqual({ tcp: 'banner' });
	expect(readiness('readiness: { command: [pg_isready, -q] }')).toEqual({ command: ['pg_isready', '-q'] });
	expect(readiness('hosts: [a.example]\nreadiness: { http: /up }')).toEqual({ http: '/up' });
	expect(readiness('readiness: notify')).toBe('notify');
	expect(readiness('hosts: [a.example]\nreadiness: { tcp: banner }')).toMatch(/needs an address of kind tcp/);
	expect(readiness(`${address}readiness: { http: /up }`)).toMatch(/needs hosts/);
	expect(readiness('readiness: { command: [] }')).toMatch(/must be notify/);
	expect(readiness('readiness: { http: /up, tcp: banner }')).toMatch(/must be notify/);
});
