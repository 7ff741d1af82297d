import { House } from './house.ts';
import { hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

/** More than any bound that nobody asked for. */
const VISITORS = 3000;

let house: House;
beforeAll(async () => {
	house = await House.start({
		config: { timeouts: { linger: '20ms' } },
		tenants: { hello: hello(101, 'hello', { idle: { stop: 'off' } }) },
	});
	await visit(house, 'hello.test');
});
afterAll(() => house.discard());

test('of three thousand who come at once to a ready tenant none is refused, while a lease is held', async () => {
	const holder = visit(house, 'hello.test', '/slow');
	while ((await house.row('hello')).leases === 0) await new Promise((resolve) => setTimeout(resolve, 5));
	expect(await burst()).toEqual({ 200: VISITORS });
	expect((await holder).status).toBe(200);
});

test('nor while no lease is held', async () => {
	while ((await house.row('hello')).leases > 0) await new Promise((resolve) => setTimeout(resolve, 20));
	expect(await burst()).toEqual({ 200: VISITORS });
	expect((await house.row('hello')).wakes).toBe(1);
});

/** How often each status, or error, was met. */
async function burst(): Promise<Record<string, number>> {
	const met: Record<string, number> = {};
	await Promise.all(
		Array.from({ length: VISITORS }, async () => {
			const outcome = await visit(house, 'hello.test').then(
				({ status }) => `${status}`,
				(error: Error) => error.message,
			);
			met[outcome] = (met[outcome] ?? 0) + 1;
		}),
	);
	return met;
}
