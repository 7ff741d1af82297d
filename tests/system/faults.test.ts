import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { TenantExplanation, TenantStatus } from '../../launcher/protocol/control.ts';
import { House } from './house.ts';
import { longEnough } from './nodestart.ts';

/** The commonest faults of a new tenant, each with what `wake` is to say of it; `late` ones end by their start.timeout. */
const program = (text: string): Record<string, string> => ({ 'server.mjs': text });
const faults: Record<string, { late?: true; keys: object; files?: Record<string, string>; says: RegExp }> = {
	port: {
		late: true,
		keys: {},
		files: program("import { createServer } from 'node:http'; createServer().listen(9091, '127.0.0.1');"),
		says: /^port was not ready within \S+: it listens on 9091, not on 8080: .*`port: 9091`/,
	},
	silent: {
		late: true,
		keys: {},
		files: program('setInterval(() => {}, 1000);'),
		says: /^silent was not ready within \S+: it does not listen on 8080, its PORT/,
	},
	words: {
		keys: {},
		files: program("console.error('cannot open \\u001b[31mthe database'); process.exit(3);"),
		says: /^words ended with status 3 before it was ready;.*\nits last words:\n {2}cannot open \\x1b\[31mthe database$/,
	},
	missing: {
		keys: { command: ['no-such-server'] },
		says: /there is no program no-such-server in \/.*:\/usr\/sbin:\/sbin: /,
	},
	relative: {
		keys: { command: ['./server'] },
		says: /\.\/server is no program that can be executed, seen from \/.*chmod \+x/,
	},
	folder: { keys: { cwd: './nowhere' }, says: /its folder \/.*nowhere \(cwd\) cannot be entered: ENOENT/ },
	user: { keys: { user: 'nobody-of-that-name' }, says: /no user nobody-of-that-name on this machine/ },
	script: {
		keys: { command: ['sh', '-c', 'exec ./script'] },
		files: { script: '#!/no/such/interpreter\n' },
		says: /^script ended with status 12[67] before it was ready/,
	},
	closed: {
		keys: {},
		files: program('never read'),
		says: /^closed ended with status 1 before it was ready: cannot read server\.mjs as user \d+: chmod [uo]\+r '\/.*server\.mjs'; see/,
	},
	config: {
		keys: { command: ['sh', '-c', 'cat config/secret.txt; exit 2'] },
		files: { 'config/secret.txt': 'never read' },
		says: /^config ended with status 2 before it was ready: cannot read secret\.txt as user \d+: chmod [uo]\+r/,
	},
	nameless: {
		keys: { command: ['sh', '-c', 'echo "whoami: cannot find name for user ID 4711" >&2; exit 1'] },
		says:
			process.getuid?.() === 0 ? /has no name on this machine, and it asks for one: .*user.*tenant-\d+:x:\d+/ : /ended/,
	},
	down: {
		keys: { keep: 'down' },
		says: /^down is kept down: its file says so \(keep: down, \/.*down\/tenant\.yaml\)$/,
	},
};

let house: House;
beforeAll(async () => {
	const start = { timeout: await longEnough() };
	const tenants = Object.entries(faults).map(([name, { late, keys, files = {} }], index) => [
		name,
		{
			yaml: {
				id: 101 + index,
				name,
				hosts: [`${name}.test`],
				command: ['node', 'server.mjs'],
				...(late && { start }),
				...keys,
			},
			files,
		},
	]);
	house = await House.start({ tenants: Object.fromEntries(tenants) });
	for (const file of ['closed/server.mjs', 'config/config/secret.txt'])
		chmodSync(join(house.folder, 'tenants', file), 0);
});
afterAll(() => house.discard());

test.each(Object.entries(faults))('%s: wake names the cause', async (name, { says }) => {
	await expect(house.control({ verb: 'wake', tenant: name })).rejects.toThrow(says);
});

test('explain tells it afterwards, with the last words', async () => {
	const { because, lastWords } = (await house.control({ verb: 'explain', tenant: 'words' })) as TenantExplanation;
	expect(because).toContain('The last instance ended with status 3 before it was ready.');
	expect(lastWords).toEqual(['cannot open \u001b[31mthe database']);
});

test('what was mended is named no more', async () => {
	const told = async (): Promise<string | null> =>
		((await house.control({ verb: 'status', tenant: 'closed' })) as TenantStatus).lastFailure;
	expect(await told()).toContain('cannot read server.mjs');
	chmodSync(join(house.folder, 'tenants', 'closed', 'server.mjs'), 0o644);
	expect(await told()).toBe('ended with status 1 before it was ready');
});

test('what wakes well is no failure any more', async () => {
	await house.tenant('silent', {
		yaml: { id: 102, name: 'silent', hosts: ['silent.test'], command: ['node', 'server.mjs'] },
		files: program(
			"import { createServer } from 'node:http'; createServer((_, r) => r.end()).listen(process.env.PORT);",
		),
	});
	await house.control({ verb: 'reload' });
	await house.control({ verb: 'wake', tenant: 'silent' });
	expect(await house.control({ verb: 'status', tenant: 'silent' })).toMatchObject({
		state: 'ready',
		lastFailure: null,
	});
});
