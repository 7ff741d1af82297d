import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultLine } from '../../config/fault.ts';
import { type ReadConfig, readConfig } from '../../config/load.ts';
import type { Site } from '../../config/site.ts';
import { tenantKeys } from '../../tenants/schema.ts';
import { site } from './site.ts';

const folder = mkdtempSync(join(tmpdir(), 'innkeeper-config-'));
const file = join(folder, 'innkeeper.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string, where: Partial<Site> = {}): ReadConfig {
	writeFileSync(file, text, { mode: 0o644 });
	return readConfig(file, { ...site, ...where }, tenantKeys);
}

/** The faults without the file's name. */
function told(text: string): string[] {
	return read(text).faults.map((fault) => faultLine(fault).replace(`${file}:`, ''));
}

test('an empty file is a config: every key has a default', () => {
	const { config, faults } = read('');
	expect(faults).toEqual([]);
	expect(config).toMatchObject({
		file,
		listen: { http: [{ address: '127.0.0.1', port: 8080 }] },
		workers: 1,
		user: undefined,
		tenants: [join(folder, 'tenants')],
		trustedProxies: [],
		trustedHeaders: 'x-forwarded',
		via: 'innkeeper',
		health: '/.innkeeper/health',
		debugHeaders: false,
		accessLog: { file: 'stdout', format: 'json' },
		timeouts: { head: 10_000, idle: 75_000, body: 60_000, connect: 5000, answer: 300_000, linger: 2000 },
		sizes: { head: 16_384, target: 8192, headers: 100, queue: 20_000, connections: 20_000 },
		starts: { atOnce: 4, running: 1000 },
		defaults: {},
	});
});

test('every key of the contract is taken', () => {
	const { config, faults } = read(`
listen: { http: ["127.0.0.1:1", { address: "[::1]:2", proxyProtocol: off }], https: [] }
workers: auto
user: innkeeper-edge
state: /var/lib/a
run: ./run
control: /run/a/control.sock
tenants: ["./tenants", "tenants", "/srv/tenants"]
trustedProxies: ["10.0.0.0/8"]
trustedHeaders: forwarded
via: off
proxyProtocol: off
health: off
healthFrom: ["192.0.2.0/24", "::1"]
debugHeaders: true
accessLog: { file: log/access, format: combined, size: off, files: 3 }
timeouts: { head: 1s, idle: 2s, body: 3s, connect: 4s, answer: 5s, linger: 0s }
sizes: { head: 4K, target: 1000, headers: 7, queue: 8, connections: 9 }
starts: { atOnce: 1, running: 2 }
defaults: { idle: { stop: 1m }, env: { VERSION: 1.10 } }
`);
	expect(faults).toEqual([]);
	expect(config).toEqual({
		file,
		listen: {
			http: [
				{ address: '127.0.0.1', port: 1 },
				{ address: '::1', port: 2 },
			],
		},
		workers: 4,
		user: 'innkeeper-edge',
		state: '/var/lib/a',
		run: join(folder, 'run'),
		control: '/run/a/control.sock',
		tenants: [join(folder, 'tenants'), '/srv/tenants'],
		trustedProxies: ['10.0.0.0/8'],
		trustedHeaders: 'forwarded',
		via: undefined,
		health: undefined,
		healthFrom: ['192.0.2.0/24', '::1/128'],
		debugHeaders: true,
		accessLog: { file: join(folder, 'log/access'), format: 'combined', size: undefined, files: 3 },
		timeouts: { head: 1000, idle: 2000, body: 3000, connect: 4000, answer: 5000, linger: 0 },
		sizes: { head: 4096, target: 1000, headers: 7, queue: 8, connections: 9 },
		starts: { atOnce: 1, running: 2 },
		defaults: { idle: { stop: '1m' }, env: { VERSION: '1.10' } },
	});
});

test('JSON is YAML', () => {
	expect(read(JSON.stringify({ workers: 3 })).config?.workers).toBe(3);
});

