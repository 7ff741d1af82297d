import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../../cli/control.ts';
import type { TenantStatus } from '../../launcher/protocol/control.ts';
import { House } from './house.ts';
import { hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

/** Lines of about a KiB, so that files are full soon. */
const LONG = 'x'.repeat(900);

let house: House;
let log: string;
beforeAll(async () => {
	house = await House.start({
		tenants: { one: hello(101, 'one') },
		config: { workers: 2, accessLog: { file: './access.log', format: 'json', size: 'off' } },
	});
	log = join(house.folder, 'access.log');
});
afterAll(() => house.discard());

async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Visits from several sides at once, each with a number of its own in the target, until told to stop; resolves with how many there were. */
function traffic(mark: string): { stop: () => Promise<number> } {
	let going = true;
	let visits = 0;
	const runs = Array.from({ length: 6 }, async () => {
		while (going) expect((await visit(house, 'one.test', `/${mark}-${visits++}-${LONG}`)).status).toBe(200);
	});
	return {
		stop: async () => {
			going = false;
			await Promise.all(runs);
			return visits;
		},
	};
}

/** The numbers with that mark in all files of the log; every line must be whole. */
function numbers(mark: string): number[] {
	const names = readdirSync(house.folder).filter((name) => name.startsWith('access.log'));
	const lines = names.flatMap((name) => readFileSync(join(house.folder, name), 'utf8').split('\n').slice(0, -1));
	const targets = lines.map((line) => (JSON.parse(line) as { target: string }).target.split('-'));
	return targets.filter(([name]) => name === `/${mark}`).map(([, number]) => Number(number));
}

/** Every one of so many stands there, and stands there once. */
async function expectEach(mark: string, visits: number): Promise<void> {
	await until(() => numbers(mark).length >= visits);
	expect(numbers(mark).sort((a, b) => a - b)).toEqual(Array.from({ length: visits }, (_, index) => index));
}

function configure(keys: Readonly<Record<string, unknown>>): void {
	const file = join(house.folder, 'innkeeper.yaml');
	const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
	writeFileSync(file, JSON.stringify({ ...config, ...keys }));
}

test('moved and SIGHUP, as logrotate does it, under load: no line is lost, doubled or torn', async () => {
	const { stop } = traffic('hup');
	for (let round = 1; round <= 4; round++) {
		await until(() => statSync(log, { throwIfNoEntry: false })?.size !== undefined && statSync(log).size > 10_000);
		renameSync(log, `${log}-${round}`);
		process.kill(house.pid, 'SIGHUP');
	}
	await until(() => statSync(log, { throwIfNoEntry: false })?.size !== undefined && statSync(log).size > 0);
	await expectEach('hup', await stop());
});

test('a reload takes in size and files: a full file makes way, with whole lines, and the oldest ends', async () => {
	configure({ accessLog: { file: './access.log', format: 'json', size: '64K', files: 90 } });
	await house.control({ verb: 'reload' });
	const { stop } = traffic('size');
	await until(() => readdirSync(house.folder).includes('access.log.3'));
	await expectEach('size', await stop());
	for (const number of [1, 2, 3]) expect(statSync(`${log}.${number}`).size).toBeLessThanOrEqual(65_536);
	configure({ accessLog: { file: './access.log', format: 'json', size: '64K', files: 2 } });
	await house.control({ verb: 'reload' });
	const second = traffic('two');
	const before = statSync(`${log}.2`).ino;
	const newest = statSync(log).ino;
	await until(() => statSync(`${log}.1`).ino === newest);
	await second.stop();
	expect(statSync(`${log}.2`).ino).toBe(before);
});

test('a visitor’s long target is whole in the access log, and cut, with a sign, where operators are told who woke a tenant', async () => {
	await house.control({ verb: 'stop', tenant: 'one' });
	const target = `/${'y'.repeat(7000)}-0-`;
	expect((await visit(house, 'one.test', target)).status).toBe(200);
	await until(() => /wake {4}one .*\(GET one\.test\/y{100,400}…\)$/m.test(house.output));
	const { lastWake } = (await house.control({ verb: 'status', tenant: 'one' })) as TenantStatus;
	expect(lastWake?.by).toMatch(/\(GET one\.test\/y{100,400}…\)$/);
	await until(() => numbers('y'.repeat(7000)).length === 1);
});

test('what a reload does not take in is named, in its answer and in the log, and what was stays', async () => {
	configure({ workers: 3, accessLog: { file: '/proc/no/such', format: 'json' } });
	const said: string[] = [];
	const reload = ask(
		join(house.folder, 'run', 'control.sock'),
		{ verb: 'reload' },
		{ progress: (text) => said.push(text), data: (text) => said.push(text) },
	).catch((error: Error) => said.push(error.message));
	await reload;
	await until(() => house.output.includes('reloaded what is good'));
	for (const text of [said.join('\n'), house.output]) {
		expect(text).toMatch(/innkeeper\.yaml: workers: changed, but taken in by a new start only/);
		expect(text).toMatch(/innkeeper\.yaml: accessLog: the access log \/proc\/no\/such cannot be written: ENOENT/);
	}
	const { stop } = traffic('stays');
	await until(() => numbers('stays').length > 3);
	await stop();
});

test('a change that is taken in is one line with date and offset, many are counted', async () => {
	await house.tenant('two', hello(102, 'two'));
	await until(() =>
		/^\d{4}-\d\d-\d\dT[\d:]{8}[+-]\d\d:\d\d {2}add {5}two +id 102, .*tenant\.yaml$/m.test(house.output),
	);
	await house.tenant('two', hello(102, 'two', { hosts: ['zwei.test'] }));
	await until(() => /change {2}two +hosts$/m.test(house.output));
	const names = Array.from({ length: 12 }, (_, index) => `many${index}`);
	await Promise.all(names.map((name, index) => house.tenant(name, hello(200 + index, name))));
	await until(() => {
		const counted = [...house.output.matchAll(/(\d+) tenants added$/gm)].map(([, count]) => Number(count));
		const told = house.output.match(/add {5}many/g)?.length ?? 0;
		return counted.reduce((sum, count) => sum + count, told) === 12;
	});
});
