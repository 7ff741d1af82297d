import { createServer } from 'node:net';
import { systemClock } from '../../proxy/clock.ts';
import { Router } from '../../proxy/router.ts';
import { Front, polite, RawVisitor } from './front.ts';

let front: Front;
afterEach(() => front.close());

test('an unknown host gets 404, and the launcher is not asked again for a while', async () => {
	front = await Front.open();
	const visitor = front.visitor();
	for (let i = 0; i < 3; i++) {
		visitor.send('GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n');
		expect(await visitor.answer()).toMatchObject({ status: 404 });
	}
	expect(front.launcher.heardOf('resolve')).toHaveLength(1);
});

test('hosts are asked for in lower case and without their port', async () => {
	front = await Front.open();
	await front.tenant(polite);
	const visitor = front.visitor();
	visitor.send('GET / HTTP/1.1\r\nHost: HELLO.test:8080\r\n\r\n');
	expect(await visitor.answer()).toMatchObject({ status: 200 });
	expect(await front.launcher.hears('resolve')).toMatchObject({ key: 'host:hello.test' });
});

test.each([[['host:hello.test']], [['*']]])('what the launcher takes back (%j) is asked for anew', async (keys) => {
	front = await Front.open();
	await front.tenant(polite);
	const visitor = front.visitor();
	visitor.get();
	expect(await visitor.answer()).toMatchObject({ status: 200 });
	front.launcher.tenants.clear();
	front.launcher.say({ type: 'forget', keys });
	front.launcher.say({ type: 'count', seq: 1 });
	await front.launcher.hears('counted');
	visitor.get();
	expect(await visitor.answer()).toMatchObject({ status: 404 });
	front.know(1, { hosts: [] });
});

test('a tenant’s own address is its tenant’s whatever the Host', async () => {
	front = await Front.open();
	const tenant = await front.tenant(polite, { hosts: [] });
	const listener = createServer();
	await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
	const { port } = listener.address() as { port: number };
	front.know(tenant.port, { hosts: ['unused.test'] });
	const view = front.launcher.tenants.get('host:unused.test');
	if (view !== undefined) front.launcher.tenants.set(`address:127.0.0.1:${port}`, view);
	front.edge.listen({ name: 'edge/http/own', id: 101, address: '127.0.0.1', port }, listener);
	const visitor = new RawVisitor(port);
	visitor.send('GET / HTTP/1.1\r\nHost: anything.test\r\n\r\n');
	expect(await visitor.answer()).toMatchObject({ status: 200 });
	visitor.send('GET / HTTP/1.0\r\n\r\n');
	expect(await visitor.answer()).toMatchObject({ status: 200 });
	front.edge.close('edge/http/own');
	visitor.socket.destroy();
});

test('the health path is answered by the edge on any host, known or not', async () => {
	front = await Front.open();
	const visitor = front.visitor();
	visitor.send('GET /.innkeeper/health HTTP/1.1\r\nHost: nobody.test\r\n\r\n');
	expect(await visitor.answer()).toMatchObject({ status: 200, body: 'ok\n' });
	expect(front.launcher.heardOf('resolve')).toHaveLength(0);
});

test('visitors of one tenant’s several hosts share its lease', async () => {
	front = await Front.open();
	const tenant = await front.tenant(polite, { hosts: ['hello.test', 'www.hello.test'] });
	const visitor = front.visitor();
	visitor.get();
	await visitor.answer();
	visitor.send('GET / HTTP/1.1\r\nHost: www.hello.test\r\n\r\n');
	expect(await visitor.answer()).toMatchObject({ status: 200 });
	expect(front.launcher.heardOf('acquire')).toHaveLength(1);
	expect(tenant.connections).toHaveLength(1);
});

test('a launcher that says nothing is not asked for hosts without end', async () => {
	front = await Front.open();
	const router = new Router(
		systemClock,
		() => {},
		() => {},
	);
	const asker = { routed: () => {} };
	let asked = 0;
	while (asked < 100_000 && router.ask(`host:${asked}.test`, asker)) asked++;
	expect(asked).toBeLessThanOrEqual(10_000);
	expect(router.ask('host:0.test', asker)).toBe(true);
});
