import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { faultLine } from '../../config/fault.ts';
import { openBorder, openHouse, secretFaults } from '../../tenants/border.ts';
import { readTenant } from '../../tenants/read.ts';
import type { Tenant } from '../../tenants/tenant.ts';

const uid = process.getuid?.() ?? 0;
const gid = process.getgid?.() ?? 0;
const asRoot = uid === 0 ? test : test.skip;
const server = { root: uid === 0, uid, gid };
const OPEN = 'proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\ntmpfs /run tmpfs rw 0 0\n';
const HIDDEN = 'tmpfs / tmpfs rw 0 0\nproc /proc proc rw,nosuid,hidepid=invisible,gid=5 0 0\n';

let folder: string;
beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'innkeeper-border-')));
	chmodSync(folder, 0o755);
	write('innkeeper.yaml', '', 0o600);
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string, mode: number): string {
	const file = join(folder, path);
	mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
	chmodSync(dirname(file), 0o755);
	writeFileSync(file, text);
	chmodSync(file, mode);
	return file;
}

/** Tenant 201, whose file has that mode and these lines. */
function tenant(lines: string, mode: number, defaults = {}): Tenant {
	const text = `id: 201\nname: alice\ncommand: [node]\n${lines}`;
	const file = write('alice/tenant.yaml', text, mode);
	const read = readTenant(file, text, defaults).tenant;
	if (read === undefined) throw new Error('the test has a wrong tenant file');
	return read;
}

function faults(one: Tenant, defaults = {}): string[] {
	const config = { file: join(folder, 'innkeeper.yaml'), defaults } as Config;
	return secretFaults(config, [one], server).map((fault) =>
		`${fault.severity} ${faultLine(fault)}`.replaceAll(`${folder}/`, ''),
	);
}

const SECRET = 'it looks like a secret, and';

test('a secret in a tenant file that everybody can read is told by its line', () => {
	expect(faults(tenant('env:\n  MODE: fast\n  DB_PASSWORD: hidden\n', 0o644))).toEqual([
		`notice alice/tenant.yaml:6:16: env.DB_PASSWORD: ${SECRET} every other tenant can read this file: put it into an envFile, or chmod 600 (exposed)`,
	]);
});

asRoot('so is one that the tenant itself can read, and might publish with its folder', () => {
	const alice = tenant('env: { TOKEN: hidden }\n', 0o640);
	expect(faults(alice)).toEqual([]);
	chownSync(alice.file, 0, 0x7000_0000 + 201);
	expect(faults(alice).join()).toContain(`${SECRET} user ${0x7000_0000 + 201}, as whom it runs, can read this file`);
	// What is above its folder is no obstacle to itself: that folder is shown to it.
	chmodSync(folder, 0o700);
	chmodSync(alice.file, 0o644);
	expect(faults(alice).join()).toContain('as whom it runs');
	chmodSync(alice.folder, 0o700);
	expect(faults(alice)).toEqual([]);
});

test('a file that nobody else comes to has no secret to tell', () => {
	expect(faults(tenant('env: { TOKEN: hidden }\n', 0o600))).toEqual([]);
});

test.each([
	['SMTP_PASS', 'x', true],
	['AWS_SECRET_ACCESS_KEY', 'x', true],
	['api_key2', 'x', true],
	['GITHUB_TOKEN', 'x', true],
	['DATABASE_URL', 'postgres://alice:hidden@db/alice', true],
	['TOKEN', '', false],
	['KEYBOARD', 'de', false],
	['COMPASS', 'north', false],
	['PUBLIC_KEY', 'x', false],
	['DATABASE_URL', 'postgres://db/alice', false],
])('%s: %s is a secret: %s', (name, text, secret) => {
	const alice = tenant(`env: { ${name}: ${JSON.stringify(text)} }\n`, 0o644);
	expect(faults(alice).length).toBe(secret ? 1 : 0);
});

test("a secret of the config's defaults is told of the config file, not of the tenant's", () => {
	const defaults = { env: { TOKEN: 'hidden' } };
	const alice = tenant('', 0o644, defaults);
	expect(faults(alice, defaults)).toEqual([]);
	write('innkeeper.yaml', 'defaults:\n  env:\n    TOKEN: hidden\n', 0o644);
	expect(faults(alice, defaults)).toEqual([
		`notice innkeeper.yaml:3:12: defaults.env.TOKEN: ${SECRET} everybody can read this file: put it into an envFile, or chmod 600 (exposed)`,
	]);
});

test('an envFile that would fail the start is a fault; one that can be read by whom it is not for, a notice', () => {
	const alice = tenant('envFile: secrets.env\n', 0o600);
	expect(faults(alice)).toEqual(['fault alice/tenant.yaml:4:10: envFile: there is no alice/secrets.env (unreadable)']);
	const file = write('alice/secrets.env', 'TOKEN=hidden\nhidden\n', 0o600);
	expect(faults(alice)).toEqual(['fault alice/secrets.env:2: there is no = in it (syntax)']);
	write('alice/secrets.env', 'TOKEN=hidden\n', 0o600);
	expect(faults(alice)).toEqual([]);
	chmodSync(file, 0o644);
	expect(faults(alice)).toEqual([
		'notice alice/secrets.env: every other tenant can read it: chown root and chmod 600 it, for the launcher alone reads it (exposed)',
	]);
});

test('of the house as a whole it is told what lies open until tenants are sandboxed', () => {
	const alice = tenant('', 0o644);
	const told = openHouse([alice], { root: true, uid: 0, gid: 0 }, OPEN);
	expect(told).toBe(
		'until tenants are sandboxed (docs/border.md): further ports that they bind lie open on this machine; ' +
			'/proc shows them the command lines of all (no hidepid=invisible); 1 of 1 tenant files can be read by others (chmod 600)',
	);
	chmodSync(alice.file, 0o600);
	expect(openHouse([alice], { root: true, uid: 0, gid: 0 }, HIDDEN)).toBe(
		'until tenants are sandboxed (docs/border.md): further ports that they bind lie open on this machine',
	);
	expect(openHouse([alice], { root: false, uid: 7, gid: 7 }, HIDDEN)).toContain(
		': they run as user 7, as the server does, and',
	);
	expect(openHouse([], server, OPEN)).toBeUndefined();
});

test('of a tenant it is told what of it lies open', () => {
	const alice = tenant('env: { TOKEN: hidden, MODE: fast }\nenvFile: secrets.env\n', 0o644);
	const file = write('alice/secrets.env', '', 0o644);
	expect(openBorder(alice, server, OPEN).others).toEqual([
		'further ports',
		'command lines',
		'tenant.yaml with TOKEN',
		file,
	]);
	chmodSync(alice.file, 0o600);
	chmodSync(file, 0o600);
	expect(openBorder(alice, server, HIDDEN)).toEqual({ others: ['further ports'], itself: [] });
});
