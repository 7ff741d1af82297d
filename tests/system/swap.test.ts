import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { House, type TenantFiles } from './house.ts';
import { type Reply, visit } from './visitor.ts';

/*
 * Attack: none is needed. An id changes its tenant while visitors wait for the former, or while no launcher hears of it. Model: who
 * waits, a lease that is held, or an instance that lives, goes by the id alone, and a visitor of the one is answered by the other. Fix:
 * whoever asks for an id says for whom. Nobody gets another's answers, and nobody hangs.
 */
let house: House;
beforeEach(async () => {
	house = await House.start({ tenants: { alice: teller('alice'), bob: { yaml: 'none' } } });
	renameSync(join(house.folder, 'tenants', 'bob'), join(house.folder, 'tenants', '.bob'));
	await house.tenant('.bob', teller('bob'));
});
afterEach(() => house.discard());

/** Tells its name; it listens once a file `go` is in its folder, so that visitors wait until then. */
function teller(name: string): TenantFiles {
	return {
		yaml: { id: 101, name, hosts: [`${name}.test`], command: ['node', 'server.mjs'], stop: { grace: '500ms' } },
		files: {
			'server.mjs': `
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
const server = createServer((_, answer) => answer.end('${name}'));
const look = () => existsSync('go') ? server.listen(process.env.PORT) : setTimeout(look, 20);
look();
`,
			...(name === 'bob' ? { go: '' } : {}),
		},
	};
}

/** The id is bob's from now on. */
function swap(): void {
	const tenants = join(house.folder, 'tenants');
	renameSync(join(tenants, 'alice'), join(tenants, '.alice'));
	renameSync(join(tenants, '.bob'), join(tenants, 'bob'));
}

function launcher(): number {
	const found = house
		.processes()
		.find(({ command }) => !command.includes('launcher=') && command.includes('launcher/main.ts'));
	if (found === undefined) throw new Error('there is no launcher');
	return found.pid;
}

function visitors(name: string): Promise<Reply>[] {
	return Array.from({ length: 5 }, () => visit(house, `${name}.test`));
}

/** Resolves once bob's visitors are answered; all who are answered before that are answered by whom they asked. */
async function settled(): Promise<void> {
	for (;;) {
		const [alice, bob] = await Promise.all([visit(house, 'alice.test'), visit(house, 'bob.test')]);
		expect(alice.body).not.toBe('bob');
		expect(bob.body).not.toBe('alice');
		if (bob.body === 'bob' && alice.status === 404) return;
		await delay(20);
	}
}

async function answeredByNoOther(waiting: readonly Promise<Reply>[], other: string): Promise<void> {
	for (const { status, body } of await Promise.all(waiting)) {
		expect(body).not.toBe(other);
		expect([200, 404, 502, 503]).toContain(status);
	}
}

test('who waits for a tenant is not answered by the next one of its id', async () => {
	const waiting = visitors('alice');
	while ((await house.row('alice')).state !== 'starting') await delay(10);
	swap();
	const asking = visitors('bob');
	await answeredByNoOther(waiting, 'bob');
	await answeredByNoOther(asking, 'alice');
	await settled();
});

test('nor where no launcher was there when the id became the next one’s', async () => {
	const waiting = visitors('alice');
	while ((await house.row('alice')).state !== 'starting') await delay(10);
	const pid = launcher();
	process.kill(pid, 'SIGSTOP');
	swap();
	const asking = visitors('bob');
	process.kill(pid, 'SIGKILL');
	await answeredByNoOther(waiting, 'bob');
	await answeredByNoOther(asking, 'alice');
	await settled();
});

test('nor who has the former one’s instance awake when the launcher is away', async () => {
	await house.tenant('alice', { ...teller('alice'), files: { ...teller('alice').files, go: '' } });
	expect((await visit(house, 'alice.test')).body).toBe('alice');
	const pid = launcher();
	process.kill(pid, 'SIGSTOP');
	swap();
	const asking = [...visitors('bob')];
	const warm = visitors('alice');
	process.kill(pid, 'SIGKILL');
	await answeredByNoOther(warm, 'bob');
	await answeredByNoOther(asking, 'alice');
	await settled();
	expect(existsSync(join(house.folder, 'state', 'aside'))).toBe(true);
});
