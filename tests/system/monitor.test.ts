import { House } from './house.ts';
import { crashing, hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

const STATE = '/.innkeeper/health?tenant';

let house: House;
beforeAll(async () => {
	house = await House.start({
		config: { timeouts: { linger: '10ms' } },
		tenants: {
			hello: hello(101, 'hello', { idle: { stop: '300ms' } }),
			crash: crashing(102, 'crash'),
		},
	});
});
afterAll(() => house.discard());

test('a monitor tells asleep from awake and from broken, and neither wakes a tenant nor keeps it awake', async () => {
	const asleep = await visit(house, 'hello.test', STATE);
	expect(asleep.status).toBe(200);
	const { name, state, since } = JSON.parse(asleep.body) as Record<string, string>;
	expect({ name, state }).toEqual({ name: 'hello', state: 'stopped' });
	expect(new Date(since ?? '').toISOString()).toBe(since);
	expect(await house.row('hello')).toMatchObject({ state: 'stopped', wakes: 0, since });
	expect((await visit(house, 'hello.test')).status).toBe(200);
	expect(JSON.parse((await visit(house, 'hello.test', STATE)).body)).toMatchObject({ state: 'ready' });
	// Asked all the time, it falls asleep all the same.
	while (JSON.parse((await visit(house, 'hello.test', STATE)).body).state !== 'stopped');
	expect(await house.row('hello')).toMatchObject({ state: 'stopped', wakes: 1 });
	expect((await visit(house, 'crash.test')).status).toBe(503);
	const broken = await visit(house, 'crash.test', STATE);
	expect(broken.status).toBe(503);
	expect(JSON.parse(broken.body)).toMatchObject({ name: 'crash', state: 'failed' });
});
