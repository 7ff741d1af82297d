import { Front, polite } from './front.ts';

let front: Front;
afterEach(() => front.close());

test('a visitor wakes the tenant once and is answered; the next ones go by the same lease and connection', async () => {
	front = await Front.open();
	const tenant = await front.tenant(polite);
	const visitor = front.visitor();
	visitor.get('/a');
	expect(await visitor.answer()).toMatchObject({ status: 200, body: 'hello' });
	visitor.get('/b');
	expect(await visitor.answer()).toMatchObject({ status: 200, body: 'hello' });
	expect(front.launcher.heardOf('acquire')).toHaveLength(1);
	expect(front.launcher.heardOf('resolve')).toHaveLength(1);
	expect(tenant.connections).toHaveLength(1);
	expect(await front.logs(2)).toMatchObject({
		method: 'GET',
		target: '/b',
		status: 200,
		bytes: 5,
		tenant: 'hello',
		wake: 'none',
	});
	expect(front.log[0]).toMatchObject({ wake: 'start' });
});
