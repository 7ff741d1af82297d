import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { House } from './house.ts';
import { hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

let house: House;
let file: string;
let good: string;
beforeAll(async () => {
	house = await House.start({ tenants: { one: hello(101, 'one'), two: hello(102, 'two') } });
	file = join(house.folder, 'innkeeper.yaml');
	good = readFileSync(file, 'utf8');
});
afterEach(() => writeFileSync(file, good));
afterAll(() => house.discard());

async function untilPrinted(text: string): Promise<void> {
	while (!house.output.includes(text)) await new Promise((resolve) => setTimeout(resolve, 20));
}

function configure(keys: Readonly<Record<string, unknown>>): void {
	writeFileSync(file, JSON.stringify({ ...(JSON.parse(good) as object), ...keys }));
}

test.each([
	['broken by a typo', () => writeFileSync(file, 'lisen: {}\n')],
	['no YAML at all', () => writeFileSync(file, '{ "listen": ')],
	['gone', () => renameSync(file, `${file}.away`)],
])(
	'a config that is %s does not end the house with its launcher: it runs on with the one that it had',
	async (_, spoil) => {
		expect((await visit(house, 'one.test')).status).toBe(200);
		const { pids } = await house.row('one');
		spoil();
		await house.relaunch();
		expect(house.output).toMatch(/innkeeper\.yaml:/);
		await untilPrinted('is refused; the house runs on with the config that it has had');
		expect((await visit(house, 'one.test')).status).toBe(200);
		expect((await house.row('one')).pids).toEqual(pids);
		expect((await visit(house, 'two.test')).status).toBe(200);
		await house.control({ verb: 'stop', tenant: 'two' });
		await expect(house.control({ verb: 'reload' })).rejects.toThrow(/one fault/);
		writeFileSync(file, good);
		await house.control({ verb: 'reload' });
	},
);

test('what was taken in by a reload holds, too, when the next launcher finds the file broken', async () => {
	configure({ health: '/healthy' });
	await house.control({ verb: 'reload' });
	expect((await visit(house, 'none.test', '/healthy')).status).toBe(200);
	writeFileSync(file, 'lisen: {}\n');
	await house.relaunch();
	expect((await visit(house, 'none.test', '/healthy')).status).toBe(200);
	expect((await visit(house, 'none.test', '/.innkeeper/health')).status).toBe(404);
});

test('what only a new start takes in is not taken in by a launcher that is started again', async () => {
	expect((await visit(house, 'one.test')).status).toBe(200);
	configure({ run: './elsewhere', state: './other', workers: 2, health: '/well' });
	await house.relaunch();
	for (const key of ['run', 'state', 'workers'])
		await untilPrinted(`${file}: ${key}: changed, but taken in by a new start only`);
	expect((await visit(house, 'one.test')).status).toBe(200);
	expect((await visit(house, 'two.test')).status).toBe(200);
	expect((await visit(house, 'none.test', '/well')).status).toBe(200);
	await house.stop();
	await house.serve();
});