test('all faults are told at once, each by line, column and key, in the order of the text', () => {
	expect(
		told(`workers: 0
healt: off
listen:
  http: ["127.0.0.1:99999"]
  https: ["127.0.0.1:8443"]
timeouts: { head: 10, idel: 3s }
trustedProxies: 10.0.0.0/8
`),
	).toEqual([
		'1:10: workers: must be auto, or a whole number from 1 to 90 (invalid)',
		'2:1: healt: there is no such key; did you mean health? (unknown-key)',
		'4:10: listen.http[0]: must be an IP address and a port, as 127.0.0.1:8080 or [::1]:8080 (invalid)',
		'5:10: listen.https: it is not built yet (not-built-yet)',
		expect.stringMatching(/^6:19: timeouts.head: must be a duration .* as 10s, and more than nothing \(invalid\)$/),
		'6:23: timeouts.idel: there is no such key; did you mean idle? (unknown-key)',
		'7:17: trustedProxies: must be a list of blocks of IP addresses (invalid)',
	]);
});

test('a key that stands twice is told by its second place, along with the other faults', () => {
	expect(told('workers: 2\nworkers: 3\nstarts: { atOnce: 1, atOnce: 2, running: 0 }\n')).toEqual([
		'2:1: workers: it stands twice (duplicate-key)',
		'3:22: starts.atOnce: it stands twice (duplicate-key)',
		expect.stringMatching(/^3:42: starts.running: must be/),
	]);
});

test('tenant keys under defaults are checked as in a tenant file', () => {
	expect(told('defaults:\n  idle: { stp: 1m }\n  isolation: vm\n  port: 0\n')).toEqual([
		'2:11: defaults.idle.stp: there is no such key; did you mean stop? (unknown-key)',
		'3:14: defaults.isolation: vm is not built yet (not-built-yet)',
		'4:9: defaults.port: must be a port from 1 to 65535 (invalid)',
	]);
});

test('rungs under defaults that are not built yet count as off, with one notice', () => {
	const text = 'defaults: { idle: { freeze: 10s, reclaim: 1m, checkpoint: off } }\n';
	expect(read(text).config).toBeDefined();
	expect(read(text).faults.map(({ severity }) => severity)).toEqual(['notice']);
	expect(told(text)).toEqual([
		'1:21: defaults.idle.freeze: not built yet, counts as off: idle.freeze, idle.reclaim (not-built-yet)',
	]);
});

test('a feature that is not built yet is refused by name, at the listener too', () => {
	expect(
		told('proxyProtocol: require\nlisten: { http: [{ address: "127.0.0.1:1", proxyProtocol: accept }] }\n'),
	).toEqual([
		'1:16: proxyProtocol: require is not built yet (not-built-yet)',
		'2:59: listen.http[0].proxyProtocol: accept is not built yet (not-built-yet)',
	]);
});

test('an address, a folder or a block that stands twice is told', () => {
	expect(told('listen: { http: ["127.0.0.1:1", "127.0.0.1:1"] }\n')).toEqual([
		'1:33: listen.http[1]: it stands twice (invalid)',
	]);
});

test('edges cannot be told to run as root', () => {
	for (const user of ['root', '0']) expect(told(`user: ${user}\n`)[0]).toMatch(/^1:7: user: must be/);
});

test('a file that is not there, is a folder, or is not UTF-8 is told, and never thrown', () => {
	const codes = (path: string): string[] => readConfig(path, site, tenantKeys).faults.map(({ code }) => code);
	expect(codes(join(folder, 'missing.yaml'))).toEqual(['unreadable']);
	expect(codes(folder)).toEqual(['unreadable']);
	writeFileSync(file, Buffer.from([0x61, 0xff, 0x62]), { mode: 0o644 });
	expect(codes(file)).toEqual(['syntax']);
});

test('a file that others may write is refused, with the command that mends it', () => {
	writeFileSync(file, '');
	chmodSync(file, 0o666);
	expect(readConfig(file, site, tenantKeys).faults.map(faultLine)).toEqual([
		`${file}: ${file} may be written by its group and others (mode 0666): chmod go-w '${file}' (untrusted)`,
	]);
	chmodSync(file, 0o644);
});
