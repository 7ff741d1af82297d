import { Front } from './front.ts';

let front: Front;
beforeEach(async () => {
	front = await Front.open();
});
afterEach(() => front.close());

test('the launcher is asked about an instance that says nothing on a new connection, once for all who wait', async () => {
	const tenant = await front.tenant(() => {});
	const visitors = [front.visitor(), front.visitor(), front.visitor()];
	for (const visitor of visitors) visitor.get();
	expect(await front.launcher.hears('silent')).toEqual({ type: 'silent', id: 101, instance: 1 });
	for (const connection of tenant.connections) connection.answer();
	for (const visitor of visitors) expect((await visitor.answer()).status).toBe(200);
	expect(front.launcher.heardOf('silent')).toHaveLength(1);
});

test('an instance that is slow on a connection which it has accepted before is asked nothing about', async () => {
	const tenant = await front.tenant(() => {});
	const visitor = front.visitor();
	visitor.get('/first');
	await tenant.connected(1);
	const [connection] = tenant.connections;
	await connection?.head();
	connection?.answer();
	await visitor.answer();
	visitor.get('/slow');
	await connection?.head();
	await new Promise((resolve) => setTimeout(resolve, 1200));
	connection?.answer();
	await visitor.answer();
	expect(front.launcher.heardOf('silent')).toEqual([]);
});

test('who was never heard by a deaf instance is for the next one, in the same queue; who was, goes on', async () => {
	const tenant = await front.tenant(() => {});
	const served = front.visitor();
	served.get('/stream');
	await tenant.connected(1);
	const [stream] = tenant.connections;
	await stream?.head();
	stream?.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n');
	await served.upTo('first');
	const queued = front.visitor();
	queued.get('/queued');
	await front.launcher.hears('silent');
	front.launcher.onAcquire = (message) => front.launcher.grant(message, 2);
	front.launcher.say({ type: 'deaf', id: 101, instance: 1 });
	await front.launcher.hears('acquire', 2);
	expect(front.launcher.heardOf('release')).toEqual([]);
	const next = tenant.connections[1];
	expect(await next?.head()).toMatch(/^GET \/queued /);
	next?.answer('next');
	expect((await queued.answer()).body).toBe('next');
	stream?.send('4\r\nlast\r\n0\r\n\r\n');
	await served.upTo('last');
	expect(await front.launcher.hears('release')).toMatchObject({ id: 101, instance: 1 });
});
