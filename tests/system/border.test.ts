import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { compiled } from '../launcher/native/house.ts';
import { House, type TenantFiles } from './house.ts';
import { visit } from './visitor.ts';

/* What crosses a tenant's border, tried with whole servers. The house's folder is closed, so that tenants of a root's are veiled. */
/** Moves the cursor, sets the title, deletes, turns the line round, and begins a line of its own. */
const HOSTILE = 'a\x1b[2J\x9b2J\x7f\u202e\u2028\rb\nc';

let house: House;
let programs: string;
beforeAll(async () => {
	programs = mkdtempSync(join(tmpdir(), 'innkeeper-programs-'));
	house = await House.start({
		tenants: {
			teller: {
				yaml: {
					id: 101,
					name: 'teller',
					hosts: ['teller.test'],
					command: ['/bin/sh', '-c', './notify READY=1 & exec node server.mjs'],
					readiness: 'notify',
				},
				files: {
					notify: { link: compiled(programs, 'notify') },
					'server.mjs': `
import { createServer } from 'node:http';
createServer((_, answer) => answer.end('told')).listen(process.env.PORT);
`,
				},
			},
			alice: writer('alice'),
			vault: {
				yaml: {
					id: 105,
					name: 'vault',
					hosts: ['vault.test'],
					command: ['node', 'server.mjs'],
					envFile: 'secrets.env',
				},
				files: {
					'server.mjs': `
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
function read() {
	try {
		return readFileSync('secrets.env', 'utf8');
	} catch ({ code }) {
		return code;
	}
}
createServer((_, answer) => answer.end(JSON.stringify([process.env.TOKEN, read()]))).listen(process.env.PORT);
`,
				},
			},
			hostile: {
				yaml: { id: 106, name: 'hostile', hosts: ['hostile.test'], command: [`./${HOSTILE}`] },
			},
			humble: privileged(103, 'humble', {}),
			gaining: privileged(104, 'gaining', { noNewPrivileges: false }),
		},
	});
});
afterAll(async () => {
	await house.discard();
	rmSync(programs, { recursive: true });
});

test('a tenant under a veil reaches its NOTIFY_SOCKET', async () => {
	expect((await visit(house, 'teller.test')).body).toBe('told');
});

test('exec(2) gains a tenant nothing, unless its file says so and the server is root', async () => {
	const asRoot = process.getuid?.() === 0;
	expect((await visit(house, 'humble.test')).body).toBe('1');
	expect((await visit(house, 'gaining.test')).body).toBe(asRoot ? '0' : '1');
});

/*
 * Attack: a server publishes the folder that it runs in, or its program is made to tell any file of it. Model: the secrets are in that
 * folder. Fix: `envFile`, which the launcher reads for it at every start.
 */
test('secrets come from a file that the tenant itself cannot read; one that is not there is told by its name', async () => {
	const file = join(house.folder, 'tenants', 'vault', 'secrets.env');
	const missing = await house.control({ verb: 'wake', tenant: 'vault' }).catch((error: Error) => error.message);
	expect(missing).toMatch(/could not be launched: its envFile is refused: .*secrets.env: there is no .*\(unreadable\)/);
	for (const token of ['first', 'second']) {
		writeFileSync(file, `# of the vault\nTOKEN="${token} secret"\n`);
		chmodSync(file, 0o600);
		await house.control({ verb: 'stop', tenant: 'vault' });
		const inFile = process.getuid?.() === 0 ? 'EACCES' : readFileSync(file, 'utf8');
		expect(JSON.parse((await visit(house, 'vault.test')).body)).toEqual([`${token} secret`, inFile]);
	}
});

/*
 * Attack: words of a tenant's or a visitor's act on the terminal at which somebody reads the server's lines. Model: the name of a program,
 * a visitor's target. Fix: the launcher escapes every line that it says.
 */
test("nobody's words act on the terminal of who reads the server's lines", async () => {
	const failed = (): boolean => house.output.includes('fail    hostile ');
	const raw = Buffer.from(`GET /a\x9b2J\u202e\u2028 HTTP/1.1\r\nHost: humble.test\r\nConnection: close\r\n\r\n`);
	await house.control({ verb: 'stop', tenant: 'humble' });
	const socket = connect(house.port, '127.0.0.1');
	socket.end(raw);
	await text(socket);
	await house.control({ verb: 'wake', tenant: 'hostile' }).catch(() => undefined);
	while (!failed()) await new Promise((resolve) => setTimeout(resolve, 20));
	expect(house.output).toMatch(/fail {4}hostile .*a\\x1b\[2J\\x9b2J\\x7f\\u\{202e\}\\u\{2028\}\\x0db\\x0ac/);
	expect(house.output).toMatch(/wake {4}humble .*humble\.test\/a/);
	expect(house.output).toMatch(/^[\n -~]+$/);
});

/*
 * Attack: none is needed. A customer leaves, his folder goes, the next one gets the id. Model: what is left of the former (a live
 * instance, data, logs) is handed on. Fix: another name is another tenant.
 */
test("who gets a removed tenant's id gets neither its instance nor its data nor its logs", async () => {
	expect(await visit(house, 'alice.test')).toMatchObject({ status: 200, body: 'alice: written by alice' });
	const tenants = join(house.folder, 'tenants');
	await house.tenant('.bob', writer('bob'));
	renameSync(join(tenants, 'alice'), join(tenants, '.gone'));
	renameSync(join(tenants, '.bob'), join(tenants, 'bob'));
	let answer = await visit(house, 'bob.test');
	while (answer.status === 404) answer = await visit(house, 'bob.test');
	expect(answer).toMatchObject({ status: 200, body: 'bob: written by bob' });
	expect((await visit(house, 'alice.test')).status).toBe(404);
	expect(house.output).toMatch(
		/bob has the id 102 that alice had; what alice left is set aside in .*\/aside\/102-alice-/,
	);
});

/** A tenant that tells what the kernel says of its no_new_privs (proc_pid_status(5)). */
function privileged(id: number, name: string, keys: Readonly<Record<string, unknown>>): TenantFiles {
	return {
		yaml: { id, name, hosts: [`${name}.test`], command: ['node', 'server.mjs'], ...keys },
		files: {
			'server.mjs': `
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const said = /NoNewPrivs:\\t(.)/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
createServer((_, answer) => answer.end(said)).listen(process.env.PORT);
`,
		},
	};
}

/** A tenant of id 102 that writes its name into its data folder unless something is written there, and tells it. */
function writer(name: string): TenantFiles {
	return {
		yaml: { id: 102, name, hosts: [`${name}.test`], command: ['node', 'server.mjs'] },
		files: {
			'server.mjs': `
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const file = process.env.DATA + '/file';
if (!existsSync(file)) writeFileSync(file, 'written by ${name}');
createServer((_, answer) => answer.end('${name}: ' + readFileSync(file))).listen(process.env.PORT);
`,
		},
	};
}
