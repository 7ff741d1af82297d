import { Front, polite } from './front.ts';

let front: Front;
afterEach(() => front.close());

const STATE = '/.innkeeper/health?tenant';

test('a monitor hears how the tenant of the host is, and nobody is woken', async () => {
	front = await Front.open();
	const tenant = await front.tenant(polite);
	const monitor = front.visitor();
	monitor.get(STATE);
	const { status, head, body } = await monitor.answer();
	expect(status).toBe(200);
	expect(head).toMatch(/\r\nContent-Type: application\/json\r\n/);
	expect(JSON.parse(body)).toEqual({ name: 'hello', state: 'stopped', since: '2026-11-30T00:00:00.000Z' });
	expect(front.launcher.heardOf('acquire')).toEqual([]);
	expect(tenant.connections).toEqual([]);
	monitor.get('/');
	expect(await monitor.answer()).toMatchObject({ status: 200, body: 'hello' });
});

test.each([
	['stopped', 200],
	['starting', 200],
	['ready', 200],
	['failing', 503],
	['failed', 503],
])('a tenant that is %s is told with status %d', async (state, status) => {
	front = await Front.open();
	front.launcher.onState = ({ seq }) =>
		front.launcher.say({ type: 'stated', seq, tenant: { name: 'hello', state, since: '' } });
	await front.tenant(polite);
	const monitor = front.visitor();
	monitor.get(STATE);
	const answer = await monitor.answer();
	expect(answer.status).toBe(status);
	expect(JSON.parse(answer.body)).toMatchObject({ state });
});

test('how the next tenant of the id is, is nothing for who asks for the former', async () => {
	front = await Front.open();
	front.launcher.onState = ({ seq }) =>
		front.launcher.say({ type: 'stated', seq, tenant: { name: 'other', state: 'ready', since: '' } });
	await front.tenant(polite);
	const monitor = front.visitor();
	monitor.get(STATE);
	const { status, body } = await monitor.answer();
	expect(status).toBe(404);
	expect(body).not.toContain('other');
});

test('anybody else hears that the edge lives, and the launcher is asked nothing', async () => {
	front = await Front.open({ healthFrom: ['192.0.2.0/24'] });
	await front.tenant(polite);
	const visitor = front.visitor();
	visitor.get(STATE);
	expect(await visitor.answer()).toMatchObject({ status: 200, body: 'ok\n' });
	expect(front.launcher.heardOf('state')).toEqual([]);
});

test('who asks is whom a trusted proxy names, and nobody else’s word counts', async () => {
	front = await Front.open({ healthFrom: ['192.0.2.0/24'], trustedProxies: ['127.0.0.0/8'] });
	await front.tenant(polite);
	const visitor = front.visitor();
	visitor.get(STATE, 'X-Forwarded-For: 192.0.2.7\r\n');
	expect(JSON.parse((await visitor.answer()).body)).toMatchObject({ state: 'stopped' });
	visitor.get(STATE, 'X-Forwarded-For: 198.51.100.7\r\n');
	expect(await visitor.answer()).toMatchObject({ body: 'ok\n' });
});

test('the host of nobody is nobody’s: 404; and other queries are the tenant’s', async () => {
	front = await Front.open();
	await front.tenant(polite);
	const monitor = front.visitor();
	monitor.send(`GET ${STATE} HTTP/1.1\r\nHost: nobody.test\r\n\r\n`);
	expect(await monitor.answer()).toMatchObject({ status: 404 });
	monitor.get('/.innkeeper/health?tenants');
	expect(await monitor.answer()).toMatchObject({ status: 200, body: 'hello' });
	monitor.get('/.innkeeper/healthy');
	expect(await monitor.answer()).toMatchObject({ status: 200, body: 'hello' });
});

test('a monitor that leaves before the launcher has spoken leaves nothing behind', async () => {
	front = await Front.open();
	front.launcher.onState = () => {};
	await front.tenant(polite);
	const gone = front.visitor();
	gone.get(STATE);
	const { seq } = await front.launcher.hears('state');
	gone.socket.resetAndDestroy();
	expect(await front.logs()).toMatchObject({ error: 'visitor-gone' });
	front.launcher.say({ type: 'stated', seq, tenant: { name: 'hello', state: 'ready', since: '' } });
	const other = front.visitor();
	other.get('/');
	expect(await other.answer()).toMatchObject({ body: 'hello' });
});

test('a launcher that dies is asked again by its successor', async () => {
	front = await Front.open();
	const answer = front.launcher.onState;
	front.launcher.onState = () => {};
	await front.tenant(polite);
	const monitor = front.visitor();
	monitor.get(STATE);
	await front.launcher.hears('state');
	await front.launcher.die();
	front.launcher.onState = answer;
	await front.launcher.start();
	expect(JSON.parse((await monitor.answer()).body)).toMatchObject({ state: 'stopped' });
});
