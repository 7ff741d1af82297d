import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Ended, innkeeper, packageFolder, withoutRoom } from './innkeeper.ts';

let base: string;

beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'innkeeper-check-'));
	write('innkeeper.yaml', 'tenants: ["./tenants"]\n');
	mkdirSync(join(base, 'tenants'));
});
afterEach(() => rmSync(base, { recursive: true }));

function write(path: string, text: string): void {
	mkdirSync(join(base, path, '..'), { recursive: true });
	writeFileSync(join(base, path), text);
}

/** Without what this machine has room for: that depends on the machine. */
async function check(): Promise<Ended> {
	const ended = await innkeeper(['check', '--config', join(base, 'innkeeper.yaml')]);
	return { ...ended, stdout: withoutRoom(ended.stdout) };
}

/** What is said of the house, whatever its files: who sees what until tenants are sandboxed, and how many there are. */
const ONE_IN_FORCE: unknown = expect.stringMatching(
	/^until tenants are sandboxed \(docs\/border\.md\): .*further ports .*\n1 tenant in force$/,
);

test('what is right has no line on stdout and exit status 0', async () => {
	write('tenants/a/tenant.yaml', 'id: 201\nname: a\nhosts: [a.localhost]\ncommand: [node, server.mjs]\n');
	expect(await check()).toEqual({ stdout: '', stderr: ONE_IN_FORCE, exitCode: 0 });
});

test('what a process may open is said where it is less than the config asks for, and is no fault', async () => {
	const command = `ulimit -n 256 && exec '${join(packageFolder, 'bin', 'innkeeper')}' check --config '${base}/innkeeper.yaml'`;
	const { stdout, exitCode } = await execa('sh', ['-c', command]);
	expect(stdout).toMatch(
		/sizes\.connections: each worker has room for \d+ visitors: .* 256 files here; .* \(few-files\)$/m,
	);
	expect(exitCode).toBe(0);
});

test('every fault of every file stands on a line of its own, by file, line, column and key', async () => {
	write('tenants/a/tenant.yaml', 'id: 201\nname: a\nhosts: [same.localhost]\ncommand: [node]\n');
	write('tenants/b/tenant.yaml', 'id: 201\nname: b\nhosts: [same.localhost]\ncommand: [node]\n');
	write('tenants/c/tenant.yaml', 'id: 7\nname: c\nport: many\ncommand: [node]\n');
	const { stdout, stderr, exitCode } = await check();
	const at = (path: string, rest: string): unknown =>
		expect.stringMatching(new RegExp(`^${base}/tenants/${path}/tenant\\.yaml:\\d+:\\d+: ${rest}`));
	expect(stdout.split('\n').sort()).toEqual([
		at('b', 'id: .* \\(duplicate-id\\)$'),
		at('b', 'hosts.* \\(duplicate-route\\)$'),
		at('c', 'id: .* \\(invalid\\)$'),
		at('c', 'port: .* \\(invalid\\)$'),
	]);
	expect({ stderr, exitCode }).toEqual({ stderr: ONE_IN_FORCE, exitCode: 1 });
});

test('a secret that can be read by whom it is not for is told, and is no fault; a wrong envFile is one', async () => {
	const file = 'tenants/a/tenant.yaml';
	write(file, 'id: 201\nname: a\ncommand: [node]\nenv: { TOKEN: hidden }\n');
	chmodSync(base, 0o755);
	for (const path of ['tenants', 'tenants/a']) chmodSync(join(base, path), 0o755);
	chmodSync(join(base, file), 0o644);
	const { stdout, exitCode } = await check();
	expect(stdout).toBe(
		`${base}/${file}:4:15: env.TOKEN: it looks like a secret, and every other tenant can read this file: put it into an envFile, or chmod 600 (exposed)`,
	);
	expect(exitCode).toBe(0);
	write(file, 'id: 201\nname: a\ncommand: [node]\nenvFile: secrets.env\n');
	expect(await check()).toMatchObject({
		stdout: `${base}/${file}:4:10: envFile: there is no ${base}/tenants/a/secrets.env (unreadable)`,
		exitCode: 1,
	});
});

test('a name that could act on a terminal stands escaped', async () => {
	write('tenants/a\x1b[2J\u202e/tenant.yaml', 'id: 7\n');
	const { stdout } = await check();
	expect(stdout).toMatch(/^[\n -~]+$/);
	expect(stdout).toContain(`${base}/tenants/a\\x1b[2J\\u{202e}/tenant.yaml:1:5: id:`);
});

test('an address at which the server itself listens is no tenant’s', async () => {
	write('innkeeper.yaml', 'tenants: [./tenants]\nlisten: { http: ["127.0.5.9:8080"] }\n');
	write('tenants/a/tenant.yaml', 'id: 201\nname: a\naddresses: [127.0.5.9:8080/http]\ncommand: [node]\n');
	expect(await check()).toMatchObject({
		stdout: expect.stringMatching(
			/a\/tenant\.yaml:3:13: addresses\[0\]: .* taken by listen\.http of the config \(duplicate-route\)$/,
		),
		exitCode: 1,
	});
});

test('a notice has a line but leaves the exit status 0', async () => {
	write('tenants/a/tenant.yaml', 'id: 201\nname: a\ncommand: [node]\nidle: { freeze: 10s }\n');
	expect(await check()).toMatchObject({
		stdout: expect.stringMatching(/^\S+:4:\d+: idle\.freeze: not built yet.*\(not-built-yet\)$/),
		exitCode: 0,
	});
});

test('a config that is wrong or absent is told on stdout as any fault, with exit status 1', async () => {
	write('innkeeper.yaml', 'workers: x\nrum: 1\n');
	const { stdout, exitCode } = await check();
	expect(stdout.split('\n')).toHaveLength(2);
	expect(exitCode).toBe(1);
	rmSync(join(base, 'innkeeper.yaml'));
	expect(await check()).toMatchObject({ stdout: expect.stringMatching(/\(unreadable\)$/), exitCode: 1 });
});
