import { House } from './house.ts';
import { type Hello, hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

// Of an ordinary user both are on the host's loopback, with the same ids and the same port of the program.
test('two houses on one machine serve tenants of the same id and port at the same time', async () => {
	const houses: House[] = [];
	try {
		for (const name of ['first', 'second']) houses.push(await House.start({ tenants: { [name]: hello(101, name) } }));
		const births = new Set<string>();
		for (const name of ['first', 'second', 'first']) {
			const house = houses[name === 'first' ? 0 : 1] as House;
			const reply = await visit(house, `${name}.test`);
			expect(reply.status).toBe(200);
			births.add((JSON.parse(reply.body) as Hello).birth);
		}
		expect(births.size).toBe(2);
	} finally {
		for (const house of houses) await house.discard();
	}
});
